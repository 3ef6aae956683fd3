#include "rules/program/path_learner.h"

namespace tailmeter {
namespace {

// No name has a brace in it.
bool is_class(std::string_view name) {
  return name.starts_with('{');
}

}  // namespace

PathLearner::PathLearner() : nodes_(2), names_(2) {}

std::string PathLearner::learn(std::string_view path) {
  std::string value;
  std::uint32_t node = path.starts_with('/') ? kAbsoluteRoot : kRelativeRoot;
  std::size_t start = node == kAbsoluteRoot ? 1 : 0;
  if (node == kAbsoluteRoot) value += '/';
  for (std::size_t segments = 1;; ++segments) {
    const std::size_t slash = path.find('/', start);
    node = segments <= kMaxSegments ? child(node, path.substr(start, slash - start)) : kNoNode;
    if (node == kNoNode) return value.append(kRestOfPath);
    value += nodes_[node].name;
    if (slash == std::string_view::npos) return value;
    value += '/';
    start = slash + 1;
  }
}

// The node of a segment below `parent`, made if it is not known; kNoNode if there is no room for it.
std::uint32_t PathLearner::child(std::uint32_t parent, std::string_view segment) {
  std::string_view name = segment_class(segment);
  if (name.empty()) name = nodes_[parent].is_cut ? kAnyText : segment;
  if (const auto known = children_.find({parent, name}); known != children_.end()) return known->second;
  if (nodes_.size() >= kMaxNodes) return kNoNode;
  if (is_class(name) || names_[parent] < kMaxNames) return append(parent, name);
  nodes_[parent].is_cut = true;
  ++cuts_;
  return child(parent, segment);
}

std::uint32_t PathLearner::append(std::uint32_t parent, std::string_view name) {
  const auto node = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back({.parent = parent, .name = std::string(name)});
  names_.push_back(0);
  if (!is_class(name)) ++names_[parent];
  children_.emplace(Child{parent, nodes_.back().name}, node);
  return node;
}

void PathLearner::restore(const std::vector<PathNode>& nodes) {
  for (std::size_t i = 0; i < nodes.size() && i < kMaxNodes; ++i) {
    const PathNode& node = nodes[i];
    const bool is_root = i == kAbsoluteRoot || i == kRelativeRoot;
    if (!is_root) {
      if (node.parent >= nodes_.size()) return;  // no record of ours
      append(node.parent, node.name);
    }
    nodes_[i].is_cut = node.is_cut;
  }
}

}  // namespace tailmeter
