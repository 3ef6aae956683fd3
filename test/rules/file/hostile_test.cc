// Files made to exhaust or to crash the reader: each is refused, or read, and that is all that happens.
#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "test/rules/file/loaded.h"
#include "test/rules/file/mirror_rules.h"
#include "test/support/effort.h"

namespace tailmeter {
namespace {

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

TEST_CASE("a file that is larger than the limit is not looked at", "[file]") {
  CHECK(load(std::string(1024 * 1024 + 1, '[')).errors ==
        "t.yml: the file has more than the 1048576 bytes that are read");
  CHECK(load("a: bc", {.max_bytes = 4}).errors == "t.yml: the file has more than the 4 bytes that are read");
}

TEST_CASE("a file of exactly the allowed size, depth and number of values is read", "[file]") {
  const std::string file =
      "sources: [{name: a, files: b, format: common}]\n";  // 3 deep, 3 values with 3 keys, 3 around them
  const RuleFileLimits exact = {.max_bytes = file.size(), .max_depth = 3, .max_nodes = 10};
  CHECK(load(file, exact).errors.empty());
  CHECK(load(file, {.max_depth = 2}).errors == R"(t.yml:1:11: lists and mappings are nested more than 2 deep
    1 | sources: [{name: a, files: b, format: common}]
      |           ^)");
  CHECK(load(file, {.max_nodes = 9}).errors == R"(t.yml:1:39: the file has more than 9 values
    1 | sources: [{name: a, files: b, format: common}]
      |                                       ^)");
}

// The first line of what is said about it. Each of these is as large as a file may be; a sanitizer makes do with less.
TEST_CASE("a file made to exhaust the reader is refused", "[file]") {
  constexpr std::size_t kMany = 1024 * 1024 / (kIsSanitized ? 4 : 1);
  struct Row {
    std::string what;
    std::string file;
    std::string report;
  };
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string now = "a" + std::to_string(i);
    const std::string last = "*a" + std::to_string(i - 1);
    laughs += now + ": &" + now + " [" + repeated(last + ", ", 8) + last + "]\n";
  }
  std::string stairs;
  for (std::size_t i = 0; i < 1000; ++i) stairs += std::string(i, ' ') + "a:\n";

