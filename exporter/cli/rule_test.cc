#include "exporter/cli/rule_test.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include "exporter/cli/samples.h"
#include "exporter/pipeline.h"
#include "parsers/number.h"

namespace tailmeter {
namespace {

// Says that a series must not exist.
constexpr std::string_view kAbsent = "absent";

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1));
}

using Values = std::map<std::string, Decimal>;

// "" if `expected` ("series value") holds.
std::string difference(const std::string& expected, const Values& values) {
  const std::size_t blank = expected.find_last_of(" \t");
  if (blank == std::string::npos) return fmt::format("\"{}\": write a series, a blank and its value", expected);
  const std::string value_text = expected.substr(blank + 1);
  std::string series;
  try {
    series = series_text(parse_series(trimmed(expected.substr(0, blank))));
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  const auto found = values.find(series);
  if (value_text == kAbsent)
    return found == values.end() ? "" : fmt::format("{} is {}, expected none", series, to_string(found->second));
  const Number number = parse_number(value_text);
  if (number.outcome != NumberOutcome::kNumber)
    return fmt::format("{}: \"{}\" is neither a number nor \"{}\"", series, value_text, kAbsent);
  if (found == values.end()) return fmt::format("{} does not exist, expected {}", series, to_string(number.value));
  if (found->second != number.value)
    return fmt::format("{} is {}, expected {}", series, to_string(found->second), to_string(number.value));
  return {};
}

}  // namespace

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
  std::istringstream expectations(test.expect.value);
  for (std::string expected; std::getline(expectations, expected);) {
    expected = trimmed(expected);
    if (expected.empty()) continue;
    if (std::string found = difference(expected, values); !found.empty()) differences.push_back(std::move(found));
  }
  if (!differences.empty()) differences.insert(differences.end(), hints.begin(), hints.end());
  return differences;
}

}  // namespace tailmeter
