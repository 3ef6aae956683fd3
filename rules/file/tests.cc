#include <utility>
#include <vector>

#include "rules/file/sections.h"

namespace tailmeter {
namespace {

const Keys kTestKeys = {{"name", "source", "lines", "expect"}, {}};

TestRule read_test(const Value& test, Text name, const Names& sources) {
  TestRule rule;
  rule.name = std::move(name);
  if (test.has_only(kTestKeys)) {
    test.require({"name", "lines", "expect"});
    if (sources.all().size() > 1) test.require({"source"});
  }
  if (const auto source = test.find("source")) rule.source = read_source_name(*source, sources);
  if (const auto lines = test.find("lines")) rule.lines = lines->text();
  if (const auto expect = test.find("expect")) rule.expect = expect->text_or_empty();
  return rule;
}

}  // namespace

std::vector<TestRule> read_tests(const Value& section, const Names& sources) {
  std::vector<TestRule> tests;
  Names names;
  for (const Value& entry : section.elements()) {
    const auto name = entry.find("name");
    Text name_text = name ? name->text() : Text{};
    const Value test = entry.named(name_text.value);
    names.add(name_text, test);
    tests.push_back(read_test(test, std::move(name_text), sources));
  }
  return tests;
}

}  // namespace tailmeter