  const std::vector<Row> rows = {
      {"billion laughs", laughs, "t.yml:1:5: \"&\" begins a YAML anchor"},
      {"an alias in itself", "a: &a [*a]\n", "t.yml:1:4: \"&\" begins a YAML anchor"},
      {"open lists", repeated("[", kMany), "t.yml: the file has more than 100000 of the characters [ { and ,"},
      {"few open lists", repeated("[", 50'000),
       "t.yml:1:1: a list or mapping cannot be a key: is a \"]\" or \"}\" missing"},
      {"few closed lists", repeated("[", 50'000) + repeated("]", 50'000),
       "t.yml:1:33: lists and mappings are nested more than 32 deep"},
      {"open mappings", repeated("{", kMany), "t.yml: the file has more than 100000 of the characters [ { and ,"},
      {"few closed mappings", repeated("{a: ", 40) + repeated("}", 40),
       "t.yml:1:129: lists and mappings are nested more than 32 deep"},
      {"lists in lines", repeated("[\n", kMany / 2),
       "t.yml: the file has more than 100000 of the characters [ { and ,"},
      {"an endless list", "[" + repeated("a,", kMany / 2 - 1),
       "t.yml: the file has more than 100000 of the characters [ { and ,"},
      {"dashes in a line", repeated("- ", kMany / 2), "t.yml:1:65: lists and mappings are nested more than 32 deep"},
      {"dashes in lines", repeated("-\n", kMany / 2), "t.yml:100001:1: the file has more than 100000 values"},
      {"stairs", stairs, "t.yml:33:33: lists and mappings are nested more than 32 deep"},
      {"one key again and again", repeated("a: 1\n", 40'000), "t.yml:1:1: unknown key \"a\""},
      {"question marks", repeated("? ", kMany / 2), "t.yml:1:3: a list or mapping cannot be a key"},
      {"colons", repeated(": ", kMany / 2), "t.yml:1:1: expected a key and \":\""},
      {"a long text", std::string(kMany, 'x'),
       "t.yml:1:1: expected a mapping with sources, metrics and tests, not \"xxx"},
      {"a long quote", "\"" + std::string(kMany - 1, '\n'), "t.yml:1:1: this quote is never closed"},
      {"a long anchor", std::string(kMany, '&'), "t.yml:1:1: \"&\" begins a YAML anchor"},
      {"a long alias", std::string(kMany, '*'), "t.yml:1:1: \"*\" begins a YAML alias"},
      {"a long tag", "!<" + std::string(kMany - 2, 'x'),
       "t.yml:1:" + std::to_string(kMany + 1) + ": \"!\" begins a YAML tag"},
      {"comments", repeated("#\n", kMany / 2), "t.yml: the file is empty"},
      {"newlines", std::string(kMany, '\n'), "t.yml: the file is empty"},
      {"documents", repeated("---\n", kMany / 4), "t.yml:2:1: the file is one YAML document"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const std::string errors = load(row.file).errors;
    CHECK(errors.substr(0, row.report.size()) == row.report);
    CHECK(errors.size() < 10'000);
  }
}

TEST_CASE("a file full of mistyped names is answered", "[file]") {
  std::string file = "sources: [{name: web, files: a.log, format: common}]\nmetrics:\n";
  for (int i = 0; i < 15'000; ++i) file += "- {counter: a" + std::to_string(i) + "_total, source: wep}\n";
  const std::string errors = load(file).errors;
  CHECK(errors.ends_with("... and 14980 more errors"));
}

TEST_CASE("a histogram has at most 200 buckets", "[file]") {
  const auto file = [](int buckets) {
    std::string text =
        "sources: [{name: web, files: a.log, format: common}]\nmetrics:\n- histogram: h\n  value: $x\n  buckets:\n";
    for (int i = 0; i < buckets; ++i) text += "  - " + std::to_string(i) + "\n";
    return text;
  };
  CHECK(load(file(200)).errors.empty());
  CHECK(load(file(201)).errors ==
        "t.yml:6:3: metrics[0] \"h\": buckets: more than 200 buckets\n    6 |   - 0\n      |   ^");
}

// What rules/program may rely on when nothing was reported.
bool is_usable(const RuleFile& rules) {
  const auto has_text = [](const Text& text) {
    return !text.value.empty() && text.place.line > 0 && text.place.column > 0;
  };
  const auto have_text = [&](const std::vector<Text>& texts) {
    return std::all_of(texts.begin(), texts.end(), has_text);
  };
  for (const SourceRule& source : rules.sources) {
    if (!has_text(source.name) || source.files.empty() || !have_text(source.files) || source.formats.empty())
      return false;
    for (const FormatRule& format : source.formats) {
      if ((format.kind == FormatRule::Kind::kRegex) == format.patterns.empty()) return false;
    }
  }
  for (const MetricRule& metric : rules.metrics) {
    if (!has_text(metric.name) || !have_text(metric.sources)) return false;
    if ((metric.kind == MetricKind::kHistogram) == metric.buckets.empty()) return false;
    if (metric.kind == MetricKind::kHistogram && !metric.value) return false;
    if (std::adjacent_find(metric.buckets.begin(), metric.buckets.end(), std::greater_equal<>()) !=
        metric.buckets.end()) {
      return false;
    }
    for (const LabelRule& label : metric.labels) {
      if (!has_text(label.name) || !has_text(label.from) || label.regex.has_value() != label.replace.has_value())
        return false;
    }
    for (const ConditionRule& condition : metric.when) {
      if (condition.field.value.empty() || condition.patterns.empty() || !have_text(condition.patterns)) return false;
    }
  }
  return !rules.sources.empty();
}

// Changes a few places of `text` as a hand, a template or an enemy might.
std::string mutated(std::string text, std::mt19937& random) {
  static constexpr std::string_view kPieces[] = {"'",  "\"", "[",  "]",  "{",   "}",    ":",     ": ", ",",    "- ",
                                                 "\n", "  ", "\t", "#",  "&a ", "*a",   "!t ",   "|",  ">",    "?",
                                                 "%",  "@",  "\\", "<<", "---", "null", "\x00",  "\r", "\xFF", "\xC3",
                                                 "$",  "${", "0",  "-1", "1e9", "true", "le: x", "~",  "a",    "regex"};
  const auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  const std::size_t changes = 1 + below(3);
  for (std::size_t i = 0; i < changes; ++i) {
    const std::size_t at = below(text.size() + 1);
    const std::size_t length = std::min(below(20), text.size() - at);
    switch (below(5)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, kPieces[below(std::size(kPieces))]);
        break;
      case 2:
        text.insert(below(text.size() + 1), text.substr(at, length * 10));
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
        break;
      default:
        text.resize(std::max(at, text.size() / 2));
        break;
    }
  }
  return text;
}

TEST_CASE("whatever is done to a rule file, it is either usable or reported", "[file]") {
  constexpr unsigned kSeed = 20261121;
  constexpr int kMutations = effort(20'000);
  std::mt19937 random(kSeed);
  const std::string original = without_first_newline(kMirrorRules);
  int usable = 0;
  for (int i = 0; i < kMutations; ++i) {
    const std::string text = mutated(original, random);
    Diagnostics diagnostics("t.yml", text);
    const RuleFile rules = load_rule_file(text, diagnostics);
    usable += diagnostics.has_errors() ? 0 : 1;
    if (diagnostics.has_errors() ? diagnostics.errors().starts_with("t.yml:") : is_usable(rules)) continue;
    FAIL("seed " << kSeed << ", mutation " << i << ":\n" << text << "\n" << diagnostics.errors());
  }
  CHECK(usable > kMutations / 20);  // else the mutations are too coarse to say much
  CHECK(usable < kMutations * 19 / 20);
}

}  // namespace
}  // namespace tailmeter
