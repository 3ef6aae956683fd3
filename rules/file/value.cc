#include "rules/file/value.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace tailmeter {

Value Value::named(std::string_view name) const {
  Value value = *this;
  value.entry_ = name.empty() ? path_ : fmt::format("{} {}", path_, quoted(name));
  value.path_.clear();
  return value;
}

Value Value::part(const DocumentNode& node, std::string_view step) const {
  Value value = *this;
  value.node_ = &node;
  if (!path_.empty() && !step.starts_with('[')) value.path_ += '.';
  value.path_ += step;
  return value;
}

void Value::error(Place place, std::string_view message) const {
  diagnostics_->error(place, located(message));
}

void Value::warning(Place place, std::string_view message) const {
  diagnostics_->warning(place, located(message));
}

std::string Value::located(std::string_view message) const {
  std::string where = entry_;
  if (!path_.empty()) where += (where.empty() ? "" : ": ") + path_;
  if (!where.empty()) where += ": ";
  return where.append(message);
}

void Value::expected(std::string_view what) const {
  switch (node_->kind) {
    case DocumentNode::Kind::kNothing:
      return;
    case DocumentNode::Kind::kScalar:
      return error(fmt::format("expected {}, not {}", what, is_secret_ ? "this text" : quoted(node_->text)));
    case DocumentNode::Kind::kList:
      return error(fmt::format("expected {}, not a list", what));
    case DocumentNode::Kind::kMapping:
      return error(fmt::format("expected {}, not a mapping", what));
  }
}

bool Value::has_only(const Keys& keys) const {
  if (!is_mapping()) {
    expected("a mapping");
    return false;
  }
  bool has_only_known = true;
  for (const DocumentNode::Entry& entry : node_->entries) {
    const std::string& key = entry.key.value;
    if (std::find(keys.known.begin(), keys.known.end(), key) != keys.known.end()) continue;
    has_only_known = false;
    if (std::find(keys.later.begin(), keys.later.end(), key) != keys.later.end()) {
      error(entry.key.place, fmt::format("{} is not yet supported", quoted(key)));
    } else {
      error(entry.key.place, fmt::format("unknown key {}{}", quoted(key), did_you_mean(key, keys.known)));
    }
  }
  return has_only_known;
}

void Value::require(std::initializer_list<std::string_view> keys) const {
  for (const std::string_view key : keys) {
    if (!find(key)) error(fmt::format("has no \"{}\"", key));
  }
}

std::optional<Value> Value::find(std::string_view key) const {
  for (const DocumentNode::Entry& entry : node_->entries) {
    if (entry.key.value == key) return part(entry.value, key);
  }
  return std::nullopt;
}

std::optional<Place> Value::place_of_key(std::string_view key) const {
  for (const DocumentNode::Entry& entry : node_->entries) {
    if (entry.key.value == key) return entry.key.place;
  }
  return std::nullopt;
}

std::vector<std::pair<Text, Value>> Value::entries() const {
  std::vector<std::pair<Text, Value>> entries;
  if (!is_mapping()) expected("a mapping");
  for (const DocumentNode::Entry& entry : node_->entries)
    entries.emplace_back(entry.key, part(entry.value, entry.key.value));
  return entries;
}

std::vector<Value> Value::elements() const {
  std::vector<Value> elements;
  if (!is_list()) expected("a list");
  for (std::size_t i = 0; i < node_->elements.size(); ++i) {
    elements.push_back(part(node_->elements[i], fmt::format("[{}]", i)));
  }
  return elements;
}

std::vector<Value> Value::one_or_more() const {
  if (!is_list()) return {*this};
  if (node_->elements.empty()) error("the list is empty");
  return elements();
}

Text Value::text() const {
  Text text = text_or_empty();
  if (node_->kind == DocumentNode::Kind::kScalar && text.value.empty()) error("the text is empty");
  return text;
}

Text Value::text_or_empty() const {
  if (node_->kind != DocumentNode::Kind::kScalar) expected("a text");
  return {node_->text, place()};
}

std::vector<Text> Value::texts() const {
  std::vector<Text> texts;
  for (const Value& value : one_or_more()) texts.push_back(value.text());
  return texts;
}

std::optional<std::size_t> Value::whole_number(std::size_t least, std::size_t most) const {
  std::size_t number = 0;
  const std::string& text = node_->text;
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  if (failure == std::errc() && stop == end && least <= number && number <= most) return number;
  expected(fmt::format("a whole number from {} to {}", least, most));
  return std::nullopt;
}

std::optional<std::size_t> Value::index_in(std::span<const std::string> names) const {
  const auto found = std::find(names.begin(), names.end(), node_->text);
  if (node_->kind == DocumentNode::Kind::kScalar && found != names.end())
    return static_cast<std::size_t>(found - names.begin());
  expected(fmt::format("one of {}", fmt::join(names, ", ")));
  return std::nullopt;
}

}  // namespace tailmeter
