#include "parsers/pattern_start.h"

#include <cstring>
#include <utility>

namespace tailmeter {
namespace {

using Kind = PatternNode::Kind;

bool is_one_byte(const PatternNode& node) {
  return node.kind == Kind::kBytes && node.bytes.count() == 1;
}

// `(?:^|C)`. The alternatives of a pattern such as `^|,` are not in a sequence.
bool is_begin_or_byte(const PatternNode& node) {
  const auto is_only = [](const PatternNode& side, Kind kind) {
    return side.parts.size() == 1 && side.parts[0].kind == kind;
  };
  return node.kind == Kind::kAlternatives && node.parts.size() == 2 && is_only(node.parts[0], Kind::kTextBegin) &&
         is_only(node.parts[1], Kind::kBytes);
}

bool is_word_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

// Reads the nodes in the order of the texts that they match.
class RequiredText {
 public:
  std::string of(const PatternNode& root) {
    read(root);
    end_piece();
    return std::move(longest_);
  }

 private:
  void read(const PatternNode& node) {
    if (is_one_byte(node)) {
      piece_ += first_byte(node.bytes);
    } else if (node.kind == Kind::kSequence || node.kind == Kind::kGroup) {
      for (const PatternNode& part : node.parts) read(part);
    } else if (node.kind == Kind::kRepeat && node.least > 0) {
      end_piece();
      read(node.parts[0]);
      end_piece();
    } else {
      end_piece();
    }
  }

  void end_piece() {
    if (piece_.size() > longest_.size()) longest_ = piece_;
    piece_.clear();
  }

  std::string piece_;
  std::string longest_;
};

}  // namespace

std::optional<PatternStart> PatternStart::from(const PatternTree& tree) {
  if (tree.has_flags || tree.root.kind != Kind::kSequence) return std::nullopt;
  PatternStart start;
  auto part = tree.root.parts.begin();
  const auto end = tree.root.parts.end();
  if (part != end && part->kind == Kind::kWordEdge) {
    start.guard_ = Guard::kWordEdge;
    ++part;
  } else if (part != end && is_begin_or_byte(*part)) {
    start.guard_ = Guard::kBeginOrByte;
    start.bytes_ = part->parts[1].parts[0].bytes;
    ++part;
  }
  if (part == end) return std::nullopt;
  start.offset_ = part->offset;
  for (; part != end && is_one_byte(*part); ++part) start.text_ += first_byte(part->bytes);
  if (start.text_.empty() && start.guard_ != Guard::kBeginOrByte) return std::nullopt;
  return start;
}

std::size_t PatternStart::find(std::string_view text, std::size_t from) const {
  if (text_.empty()) {
    while (from <= text.size() && !holds(text, from)) ++from;
    return from <= text.size() ? from : std::string_view::npos;
  }
  for (;; ++from) {
    from = find_text(text, text_, from);
    if (from == std::string_view::npos || holds(text, from)) return from;
  }
}

std::string PatternStart::description() const {
  return text_.empty() ? "from its first byte" : "from \"" + text_ + '"';
}

bool PatternStart::holds(std::string_view text, std::size_t place) const {
  switch (guard_) {
    case Guard::kNone:
      return true;
    case Guard::kWordEdge:
      return (place > 0 && is_word_byte(text[place - 1])) != is_word_byte(text_.front());
    case Guard::kBeginOrByte:
      return place == 0 || bytes_[byte_index(text[place - 1])];
  }
  return false;
}

std::string required_text(const PatternTree& tree) {
  return RequiredText().of(tree.root);
}

std::size_t find_text(std::string_view text, std::string_view wanted, std::size_t from) {
  if (text.size() < wanted.size() || from > text.size() - wanted.size()) return std::string_view::npos;
  const void* const found = memmem(text.data() + from, text.size() - from, wanted.data(), wanted.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace tailmeter
