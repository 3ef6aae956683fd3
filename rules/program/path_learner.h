// Paths as few values: which segments are names, and which are one of many, is learned from the paths themselves.
//
// A segment is what its bytes tell (path_segment.h), or else a name, as long as few different ones were seen in its
// place: these are a tree, and where a node has kMaxNames of them already, the next one cuts it: from then on every
// name there is "{text}", those that were known too, and what is below them is learned anew. Behind kMaxSegments
// segments, and where kMaxNodes nodes are made, the rest of a path is "...".
//
// So a value is a node of the tree, with or without "/..." behind it: at most 2 * kMaxNodes of them, whatever the paths
// are. Nodes are never given back, so that this holds for all of the learner's life, restarts included; and so that
// of one path the value changes only when a node is cut.
//
// What it learned decides what later paths are called: it has to be kept with what was counted under these values, and
// both restored together. Values from before a cut stay as they are, for what was counted is never taken back; they
// just get nothing more.
//
// Belongs to the loop thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "rules/program/path_segment.h"
#include "rules/series/hash.h"

namespace tailmeter {

struct PathNode {
  std::uint32_t parent = 0;
  std::string name;     // of a segment: one that was seen, or a class
  bool is_cut = false;  // names below it are all one

  bool operator==(const PathNode&) const = default;
};

class PathLearner {
 public:
  static constexpr std::size_t kMaxNodes = 1'000;
  static constexpr std::size_t kMaxNames = 32;
  static constexpr std::size_t kMaxSegments = 8;

  PathLearner();
  PathLearner(const PathLearner&) = delete;
  PathLearner& operator=(const PathLearner&) = delete;

  // The value of `path`, a path without a query. Asked again, the answer is the same, until a node is cut.
  [[nodiscard]] std::string learn(std::string_view path);

  // How often what learn() had said before became wrong for some paths.
  [[nodiscard]] std::uint64_t cuts() const { return cuts_; }

  // All that it knows, and back, to a new learner. What has no room any more is left out.
  [[nodiscard]] std::vector<PathNode> save() const { return {nodes_.begin(), nodes_.end()}; }
  void restore(const std::vector<PathNode>& nodes);

 private:
  // Paths with a "/" in front, and others.
  static constexpr std::uint32_t kAbsoluteRoot = 0;
  static constexpr std::uint32_t kRelativeRoot = 1;
  static constexpr std::uint32_t kNoNode = 0xFFFFFFFF;

  using Child = std::pair<std::uint32_t, std::string_view>;  // the parent, and a name in nodes_
  struct ChildHash {
    using is_avalanching = void;
    std::size_t operator()(const Child& child) const {
      return XXH3_64bits_withSeed(child.second.data(), child.second.size(), seed + child.first);
    }
    std::uint64_t seed = process_hash_seed();
  };

  std::uint32_t child(std::uint32_t parent, std::string_view segment);
  std::uint32_t append(std::uint32_t parent, std::string_view name);

  std::deque<PathNode> nodes_;        // which stay where they are
  std::vector<std::uint32_t> names_;  // below each node, classes left out
  boost::unordered_flat_map<Child, std::uint32_t, ChildHash> children_;
  std::uint64_t cuts_ = 0;
};

}  // namespace tailmeter
