// What paths become: by their bytes, by templates, and by what was learned.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "rules/program/path_learner.h"
#include "rules/program/path_template.h"

namespace tailmeter {
namespace {

const std::string kHex64(64, 'e');

TEST_CASE("a segment's bytes tell what it is", "[path]") {
  struct Example {
    std::string segment;
    std::string_view is;
  };
  const auto [segment, is] = GENERATE(values<Example>({
      {"", ""},
      {"users", ""},
      {"v2", ""},
      {"v", ""},
      {"a.b-c_d~e%20f;g=h,i@j", ""},
      {"-", ""},
      {"..", ""},
      {"....", ""},
      {"0", "{number}"},
      {"20240501", "{number}"},
      {std::string(100, '7'), "{number}"},
      {"-1", ""},
      {"1e5", ""},
      {"1,000", ""},
      {"2024-05-01", "{date}"},
      {"2024-12-31", "{date}"},
      {"2024-13-01", ""},
      {"2024-00-01", ""},
      {"2024-05-32", ""},
      {"2024-05-00", ""},
      {"2024-5-1", ""},
      {"2024-05", ""},
      {"123e4567-e89b-12d3-a456-426614174000", "{uuid}"},
      {"123E4567-E89B-12D3-A456-426614174000", "{uuid}"},
      {"123e4567-e89b-12d3-a456-42661417400", ""},
      {"123e4567-e89b-12d3-a456-4266141740000", ""},
      {"123g4567-e89b-12d3-a456-426614174000", ""},
      {"cafe1234", "{digest}"},
      {"CAFE1234", "{digest}"},
      {"cafe123", ""},
      {"deadbeef", ""},
      {"cafe123g", ""},
      {"1" + kHex64, "{digest}"},
      {kHex64, ""},
      {"sha256:" + kHex64, "{digest}"},
      {"sha512:1f", "{digest}"},
      {"md5:D41D8CD98F00B204", "{digest}"},
      {"multihash+base58-1:abcdef01", "{digest}"},
      {"crc32:12345678", "{digest}"},
      {"crc32:1234567", ""},
      {"sha256:", ""},
      {"sha256:xyz", ""},
      {"localhost:8080", ""},
      {"localhost1:8080", ""},
      {"10:12345678", ""},
      {"a,1:12345678", ""},
      {"v1.2.3", "{version}"},
      {"1.2.3-rc1", "{version}"},
      {"1.2", "{version}"},
      {"v1.41", "{version}"},
      {"10.0.0.1", "{version}"},
      {"1.0.0-rc.1+build.5", "{version}"},
      {"1.36.1-2_amd64.deb", "{version}"},
      {"1.0~beta2", "{version}"},
      {"1.2.", ""},
      {"1..2", ""},
      {".1.2", ""},
      {"1.2-", ""},
      {"1.2.x", ""},
      {"1.2.tar.gz", ""},
      {"vv1.2", ""},
      {"app-1.2.3", ""},
      {"V1.2", ""},
      {std::string(64, 'x'), ""},
      {std::string(65, 'x'), "{text}"},
      {"1.2-" + std::string(61, 'x'), "{text}"},
      {"a b", "{text}"},
      {"a\x7f", "{text}"},
      {std::string("a\0", 2), "{text}"},
      {"caf\xc3\xa9", "{text}"},
      {"\xff", "{text}"},
      {"{number}", "{text}"},
      {"a}", "{text}"},
      {"...", "{text}"},
  }));
  CAPTURE(segment);
  CHECK(segment_class(segment) == is);
}

TEST_CASE("a template takes a path segment by segment", "[path]") {
  struct Example {
    std::string text;
    std::string path;
    bool is_match;
  };
  const auto [text, path, is_match] = GENERATE(values<Example>({
      {"/", "/", true},
      {"/", "", false},
      {"/", "//", false},
      {"/v2/", "/v2/", true},
      {"/v2/", "/v2", false},
      {"/v2", "/v2/", false},
      {"/a/b", "/a/b", true},
      {"/a/b", "/A/b", false},
      {"/a/b", "/a/b/c", false},
      {"/a/b", "/a", false},
      {"/users/{id}", "/users/7", true},
      {"/users/{id}", "/users/7/", false},
      {"/users/{id}", "/users/", false},
      {"/users/{id}", "/users", false},
      {"/users/{id}", "/users/7/8", false},
      {"/users/{id}/orders/{order}", "/users/7/orders/x", true},
      {"/users/{id}/orders/{order}", "/users//orders/x", false},
      {"/{any}", "/%7B", true},
      {"{any}", "a", true},
      {"{any}", "/a", false},
      {"library/{name}", "library/nginx", true},
      {"/v2/{name...}/blobs/{digest}", "/v2/nginx/blobs/sha256:ab", true},
      {"/v2/{name...}/blobs/{digest}", "/v2/library/nginx/blobs/sha256:ab", true},
      {"/v2/{name...}/blobs/{digest}", "/v2/a/blobs/b/blobs/sha256:ab", true},
      {"/v2/{name...}/blobs/{digest}", "/v2/blobs/sha256:ab", false},
      {"/v2/{name...}/blobs/{digest}", "/v2//blobs/sha256:ab", false},
      {"/v2/{name...}/blobs/{digest}", "/v2/a/blobs/uploads/x", false},
      {"/v2/{name...}/blobs/{digest}", "/v2/a/manifests/x", false},
      {"/v2/{name...}/blobs/{digest}", "", false},
      {"/files/{rest...}", "/files/a", true},
      {"/files/{rest...}", "/files/a/b/", true},
      {"/files/{rest...}", "/files/", false},
      {"/files/{rest...}", "/files", false},
      {"/a/{rest...}/a", "/a", false},
      {"/a/{rest...}/a", "/a/a", false},
      {"/a/{rest...}/a", "/a/a/a", true},
      {"/{all...}", "/a/b/c", true},
      {"{all...}", "/a", true},
  }));
  CAPTURE(text, path);
  CHECK(PathTemplate(text).matches(path) == is_match);
}

TEST_CASE("a template that has no meaning is refused where it is wrong", "[path]") {
  struct Example {
    std::string text;
    std::size_t offset;
    std::string why;
  };
  const std::string whole =
      " has braces that are not around all of it: {name} stands for a whole segment, from "
      "\"/\" to \"/\"";
  const std::string name =
      " has no name of letters, digits and \"_\": write {name} for one segment, {name...} for one "
      "or more";
  const auto [text, offset, why] = GENERATE_COPY(values<Example>({
      {"atuo", 0, "\"atuo\" is no path: write a template such as /users/{id}, or auto"},
      {"/a?b={c}", 2, "a path ends in front of \"?\"; leave the query out"},
      {"/a/{id}.json", 3, "\"{id}.json\"" + whole},
      {"/a/v{id}/b", 3, "\"v{id}\"" + whole},
      {"/a/{id", 3, "\"{id\"" + whole},
      {"/a}/b", 1, "\"a}\"" + whole},
      {"/{{a}}", 1, "\"{{a}}\"" + whole},
      {"/{a}{b}", 1, "\"{a}{b}\"" + whole},
      {"/{", 1, "\"{\"" + whole},
      {"/{}", 1, "\"{}\"" + name},
      {"/{...}", 1, "\"{...}\"" + name},
      {"/{a..}", 1, "\"{a..}\"" + name},
      {"/{a-b}", 1, "\"{a-b}\"" + name},
      {"/{a...}/x/{b...}", 10, "\"{b...}\" is the second with dots: where the first ends could not be known"},
  }));
  CAPTURE(text);
  try {
    PathTemplate refused(text);
    FAIL("it is taken");
  } catch (const PathTemplateError& error) {
    CHECK(error.what() == why);
    CHECK(error.offset() == offset);
  }
}

std::string learned(PathLearner& learner, std::initializer_list<std::string_view> paths) {
  std::string values;
  for (const std::string_view path : paths) values += learner.learn(path) + '\n';
  return values;
}

TEST_CASE("what a path's segments tell is learned of without examples", "[path]") {
  PathLearner learner;
  CHECK(
      learned(learner, {"/", "", "//", "/a", "/a/", "a", "*", "/a//b", "/users/7/orders/2024-05-01/cafe1234",
                        "http://h/a", "/1/2/3/4/5/6/7/8", "/1/2/3/4/5/6/7/8/9", "/1/2/3/4/5/6/7/8/", "/{text}/..."}) ==
      "/\n\n//\n/a\n/a/\na\n*\n/a//b\n/users/{number}/orders/{date}/{digest}\n"
      "http://h/a\n"
      "/{number}/{number}/{number}/{number}/{number}/{number}/{number}/{number}\n"
      "/{number}/{number}/{number}/{number}/{number}/{number}/{number}/{number}/...\n"
      "/{number}/{number}/{number}/{number}/{number}/{number}/{number}/{number}/...\n"
      "/{text}/{text}\n");
  CHECK(learner.cuts() == 0);
}

TEST_CASE("the 33rd name in one place makes all of them text, and what is below is learned anew", "[path]") {
  PathLearner learner;
  for (std::size_t i = 0; i < PathLearner::kMaxNames; ++i) {
    CHECK(learner.learn(fmt::format("/users/u{}x/orders", i)) == fmt::format("/users/u{}x/orders", i));
    CHECK(learner.learn(fmt::format("/users/{}/orders", i)) == "/users/{number}/orders");
  }
  CHECK(learner.learn("/users/u0x/orders") == "/users/u0x/orders");
  CHECK(learner.cuts() == 0);
  CHECK(learner.learn("/users/another/orders") == "/users/{text}/orders");
  CHECK(learner.cuts() == 1);
  CHECK(learned(learner,
                {"/users/u0x/orders", "/users/u0x", "/users/u1x/cart", "/users/7/orders", "/users", "/products/a"}) ==
        "/users/{text}/orders\n/users/{text}\n/users/{text}/cart\n/users/{number}/orders\n/users\n/products/a\n");
  for (std::size_t i = 0; i < PathLearner::kMaxNames - 2; ++i)
    CHECK(learner.learn(fmt::format("/users/u/page{}x", i)) == fmt::format("/users/{{text}}/page{}x", i));
  CHECK(learner.learn("/users/u/more") == "/users/{text}/{text}");
  CHECK(learner.cuts() == 2);
}

TEST_CASE("names and their texts do not mix: paths without a slash in front have a tree of their own", "[path]") {
  PathLearner learner;
  for (std::size_t i = 0; i <= PathLearner::kMaxNames; ++i) static_cast<void>(learner.learn(fmt::format("x{}x:1", i)));
  CHECK(learned(learner, {"x0x:1", "/a", "a"}) == "{text}\n/a\n{text}\n");
}

TEST_CASE("where no node is left, the rest of a path is dots, and known paths stay", "[path]") {
  PathLearner learner;
  // 31 names, and 31 below each, are 992 nodes, with the two roots 994.
  const auto path = [](std::size_t i, std::size_t j) { return fmt::format("/a{}x/b{}x", i, j); };
  for (std::size_t i = 0; i < 31; ++i) {
    for (std::size_t j = 0; j < 31; ++j) REQUIRE(learner.learn(path(i, j)) == path(i, j));
  }
  CHECK(learner.save().size() == 994);
  CHECK(learned(learner, {"/n/a/b", "/n/1", "n/o", "/n/2024-05-01", "/n/c", "/c", "c", "/n/a/c/d", "/a0x/1/2"}) ==
        "/n/a/b\n/n/{number}\nn/o\n/n/...\n/n/...\n/...\n...\n/n/a/...\n/a0x/...\n");
  CHECK(learner.save().size() == PathLearner::kMaxNodes);
  for (std::size_t i = 0; i < 31; ++i) {
    for (std::size_t j = 0; j < 31; ++j) REQUIRE(learner.learn(path(i, j)) == path(i, j));
  }
}

// The same by sets of texts.
class PlainLearner {
 public:
  std::string learn(const std::string& path) {
    std::string value = path.substr(0, path.starts_with('/') ? 1 : 0);
    std::string rest = path.substr(value.size()) + '/';
    for (int depth = 0; !rest.empty(); ++depth) {
      const std::string segment = rest.substr(0, rest.find('/'));
      rest.erase(0, segment.size() + 1);
      std::string name(segment_class(segment));
      const bool is_name = name.empty();
      if (is_name) name = is_cut_.contains(value) ? "{text}" : segment;
      if (depth == 8) return value + "...";
      if (!nodes_.contains(value + name)) {
        if (nodes_.size() == 1'000 - 2) return value + "...";
        if (is_name && !is_cut_.contains(value) && ++names_[value] > 32) {
          is_cut_.insert(value);
          name = "{text}";
        }
        nodes_.insert(value + name);
      }
      value += name + '/';
    }
    value.pop_back();
    return value;
  }

 private:
  std::set<std::string> nodes_;
  std::map<std::string, int> names_;
  std::set<std::string> is_cut_;
};

// A path of one of many kinds: of few names, of ever new ones, deep, with odd bytes.
std::string random_path(std::mt19937_64& random, std::uint64_t variety) {
  const auto below = [&](std::uint64_t limit) { return random() % limit; };
  std::string path = below(20) == 0 ? "" : "/";
  const std::uint64_t depth = 1 + below(below(10) == 0 ? 12 : 4);
  for (std::uint64_t i = 0; i < depth; ++i) {
    if (i > 0) path += '/';
    switch (below(12)) {
      case 0:
        path += std::to_string(random());
        break;
      case 1:
        path += fmt::format("sha256:{:016x}", random());
        break;
      case 2:
        path += fmt::format("v{}.{}", below(100), below(100));
        break;
      case 3:
        for (std::uint64_t bytes = below(100); bytes > 0; --bytes) path += static_cast<char>(below(256));
        break;
      default:
        path += fmt::format("n{}x", below(variety));
    }
  }
  return path;
}

TEST_CASE("whatever the paths, there are few values; a restart changes none, and a plain model says the same",
          "[path]") {
  const std::uint64_t variety = GENERATE(5U, 30U, 40U, 200U, 1'000'000U);
  const std::uint64_t seed = GENERATE(range(1U, 5U));
  CAPTURE(variety, seed);
  std::mt19937_64 random(seed * 7919 + variety);
  auto learner = std::make_unique<PathLearner>();
  PlainLearner plain;
  std::set<std::string> values;
  std::map<std::string, std::string> since_cut;
  std::uint64_t cuts = 0;
  for (int i = 0; i < 5'000; ++i) {
    const std::string path = random_path(random, variety);
    const std::string value = learner->learn(path);
    REQUIRE(value == plain.learn(path));
    values.insert(value);
    if (learner->cuts() != cuts) {
      cuts = learner->cuts();
      since_cut.clear();
    }
    REQUIRE(since_cut.emplace(path, value).first->second == value);
    if (random() % 500 == 0) {
      auto next = std::make_unique<PathLearner>();
      next->restore(learner->save());
      REQUIRE(next->save() == learner->save());
      learner = std::move(next);
      cuts = 0;
    }
  }
  CHECK(values.size() <= 2 * PathLearner::kMaxNodes);
  CHECK(learner->save().size() <= PathLearner::kMaxNodes);
}

TEST_CASE("what no learner can have saved is not taken for more than it is", "[path]") {
  PathLearner learner;
  learner.restore({{}, {}, {0, "a", false}, {7, "b", false}, {0, "c", true}});
  CHECK(learner.save() == std::vector<PathNode>{{}, {}, {0, "a", false}});
  PathLearner full;
  full.restore(std::vector<PathNode>(5'000, {0, "a", true}));
  CHECK(full.save().size() == PathLearner::kMaxNodes);
  CHECK(full.learn("/a/b") == "/...");
}

}  // namespace
}  // namespace tailmeter
