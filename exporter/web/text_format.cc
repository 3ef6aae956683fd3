#include "exporter/web/text_format.h"

#include <charconv>
#include <cmath>
#include <map>

#include <prometheus/metric_family.h>

#include "rules/series/label_text.h"
#include "rules/series/samples.h"

namespace tailmeter {
namespace {

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

void append_sample(std::string& out, std::string_view name, std::string_view suffix, std::string_view labels,
                   const ExtraLabel* extra, Decimal value) {
  if (extra == nullptr) {
    append_name(out, name, suffix, labels);
  } else {
    out.append(name).append(suffix).append("{").append(labels).append(labels.empty() ? "" : ",");
    out.append(extra->name).append("=\"");
    if (extra->value) {
      append_decimal(out, *extra->value);
    } else {
      out += "+Inf";
    }
    out += "\"} ";
  }
  append_decimal(out, value);
  out += '\n';
}

void append_family(std::string& out, const FamilySnapshot& family, const ShownFamily& shown) {
  bool has_header = false;
  family.for_each_series([&](std::string_view labels, std::uint32_t row) {
    if (!has_header) append_header(out, shown.name, shown.help, shown.type);
    has_header = true;
    for_each_sample(family, shown.part, row, [&](std::string_view suffix, const ExtraLabel* extra, Decimal value) {
      append_sample(out, shown.name, suffix, labels, extra, value);
    });
  });
}

}  // namespace

void append_text(std::string& out, const Snapshot& snapshot) {
  for (const FamilySnapshot& family : snapshot) {
    for (const ShownFamily& shown : shown_families(family.description())) append_family(out, family, shown);
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
