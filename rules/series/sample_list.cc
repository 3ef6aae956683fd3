#include "rules/series/sample_list.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "rules/series/label_text.h"
#include "rules/series/samples.h"

namespace tailmeter {
namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

Labels with(Labels labels, const ExtraLabel* extra) {
  if (extra == nullptr) return labels;
  labels.emplace_back(extra->name, extra->value ? to_string(*extra->value) : "+Inf");
  std::sort(labels.begin(), labels.end());
  return labels;
}

void append_family(std::vector<Sample>& samples, const FamilySnapshot& family, const ShownFamily& shown) {
  family.for_each_series([&](std::string_view text, std::uint32_t row) {
    Labels labels = parse_labels(text);
    std::sort(labels.begin(), labels.end());
    for_each_sample(family, shown.part, row, [&](std::string_view suffix, const ExtraLabel* extra, Decimal value) {
      samples.push_back({shown.name + std::string(suffix), with(labels, extra), value});
    });
  });
}

[[noreturn]] void refuse(std::string_view text) {
  throw std::invalid_argument(fmt::format("\"{}\" is not a series: write name or name{{label=\"value\"}}", text));
}

}  // namespace

std::vector<Sample> samples_of(const Snapshot& snapshot) {
  std::vector<Sample> samples;
  for (const FamilySnapshot& family : snapshot) {
    for (const ShownFamily& shown : shown_families(family.description())) append_family(samples, family, shown);
  }
  return samples;
}

std::string series_text(const Sample& sample) {
  std::vector<std::string> names;
  std::vector<std::string> values;
  for (const auto& [name, value] : sample.labels) {
    names.push_back(name);
    values.push_back(value);
  }
  const std::string labels = render_labels(names, values);
  return labels.empty() ? sample.name : sample.name + "{" + labels + "}";
}

Sample parse_series(std::string_view text) {
  Sample sample;
  const std::size_t brace = text.find('{');
  sample.name = text.substr(0, brace);
  if (sample.name.empty() || sample.name.find_first_of(" \t\"}") != std::string::npos) refuse(text);
  if (brace == std::string_view::npos) return sample;
  std::size_t at = brace + 1;
  const auto skip_blanks = [&] {
    while (at < text.size() && (text[at] == ' ' || text[at] == ',')) ++at;
  };
  for (skip_blanks(); at < text.size() && text[at] != '}'; skip_blanks()) {
    const std::size_t equals = text.find("=\"", at);
    if (equals == std::string_view::npos) refuse(text);
    std::string name(text.substr(at, equals - at));
    std::string value;
    for (at = equals + 2; at < text.size() && text[at] != '"'; ++at) {
      if (text[at] == '\\' && at + 1 < text.size()) {
        ++at;
        value += text[at] == 'n' ? '\n' : text[at];
      } else {
        value += text[at];
      }
    }
    if (at == text.size()) refuse(text);
    ++at;
    sample.labels.emplace_back(std::move(name), std::move(value));
  }
  if (at + 1 != text.size()) refuse(text);
  std::sort(sample.labels.begin(), sample.labels.end());
  return sample;
}

}  // namespace tailmeter
