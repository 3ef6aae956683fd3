#include "parsers/pattern_tree.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

namespace tailmeter {
namespace {

using Node = PatternNode;
using Kind = PatternNode::Kind;

ByteSet range(char first, char last) {
  ByteSet bytes;
  for (std::size_t i = byte_index(first); i <= byte_index(last); ++i) bytes.set(i);
  return bytes;
}

ByteSet word_bytes() {
  return range('0', '9') | range('A', 'Z') | range('a', 'z') | range('_', '_');
}

// On bytes they mean ASCII.
const std::map<std::string_view, ByteSet>& posix_classes() {
  static const std::map<std::string_view, ByteSet> kClasses = [] {
    const ByteSet letters = range('A', 'Z') | range('a', 'z');
    const ByteSet digits = range('0', '9');
    const ByteSet shown = range('!', '~');
    return std::map<std::string_view, ByteSet>{
        {"alnum", letters | digits},
        {"alpha", letters},
        {"ascii", range('\0', '\x7F')},
        {"blank", range(' ', ' ') | range('\t', '\t')},
        {"cntrl", range('\0', '\x1F') | range('\x7F', '\x7F')},
        {"digit", digits},
        {"graph", shown},
        {"lower", range('a', 'z')},
        {"print", shown | range(' ', ' ')},
        {"punct", shown & ~(letters | digits)},
        {"space", range('\t', '\r') | range(' ', ' ')},
        {"upper", range('A', 'Z')},
        {"word", word_bytes()},
        {"xdigit", digits | range('A', 'F') | range('a', 'f')},
    };
  }();
  return kClasses;
}

// With its letters in both cases.
ByteSet folded(ByteSet bytes) {
  constexpr std::size_t kCaseBit = 0x20;
  for (std::size_t upper = 'A'; upper <= 'Z'; ++upper) {
    if (!bytes[upper] && !bytes[upper | kCaseBit]) continue;
    bytes.set(upper);
    bytes.set(upper | kCaseBit);
  }
  return bytes;
}

// Reads a pattern's text. What it does not understand makes it give up, and what it has read until then is of no use.
class Reader {
 public:
  explicit Reader(std::string_view text) : size_(text.size()), rest_(text) {}

  std::optional<PatternTree> read() {
    PatternTree tree{.root = read_alternatives()};
    if (!rest_.empty()) give_up();
    tree.has_flags = has_flags_;
    if (has_given_up_) return std::nullopt;
    return tree;
  }

 private:
  struct Flags {
    bool folds_case = false;
    bool dot_is_all = false;
  };

  bool take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  [[nodiscard]] bool is_one_of(std::string_view bytes) const {
    return !rest_.empty() && bytes.find(rest_.front()) != std::string_view::npos;
  }
  [[nodiscard]] Node node(Kind kind) const { return {.kind = kind, .offset = size_ - rest_.size()}; }
  void give_up() {
    has_given_up_ = true;
    rest_ = {};
  }

  // Up to `)` or the end, where the flags are what they were.
  Node read_alternatives() {
    const Flags flags = flags_;
    Node alternatives = node(Kind::kAlternatives);
    do alternatives.parts.push_back(read_sequence());
    while (take("|"));
    flags_ = flags;
    if (alternatives.parts.size() > 1) return alternatives;
    Node only = std::move(alternatives.parts[0]);
    return only;
  }

  Node read_sequence() {
    Node sequence = node(Kind::kSequence);
    while (!rest_.empty() && !is_one_of("|)")) {
      if (is_one_of("*+?")) give_up();
      if (read_flags()) continue;
      sequence.parts.push_back(read_repeats(read_atom()));
    }
    return sequence;
  }

  // "(?i)": of all that follows in this bracket.
  bool read_flags() {
    const std::size_t end = rest_.find_first_not_of("is", 2);
    if (!rest_.starts_with("(?") || end == 2 || end == std::string_view::npos || rest_[end] != ')') return false;
    set_flags(rest_.substr(2, end - 2));
    rest_.remove_prefix(end + 1);
    return true;
  }
  void set_flags(std::string_view letters) {
    has_flags_ = true;
    flags_.folds_case |= letters.find('i') != std::string_view::npos;
    flags_.dot_is_all |= letters.find('s') != std::string_view::npos;
  }

  Node read_repeats(Node atom) {
    while (!has_given_up_ && is_one_of("*+?{")) {
      Node repeat{.kind = Kind::kRepeat, .offset = atom.offset};
      if (take("{")) {
        read_bounds(repeat);
      } else {
        repeat.least = is_one_of("+") ? 1 : 0;
        repeat.most = is_one_of("?") ? 1 : Node::kNoLimit;
        rest_.remove_prefix(1);
      }
      repeat.is_lazy = take("?");
      repeat.parts.push_back(std::move(atom));
      atom = std::move(repeat);
    }
    return atom;
  }

  // Behind `{`. To RE2, a brace that does not begin a count is plain text.
  void read_bounds(Node& repeat) {
    repeat.least = repeat.most = read_number();
    if (take(",")) repeat.most = is_one_of("}") ? Node::kNoLimit : read_number();
    if (!take("}")) give_up();
  }
  std::size_t read_number() {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    const auto length = static_cast<std::size_t>(end - rest_.data());
    if (length == 0 || error != std::errc() || (length > 1 && rest_[0] == '0')) {
      give_up();
      return 0;
    }
    rest_.remove_prefix(length);
    return number;
  }

