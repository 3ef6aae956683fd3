#include "exporter/cli/rule_test.h"

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include "exporter/pipeline.h"
#include "parsers/number.h"
#include "rules/series/sample_list.h"

namespace tailmeter {
namespace {

// Says that a series must not exist.
constexpr std::string_view kAbsent = "absent";

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1));
}

struct Expectation {
  std::string series;
  std::optional<Decimal> value;  // none: the series must not exist
};

// Of "series value". Throws std::invalid_argument.
Expectation parse_expectation(const std::string& text) {
  const std::size_t blank = text.find_last_of(" \t");
  if (blank == std::string::npos) {
    throw std::invalid_argument(fmt::format("\"{}\": write a series, a blank and its value", text));
  }
  const std::string value_text = text.substr(blank + 1);
  std::string series = series_text(parse_series(trimmed(text.substr(0, blank))));
  if (value_text == kAbsent) return {std::move(series), std::nullopt};
  const Number number = parse_number(value_text);
  if (number.outcome != NumberOutcome::kNumber) {
    throw std::invalid_argument(fmt::format("{}: \"{}\" is neither a number nor \"{}\"", series, value_text, kAbsent));
  }
  return {std::move(series), number.value};
}

std::vector<std::string> expectations_of(const TestRule& test) {
  std::vector<std::string> texts;
  std::istringstream lines(test.expect.value);
  for (std::string line; std::getline(lines, line);) {
    if (line = trimmed(line); !line.empty()) texts.push_back(line);
  }
  return texts;
}

using Values = std::map<std::string, Decimal>;

// "" if `text` ("series value") holds.
std::string difference(const std::string& text, const Values& values) {
  Expectation expected;
  try {
    expected = parse_expectation(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  const auto found = values.find(expected.series);
  if (!expected.value) {
    return found == values.end() ? ""
                                 : fmt::format("{} is {}, expected none", expected.series, to_string(found->second));
  }
  if (found == values.end())
    return fmt::format("{} does not exist, expected {}", expected.series, to_string(*expected.value));
  if (found->second != *expected.value)
    return fmt::format("{} is {}, expected {}", expected.series, to_string(found->second), to_string(*expected.value));
  return {};
}

}  // namespace

void check_expectations(const std::vector<TestRule>& tests, Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < tests.size(); ++i) {
    for (const std::string& text : expectations_of(tests[i])) {
      try {
        static_cast<void>(parse_expectation(text));
      } catch (const std::invalid_argument& error) {
        diagnostics.error(tests[i].expect.place,
                          fmt::format("tests[{}] {}: expect: {}", i, quoted(tests[i].name.value), error.what()));
      }
    }
  }
}

std::vector<std::string> run_rule_test(const RuleFileText& file, const TestRule& test) {
  const std::unique_ptr<RuleSet> rules = read_rules(file);
  std::vector<std::string> differences;
  std::vector<std::string> hints;  // a line without the format may be what the test is about, or why it fails
  Pipeline pipeline(*rules, [&](const Mismatch& mismatch, std::string_view line) {
    hints.push_back(
        fmt::format("this line does not have the format: {} at byte {}: {}", mismatch.reason, mismatch.offset, line));
  });
  std::string lines = test.lines.value;
  if (!lines.empty() && lines.back() != '\n') lines += '\n';
  pipeline.take({choose_source(*rules, test.source.value, ""), "", lines});

  Values values;
  for (const Sample& sample : samples_of(rules->snapshot())) values.emplace(series_text(sample), sample.value);
  for (const std::string& expected : expectations_of(test)) {
    if (std::string found = difference(expected, values); !found.empty()) differences.push_back(std::move(found));
  }
  if (!differences.empty()) differences.insert(differences.end(), hints.begin(), hints.end());
  return differences;
}

}  // namespace tailmeter
