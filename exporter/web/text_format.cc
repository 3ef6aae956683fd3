#include "exporter/web/text_format.h"

#include <charconv>
#include <cmath>
#include <map>

#include <prometheus/metric_family.h>

#include "rules/series/label_text.h"

namespace tailmeter {
namespace {

std::string_view type_name(SeriesKind kind) {
  switch (kind) {
    case SeriesKind::kCounter:
      return "counter";
    case SeriesKind::kGauge:
      return "gauge";
    case SeriesKind::kHistogram:
      break;
  }
  return "histogram";
}

void append_header(std::string& out, std::string_view name, std::string_view help, std::string_view type) {
  if (!help.empty()) {
    out.append("# HELP ").append(name).append(" ");
    for (const char c : help) {
      if (c == '\\') {
        out += "\\\\";
      } else if (c == '\n') {
        out += "\\n";
      } else {
        out += c;
      }
    }
    out += '\n';
  }
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void append_name(std::string& out, std::string_view name, std::string_view suffix, std::string_view labels) {
  out.append(name).append(suffix);
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out += ' ';
}

void append_unsigned(std::string& out, std::uint64_t value) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, end);
}

void append_double(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    char digits[32];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    out.append(digits, end);
  }
}

void append_histogram(std::string& out, const FamilyDescription& family, std::string_view labels,
                      const HistogramView& histogram) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < histogram.count_size; ++i) {
    count += histogram.counts[i];
    out.append(family.name).append("_bucket{").append(labels).append(labels.empty() ? "le=\"" : ",le=\"");
    if (i < family.bounds.size()) {
      append_decimal(out, family.bounds[i]);
    } else {
      out += "+Inf";
    }
    out += "\"} ";
    append_unsigned(out, count);
    out += '\n';
  }
  append_name(out, family.name, "_sum", labels);
  append_decimal(out, histogram.sum);
  out += '\n';
  append_name(out, family.name, "_count", labels);
  append_unsigned(out, count);
  out += '\n';
}

}  // namespace

void append_text(std::string& out, const Snapshot& snapshot) {
  for (const FamilySnapshot& family : snapshot) {
    const FamilyDescription& description = family.description();
    bool has_header = false;
    family.for_each_series([&](std::string_view labels, std::uint32_t row) {
      if (!has_header) append_header(out, description.name, description.help, type_name(description.kind));
      has_header = true;
      if (description.kind == SeriesKind::kHistogram)
        return append_histogram(out, description, labels, family.histogram(row));
      append_name(out, description.name, "", labels);
      append_decimal(out, family.value(row));
      out += '\n';
    });
  }
}

void append_text(std::string& out, const std::vector<prometheus::MetricFamily>& families) {
  std::vector<std::string> names;
  std::vector<std::string> values;
  for (const prometheus::MetricFamily& family : families) {
    const bool is_counter = family.type == prometheus::MetricType::Counter;
    if (family.metric.empty()) continue;
    append_header(out, family.name, family.help, is_counter ? "counter" : "gauge");
    std::map<std::string, double> series;  // prometheus-cpp has them in the order of their hashes
    for (const prometheus::ClientMetric& metric : family.metric) {
      names.clear();
      values.clear();
      for (const auto& label : metric.label) {
        names.push_back(label.name);
        values.push_back(clean_label_value(label.value));
      }
      series[render_labels(names, values)] = is_counter ? metric.counter.value : metric.gauge.value;
    }
    for (const auto& [labels, value] : series) {
      append_name(out, family.name, "", labels);
      append_double(out, value);
      out += '\n';
    }
  }
}

}  // namespace tailmeter