  Node read_atom() {
    if (is_one_of("(")) return read_brackets();
    Node atom = node(Kind::kBytes);
    if (take("^") || take("\\A")) {
      atom.kind = Kind::kTextBegin;
    } else if (take("$") || take("\\z")) {
      atom.kind = Kind::kTextEnd;
    } else if (take("\\b")) {
      atom.kind = Kind::kWordEdge;
    } else if (take("\\B")) {
      atom.kind = Kind::kNoWordEdge;
    } else {
      atom.bytes = read_bytes();
    }
    return atom;
  }

  Node read_brackets() {
    Node group = node(Kind::kGroup);
    take("(");
    const Flags flags = flags_;
    bool is_captured = true;
    if (take("?P<")) {
      rest_.remove_prefix(std::min(rest_.find('>'), rest_.size()));
      if (!take(">")) give_up();
    } else if (take("?")) {
      is_captured = false;
      const std::size_t colon = std::min(rest_.find_first_not_of("is"), rest_.size());
      if (colon > 0) set_flags(rest_.substr(0, colon));
      rest_.remove_prefix(colon);
      if (!take(":")) give_up();
    }
    Node inside = read_alternatives();
    flags_ = flags;
    if (!take(")")) give_up();
    if (!is_captured) {
      inside.offset = group.offset;
      return inside;
    }
    group.parts.push_back(std::move(inside));
    return group;
  }

  ByteSet read_bytes() {
    if (take(".")) return flags_.dot_is_all ? ~ByteSet() : dot_bytes();
    if (take("[")) return read_class();
    if (const auto named = read_named_class()) return *named;
    const char byte = read_byte();
    return in_case(range(byte, byte));
  }

  ByteSet in_case(const ByteSet& bytes) {
    if (!flags_.folds_case) return bytes;
    if ((bytes >> kAsciiBytes).any()) give_up();  // these have cases too
    return folded(bytes);
  }

  ByteSet read_class() {
    const bool is_negated = take("^");
    ByteSet bytes;
    do {  // a "]" in front is a byte of the class
      if (rest_.starts_with("[:")) {
        bytes |= read_posix_class();
        continue;
      }
      if (const auto named = read_named_class()) {
        bytes |= *named;
        continue;
      }
      const char first = read_byte();
      const bool is_range = rest_.starts_with("-") && !rest_.starts_with("-]") && take("-");
      bytes |= range(first, is_range ? read_byte() : first);
    } while (!has_given_up_ && !take("]"));
    bytes = in_case(bytes);
    return is_negated ? ~bytes : bytes;
  }

  // [:alpha:], or [:^alpha:] for all but these.
  ByteSet read_posix_class() {
    const std::size_t size = rest_.find(":]");
    if (size == std::string_view::npos) {
      give_up();
      return {};
    }
    std::string_view name = rest_.substr(2, size - 2);
    rest_.remove_prefix(size + 2);
    const bool is_negated = name.starts_with('^');
    if (is_negated) name.remove_prefix(1);
    const auto known = posix_classes().find(name);
    if (known == posix_classes().end()) {
      give_up();
      return {};
    }
    return is_negated ? ~known->second : known->second;
  }

  std::optional<ByteSet> read_named_class() {
    if (rest_.size() < 2 || rest_[0] != '\\') return std::nullopt;
    ByteSet bytes;
    switch (rest_[1]) {
      case 'd':
      case 'D':
        bytes = range('0', '9');
        break;
      case 's':
      case 'S':
        for (const char blank : {'\t', '\n', '\f', '\r', ' '}) bytes.set(byte_index(blank));
        break;
      case 'w':
      case 'W':
        bytes = word_bytes();
        break;
      default:
        return std::nullopt;
    }
    const bool is_negated = rest_[1] < 'a';
    rest_.remove_prefix(2);
    return is_negated ? ~bytes : bytes;
  }

  char read_byte() {
    const bool is_escaped = take("\\");
    if (rest_.empty()) {
      give_up();
      return 0;
    }
    const char byte = rest_.front();
    rest_.remove_prefix(1);
    if (!is_escaped) return byte;
    if (byte == 't') return '\t';
    if (byte == 'n') return '\n';
    if (!range(' ', '~')[byte_index(byte)] || word_bytes()[byte_index(byte)]) give_up();
    return byte;
  }

  static constexpr std::size_t kAsciiBytes = 128;

  std::size_t size_;
  std::string_view rest_;
  Flags flags_;
  bool has_flags_ = false;
  bool has_given_up_ = false;
};

}  // namespace

ByteSet dot_bytes() {
  return ~range('\n', '\n');
}

char first_byte(const ByteSet& bytes) {
  std::size_t i = 0;
  while (!bytes[i]) ++i;
  return static_cast<char>(i);
}

std::optional<PatternTree> read_pattern_tree(std::string_view pattern) {
  return Reader(pattern).read();
}

}  // namespace tailmeter
