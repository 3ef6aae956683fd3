#include "parsers/pattern_items.h"

#include <algorithm>
#include <utility>

namespace tailmeter {
namespace {

using Item = PatternItem;
using Node = PatternNode;

constexpr std::size_t kMaxItems = 1000;  // repeats in repeats write items out many times

// What it cannot write as items makes it give up, and what it has written until then is of no use.
class Writer {
 public:
  std::optional<PatternItems> write(const Node& root) {
    std::vector<const Node*> parts;
    if (root.kind == Node::Kind::kSequence) {
      for (const Node& part : root.parts) parts.push_back(&part);
    } else {
      parts.push_back(&root);
    }
    std::size_t begin = 0;
    std::size_t end = parts.size();
    if (begin < end && parts[begin]->kind == Node::Kind::kTextBegin) ++begin;
    if (begin < end && parts[end - 1]->kind == Node::Kind::kTextEnd) --end;
    row_.is_anchored_at_begin = begin > 0;
    row_.is_anchored_at_end = end < parts.size();
    for (std::size_t i = begin; i < end; ++i) append(*parts[i]);
    if (has_given_up_) return std::nullopt;
    return std::move(row_);
  }

 private:
  [[nodiscard]] std::size_t size() const { return row_.items.size(); }
  void give_up() { has_given_up_ = true; }

  void push(Item item) {
    if (size() == kMaxItems) return give_up();
    item.next = size() + 1;
    item.is_in_a_choice = choices_ > 0;
    row_.items.push_back(std::move(item));
  }

  void append(const Node& node) {
    if (has_given_up_) return;
    switch (node.kind) {
      case Node::Kind::kBytes:
        return append_bytes(node.bytes);
      case Node::Kind::kSequence:
        for (const Node& part : node.parts) append(part);
        return;
      case Node::Kind::kAlternatives:
        return append_alternatives(node);
      case Node::Kind::kRepeat:
        return append_repeat(node);
      case Node::Kind::kGroup:
        return append_group(node);
      default:
        return give_up();
    }
  }

  void append_bytes(const ByteSet& bytes) {
    if (bytes.count() != 1) {
      push({.kind = Item::Kind::kBytes, .bytes = bytes, .least = 1, .most = 1});
    } else if (size() > boundary_ && row_.items.back().kind == Item::Kind::kTexts &&
               row_.items.back().texts.size() == 1) {
      row_.items.back().texts[0] += first_byte(bytes);
    } else {
      push({.kind = Item::Kind::kTexts, .texts = {std::string(1, first_byte(bytes))}});
    }
  }

  void append_group(const Node& node) {
    const std::size_t group = row_.groups.size();
    boundary_ = size();
    row_.groups.push_back({.begin = size()});
    append(node.parts[0]);
    boundary_ = row_.groups[group].end = size();
    // Its place would be that of what follows the choice.
    if (choices_ > 0 && row_.groups[group].begin == size()) give_up();
  }

  void append_repeat(const Node& node) {
    const Node& part = node.parts[0];
    if (part.kind == Node::Kind::kBytes && node.most > 0) {
      const bool is_fixed = node.least == node.most;
      push({.kind = is_fixed ? Item::Kind::kBytes : Item::Kind::kRun,
            .bytes = part.bytes,
            .least = node.least,
            .most = node.most,
            .is_lazy = node.is_lazy && !is_fixed});
    } else if (std::optional<Item> units = units_of(node)) {
      push(*std::move(units));
    } else if (node.least == 0 && node.most == 1 && !node.is_lazy) {
      append_choice({&part, nullptr});
    } else if (node.least == node.most && node.most > 0) {
      const std::size_t group_count = row_.groups.size();
      for (std::size_t i = 0; i < node.most && !has_given_up_; ++i) append(part);
      if (row_.groups.size() > group_count) give_up();  // the last one's text is asked for
    } else {
      give_up();
    }
  }

