#include "exporter/tail/print.h"

#include <string>

#include <catch2/catch.hpp>

#include "exporter/tail/limits.h"
#include "test/tail/tail_lab.h"

namespace tailmeter {
namespace {

Kinship kinship_of(TailLab& lab, const char* name, const char* other_name) {
  OpenFile file;
  OpenFile other;
  REQUIRE_FALSE(lab.files.open(lab / name, file));
  REQUIRE_FALSE(lab.files.open(lab / other_name, other));
  ReadBuffer buffer(Limits{}.read_buffer_bytes);
  return kinship(lab.files, file, other, buffer);
}

}  // namespace

TEST_CASE("a file is a copy of another one if that begins with all that it has", "[tail]") {
  struct Case {
    const char* what;
    std::size_t bytes;
    std::size_t difference_at;
    Kinship kinship;
  };
  const std::size_t size = GENERATE(std::size_t{10}, std::size_t{300'000}, std::size_t{20'000'000});
  const Case c = GENERATE_COPY(
      Case{"all of it", size, size, Kinship::kOlderCopy}, Case{"half of it", size / 2, size, Kinship::kOlderCopy},
      Case{"nothing", 0, size, Kinship::kNone}, Case{"another first byte", size, 0, Kinship::kNone},
      Case{"another last byte", size, size - 1, Kinship::kNone},
      Case{"another beginning of the end", size, size - size / 100 - 1, Kinship::kNone});
  CAPTURE(c.what, size);
  TailLab lab;
  std::string content(size, 'x');
  lab.append("a.log", content);
  if (c.difference_at < size) content[c.difference_at] = '-';
  lab.append("a.log.1", content.substr(0, c.bytes));
  const int reads = lab.files.reads();
  CHECK(kinship_of(lab, "a.log.1", "a.log") == c.kinship);
  CHECK(lab.files.reads() - reads <= 2 * 66);
}

TEST_CASE("a file that is longer than another one is no copy of it", "[tail]") {
  TailLab lab;
  lab.append("a.log", std::string(1000, 'x'));
  lab.append("a.log.1", std::string(GENERATE(values<std::size_t>({1001, 500'000})), 'x'));
  CHECK(kinship_of(lab, "a.log.1", "a.log") == Kinship::kNone);
}

}  // namespace tailmeter
