// One value of a rule file, or of another file read by read_document(), on its way from the tree to what it must be.
//
// A Value is a node together with the words that say where it is, so that every report begins alike:
//
//   metrics[0] "bytes_sent_total": labels.image: expected a text, not a list
//
// Each reading function gives what was asked for, or reports what stands there instead and gives an empty or default
// result, so that reading can go on to the next mistake. A value that is not there (DocumentNode::Kind::kNothing) is
// reported already and stays silent. Refers to a DocumentNode and a Diagnostics, which must outlive it.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/file/diagnostics.h"
#include "rules/file/document.h"

namespace tailmeter {

// The keys that a mapping may have.
struct Keys {
  std::vector<std::string> known;
  std::vector<std::string> later;  // part of the language, not of this version
};

template <typename T>
using Choices = std::vector<std::pair<std::string, T>>;

class Value {
 public:
  Value(const DocumentNode& node, std::string path, Diagnostics& diagnostics)
      : node_(&node), path_(std::move(path)), diagnostics_(&diagnostics) {}

  // The same value, named as its author names it: sources[0] "nginx".
  [[nodiscard]] Value named(std::string_view name) const;

  [[nodiscard]] Place place() const { return node_->place; }
  [[nodiscard]] bool is_list() const { return node_->kind == DocumentNode::Kind::kList; }
  [[nodiscard]] bool is_mapping() const { return node_->kind == DocumentNode::Kind::kMapping; }
  [[nodiscard]] bool is_text(std::string_view text) const {
    return node_->kind == DocumentNode::Kind::kScalar && node_->text == text;
  }

  void error(std::string_view message) const { error(place(), message); }
  void error(Place place, std::string_view message) const;
  void warning(Place place, std::string_view message) const;
  // From now on, no report shows what stands here, nor what follows in its line.
  void hide() {
    is_secret_ = true;
    diagnostics_->hide(place());
  }
  // Reports "expected ..., not a list" or what else it is.
  void expected(std::string_view what) const;

  // True if this is a mapping, and every key in it is known.
  [[nodiscard]] bool has_only(const Keys& keys) const;
  // Reports each of `keys` that is missing.
  void require(std::initializer_list<std::string_view> keys) const;
  // What is behind `key`, if this is a mapping that has it. Silent.
  [[nodiscard]] std::optional<Value> find(std::string_view key) const;
  [[nodiscard]] std::optional<Place> place_of_key(std::string_view key) const;

  // A mapping whose keys are its author's own.
  [[nodiscard]] std::vector<std::pair<Text, Value>> entries() const;
  // A list, possibly empty.
  [[nodiscard]] std::vector<Value> elements() const;
  // A list that is not empty, or one element without a list around it.
  [[nodiscard]] std::vector<Value> one_or_more() const;

  [[nodiscard]] Text text() const;  // not empty
  [[nodiscard]] Text text_or_empty() const;
  [[nodiscard]] std::vector<Text> texts() const;  // one_or_more() of them
  [[nodiscard]] std::optional<std::size_t> whole_number(std::size_t least, std::size_t most) const;

  template <typename T>
  [[nodiscard]] T choice(const Choices<T>& choices, T otherwise) const {
    std::vector<std::string> names;
    for (const auto& [name, value] : choices) names.push_back(name);
    const std::optional<std::size_t> index = index_in(names);
    return index ? choices[*index].second : otherwise;
  }

 private:
  [[nodiscard]] std::string located(std::string_view message) const;

  [[nodiscard]] std::optional<std::size_t> index_in(std::span<const std::string> names) const;
  [[nodiscard]] Value part(const DocumentNode& node, std::string_view step) const;

  const DocumentNode* node_;
  std::string entry_;  // sources[0] "nginx"
  std::string path_;   // extract[1].from
  bool is_secret_ = false;
  Diagnostics* diagnostics_;
};

}  // namespace tailmeter
