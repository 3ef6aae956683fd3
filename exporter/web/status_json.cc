#include "exporter/web/status_json.h"

#include <map>
#include <string_view>

#include <fmt/format.h>

#include "exporter/web/exposition/json_format.h"
#include "parsers/decimal.h"

namespace tailmeter {
namespace {

// An object, or a value.
struct Node {
  std::map<std::string, Node> members{};
  std::string value{};  // as JSON
};

void append_node(std::string& out, const Node& node) {
  if (!node.value.empty()) {
    out += node.value;
    return;
  }
  const char* separator = "{";
  for (const auto& [name, member] : node.members) {
    out.append(separator).append(json_string(name)).append(":");
    append_node(out, member);
    separator = ",";
  }
  out += node.members.empty() ? "{}" : "}";
}

void add(Node& root, std::string_view name, const prometheus::ClientMetric& metric, double value) {
  Node* node = nullptr;
  for (const char* const owner : {"source", "metric"}) {
    for (const auto& label : metric.label) {
      if (label.name == owner) node = &root.members[label.name + "s"].members[label.value];
    }
  }
  if (node == nullptr) node = &root.members["program"];
  node = &node->members[std::string(name)];
  for (const auto& label : metric.label) {
    if (label.name != "source" && label.name != "metric") node = &node->members[label.value];
  }
  node->value = to_string(Decimal::nearest(value));
}

}  // namespace

std::string status_json(const std::string& version, bool is_ready, const std::vector<prometheus::MetricFamily>& own,
                        const std::vector<WorstLabel>& labels) {
  constexpr std::string_view kPrefix = "tailmeter_";
  Node root;
  root.members["version"].value = json_string(version);
  root.members["ready"].value = is_ready ? "true" : "false";
  for (const prometheus::MetricFamily& family : own) {
    const std::string_view name = family.name;
    // What is a label of every exporter's, and what is a text in a label.
    if (!name.starts_with(kPrefix) || name.ends_with("_info")) continue;
    for (const prometheus::ClientMetric& metric : family.metric) {
      const bool is_counter = family.type == prometheus::MetricType::Counter;
      add(root, name.substr(kPrefix.size()), metric, is_counter ? metric.counter.value : metric.gauge.value);
    }
  }
  for (const WorstLabel& worst : labels) {
    Node& node = root.members["metrics"].members[worst.metric].members["worst_label"];
    node.members["label"].value = json_string(worst.label);
    node.members["values"].value = fmt::format("{}", worst.values);
    node.members["max_series"].value = fmt::format("{}", worst.max_series);
  }
  std::string out;
  append_node(out, root);
  return out + '\n';
}

}  // namespace tailmeter