  // What is between quotes with escapes, as (?:[^"\\]|\\.)* is.
  static std::optional<Item> units_of(const Node& repeat) {
    const Node& sides = repeat.parts[0];
    if (repeat.least > 1 || repeat.most != Node::kNoLimit) return std::nullopt;
    if (sides.kind != Node::Kind::kAlternatives || sides.parts.size() != 2) return std::nullopt;
    const bool is_pair_first = sides.parts[0].kind == Node::Kind::kSequence && sides.parts[0].parts.size() == 2;
    const Node& pair = sides.parts[is_pair_first ? 0 : 1];
    const Node* plain = &sides.parts[is_pair_first ? 1 : 0];
    if (plain->kind == Node::Kind::kSequence && plain->parts.size() == 1) plain = &plain->parts[0];
    const bool is_run = plain->kind == Node::Kind::kRepeat && plain->least == 1 && plain->most == Node::kNoLimit;
    if (is_run) plain = &plain->parts[0];
    if (plain->kind != Node::Kind::kBytes || pair.kind != Node::Kind::kSequence || pair.parts.size() != 2)
      return std::nullopt;
    const Node& escape = pair.parts[0];
    const Node& escaped = pair.parts[1];
    if (escape.kind != Node::Kind::kBytes || escaped.kind != Node::Kind::kBytes) return std::nullopt;
    if (escape.bytes.count() != 1 || (escape.bytes & plain->bytes).any()) return std::nullopt;
    return Item{.kind = Item::Kind::kUnits,
                .bytes = plain->bytes,
                .least = repeat.least,
                .most = repeat.most,
                .is_lazy = repeat.is_lazy,
                .escape = first_byte(escape.bytes),
                .escaped = escaped.bytes};
  }

  // The text that a sequence of single bytes is.
  static std::optional<std::string> plain_text(const Node& node) {
    if (node.kind != Node::Kind::kSequence) return std::nullopt;
    std::string text;
    for (const Node& part : node.parts) {
      if (part.kind != Node::Kind::kBytes || part.bytes.count() != 1) return std::nullopt;
      text += first_byte(part.bytes);
    }
    return text;
  }

  void append_alternatives(const Node& node) {
    Item texts{.kind = Item::Kind::kTexts};
    std::vector<const Node*> sides;
    for (const Node& part : node.parts) {
      const std::optional<std::string> text = plain_text(part);
      if (text) texts.texts.push_back(*text);
      sides.push_back(&part);
    }
    if (texts.texts.size() < sides.size()) return append_choice(sides);
    push(std::move(texts));
    boundary_ = size();
  }

  // Null is a side without items; it is the last one.
  void append_choice(const std::vector<const Node*>& sides) {
    struct Side {
      std::size_t begin;
      std::size_t end = begin;
      std::size_t first_group;
      std::size_t last_group = first_group;
    };
    std::vector<Side> written;
    ++choices_;
    for (std::size_t i = 0; i < sides.size() && !has_given_up_; ++i) {
      const bool is_last = i + 1 == sides.size();
      if (is_last && sides[i] == nullptr) break;
      if (!is_last) {
        --choices_;
        push({.kind = Item::Kind::kChoice});
        ++choices_;
      }
      Side side{.begin = size(), .first_group = row_.groups.size()};
      boundary_ = size();
      append(*sides[i]);
      side.end = size();
      side.last_group = row_.groups.size();
      if (side.begin == side.end) give_up();
      if (!is_last) written.push_back(side);
    }
    --choices_;
    boundary_ = size();
    if (has_given_up_) return;
    for (const Side& side : written) {
      Item& choice = row_.items[side.begin - 1];
      choice.other = side.end;
      choice.next = size();
      for (std::size_t i = side.begin; i < side.end; ++i) {
        if (row_.items[i].next == side.end) row_.items[i].next = size();
        if (row_.items[i].other == side.end) row_.items[i].other = size();
      }
      for (std::size_t i = side.first_group; i < side.last_group; ++i) {
        if (row_.groups[i].end == side.end) row_.groups[i].end = size();
      }
    }
  }

  PatternItems row_;
  std::size_t boundary_ = 0;  // of a group: text before it and behind it is not one item
  std::size_t choices_ = 0;   // that what is appended is inside of
  bool has_given_up_ = false;
};

}  // namespace

std::optional<PatternItems> pattern_items(const PatternTree& tree) {
  return Writer().write(tree.root);
}

}  // namespace tailmeter
