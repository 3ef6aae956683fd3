#include "exporter/cli/samples.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "rules/series/label_text.h"

namespace tailmeter {
namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

void append_histogram(std::vector<Sample>& samples, const FamilyDescription& family, const Labels& labels,
                      const HistogramView& histogram) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < histogram.count_size; ++i) {
    count += histogram.counts[i];
    Labels with_bound = labels;
    with_bound.emplace_back("le", i < family.bounds.size() ? to_string(family.bounds[i]) : "+Inf");
    std::sort(with_bound.begin(), with_bound.end());
    samples.push_back(
        {family.name + "_bucket", std::move(with_bound), Decimal::from_integer(static_cast<std::int64_t>(count))});
  }
  samples.push_back({family.name + "_sum", labels, histogram.sum});
  samples.push_back({family.name + "_count", labels, Decimal::from_integer(static_cast<std::int64_t>(count))});
}

[[noreturn]] void refuse(std::string_view text) {
  throw std::invalid_argument(fmt::format("\"{}\" is not a series: write name or name{{label=\"value\"}}", text));
}

}  // namespace

std::vector<Sample> samples_of(const Snapshot& snapshot) {
  std::vector<Sample> samples;
  for (const FamilySnapshot& family : snapshot) {
    const FamilyDescription& description = family.description();
    family.for_each_series([&](std::string_view text, std::uint32_t row) {
      Labels labels = parse_labels(text);
      std::sort(labels.begin(), labels.end());
      if (description.kind == SeriesKind::kHistogram) {
        append_histogram(samples, description, labels, family.histogram(row));
      } else {
        samples.push_back({description.name, std::move(labels), family.value(row)});
      }
    });
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
