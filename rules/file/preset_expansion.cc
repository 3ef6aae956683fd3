#include "rules/file/preset_expansion.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "rules/file/metric_kinds.h"
#include "rules/presets/presets.h"

namespace tailmeter {
namespace {

// Where lines come from is for the file to say.
constexpr std::string_view kOrigin[] = {"files", "exclude", "start_at"};

DocumentNode* find(DocumentNode& mapping, std::string_view key) {
  for (DocumentNode::Entry& entry : mapping.entries) {
    if (entry.key.value == key) return &entry.value;
  }
  return nullptr;
}

std::vector<DocumentNode>& list_of(DocumentNode& file, std::string_view key) {
  if (DocumentNode* const found = find(file, key)) return found->elements;
  DocumentNode list;
  list.kind = DocumentNode::Kind::kList;
  list.place = file.place;
  file.entries.push_back({{std::string(key), file.place}, std::move(list)});
  return file.entries.back().value.elements;
}

void move_to(DocumentNode& node, Place place) {
  node.place = place;
  for (DocumentNode& element : node.elements) move_to(element, place);
  for (DocumentNode::Entry& entry : node.entries) {
    entry.key.place = place;
    move_to(entry.value, place);
  }
}

std::string name_of(DocumentNode& source) {
  const DocumentNode* const name = find(source, "name");
  return name != nullptr ? name->text : std::string();
}

std::string metric_name(DocumentNode& metric) {
  for (const auto& [key, kind] : metric_kinds()) {
    if (const DocumentNode* const name = find(metric, key)) return name->text;
  }
  return {};
}

// Whether a metric of the preset reads this source of it; if so, it is made to read `name` alone.
bool read_source(DocumentNode& metric, const std::string& preset_source, const std::string& name) {
  DocumentNode* const source = find(metric, "source");
  if (source == nullptr) {
    metric.entries.push_back({{"source", metric.place}, {DocumentNode::Kind::kScalar, metric.place, name, {}, {}}});
    return true;
  }
  const auto is_it = [&](const DocumentNode& element) { return element.text == preset_source; };
  if (!is_it(*source) && std::none_of(source->elements.begin(), source->elements.end(), is_it)) return false;
  *source = {DocumentNode::Kind::kScalar, source->place, name, {}, {}};
  return true;
}

// The preset as a tree, with its own presets expanded. It is tested to have no mistake.
DocumentNode read_preset(std::string_view name, std::string_view text) {
  Diagnostics diagnostics(fmt::format("the preset {}", quoted(name)), text);
  auto document = read_document(text, diagnostics, {});
  diagnostics.throw_if_errors();
  expand_presets(*document, diagnostics);
  diagnostics.throw_if_errors();
  return std::move(*document);
}

// The preset's source for a source that is called `name`, or null.
DocumentNode* choose_source(std::vector<DocumentNode>& sources, const std::string& name) {
  if (sources.size() == 1) return &sources.front();
  const auto found =
      std::find_if(sources.begin(), sources.end(), [&](DocumentNode& source) { return name_of(source) == name; });
  return found != sources.end() ? &*found : nullptr;
}

std::string names_of(std::vector<DocumentNode>& sources) {
  std::vector<std::string> names;
  for (DocumentNode& source : sources) names.push_back(quoted(name_of(source)));
  return fmt::format("{}", fmt::join(names, ", "));
}

// The metrics that the preset brings to `source`, which it completes.
std::vector<DocumentNode> apply_preset(DocumentNode& source, Diagnostics& diagnostics) {
  const DocumentNode named = *find(source, "preset");
  const std::string name = name_of(source);
  const std::string_view text = preset_text(named.text);
  const auto refuse = [&](const std::string& message) {
    diagnostics.error(named.place, fmt::format("source {}: preset: {}", quoted(name), message));
    return std::vector<DocumentNode>();
  };
  if (text.empty()) {
    std::vector<std::string> known;
    for (const Preset& preset : presets()) known.emplace_back(preset.name);
    return refuse(fmt::format("there is no preset {}{}; \"tailmeter check --presets\" lists them", quoted(named.text),
                              did_you_mean(named.text, known)));
  }
  DocumentNode preset = read_preset(named.text, text);
  move_to(preset, named.place);
  std::vector<DocumentNode>& sources = list_of(preset, "sources");
  DocumentNode* const own = choose_source(sources, name);
  if (own == nullptr) {
    return refuse(fmt::format("{} has the sources {}: call this source as the one that it is", quoted(named.text),
                              names_of(sources)));
  }
  std::vector<DocumentNode> metrics = std::move(list_of(preset, "metrics"));
  std::erase_if(metrics, [&](DocumentNode& metric) { return !read_source(metric, name_of(*own), name); });
  std::erase_if(source.entries, [](const DocumentNode::Entry& entry) { return entry.key.value == "preset"; });
  for (DocumentNode::Entry& entry : own->entries) {
    const bool is_origin = std::find(std::begin(kOrigin), std::end(kOrigin), entry.key.value) != std::end(kOrigin);
    if (!is_origin && find(source, entry.key.value) == nullptr) source.entries.push_back(std::move(entry));
  }
  return metrics;
}

// To `metric`, unless it has it, a label that is always empty.
void add_empty_label(DocumentNode& metric, const std::string& name) {
  DocumentNode* labels = find(metric, "labels");
  if (labels == nullptr) {
    metric.entries.push_back({{"labels", metric.place}, {DocumentNode::Kind::kMapping, metric.place, {}, {}, {}}});
    labels = &metric.entries.back().value;
  }
  if (find(*labels, name) == nullptr)
    labels->entries.push_back({{name, metric.place}, {DocumentNode::Kind::kScalar, metric.place, {}, {}, {}}});
}

// One preset counts by mirror, another by image: in one family each has both.
void share_labels(std::vector<DocumentNode>& metrics) {
  std::map<std::string, std::set<std::string>> labels;  // by metric
  for (DocumentNode& metric : metrics) {
    const DocumentNode* const own = find(metric, "labels");
    if (own == nullptr) continue;
    for (const DocumentNode::Entry& label : own->entries) labels[metric_name(metric)].insert(label.key.value);
  }
  for (DocumentNode& metric : metrics) {
    for (const std::string& label : labels[metric_name(metric)]) add_empty_label(metric, label);
  }
}

}  // namespace

void expand_presets(DocumentNode& file, Diagnostics& diagnostics) {
  if (file.kind != DocumentNode::Kind::kMapping || find(file, "sources") == nullptr) return;
  std::set<std::string> own_metrics;
  for (DocumentNode& metric : list_of(file, "metrics")) own_metrics.insert(metric_name(metric));
  std::vector<DocumentNode> brought;
  for (DocumentNode& source : list_of(file, "sources")) {
    if (source.kind != DocumentNode::Kind::kMapping || find(source, "preset") == nullptr) continue;
    for (DocumentNode& metric : apply_preset(source, diagnostics)) brought.push_back(std::move(metric));
  }
  std::erase_if(brought, [&](DocumentNode& metric) { return own_metrics.contains(metric_name(metric)); });
  share_labels(brought);
  std::vector<DocumentNode>& metrics = list_of(file, "metrics");
  std::move(brought.begin(), brought.end(), std::back_inserter(metrics));
}

}  // namespace tailmeter
