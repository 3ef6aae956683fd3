#include "parsers/pattern_items.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace tailmeter {
namespace {

using Item = PatternItem;

ByteSet range(char first, char last) {
  ByteSet bytes;
  for (std::size_t i = byte_index(first); i <= byte_index(last); ++i) bytes.set(i);
  return bytes;
}

ByteSet word_bytes() {
  return range('0', '9') | range('A', 'Z') | range('a', 'z') | range('_', '_');
}

// Reads a pattern's text. What it does not understand makes it give up, and what it has read until then is of no use.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::optional<PatternItems> read() {
    if (!take("^")) return std::nullopt;
    read_items();
    const bool is_anchored_at_end = take("$");
    if (has_given_up_ || !rest_.empty()) return std::nullopt;
    return PatternItems{std::move(items_), std::move(groups_), is_anchored_at_end};
  }

 private:
  bool take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  // Up to `$`, `|`, `)` or the end.
  void read_items() {
    while (!rest_.empty() && !is_one_of("$|)")) {
      if (take("(")) {
        read_group();
      } else {
        read_item();
      }
    }
  }

  void give_up() {
    has_given_up_ = true;
    rest_ = {};
  }

  [[nodiscard]] bool is_one_of(std::string_view bytes) const {
    return !rest_.empty() && bytes.find(rest_.front()) != std::string_view::npos;
  }

  void read_group() {
    const bool is_captured = !take("?:");
    if (take("?P<")) {
      rest_.remove_prefix(std::min(rest_.find('>'), rest_.size()));
      if (!take(">")) give_up();
    } else if (is_one_of("?")) {
      give_up();
    }
    const std::size_t group = groups_.size();
    if (is_captured) groups_.push_back({.begin = items_.size()});
    read_alternatives();
    if (is_captured) groups_[group].end = items_.size();
    boundary_ = items_.size();
    if (!take(")") || is_one_of("*+?{")) give_up();
  }

  void read_alternatives() {
    const std::size_t group_count = groups_.size();
    const std::size_t first = boundary_ = items_.size();
    read_items();
    if (!is_one_of("|")) return;
    Item item{.kind = Item::Kind::kTexts, .texts = {take_text(first)}};
    while (take("|")) {
      read_items();
      item.texts.push_back(take_text(first));
    }
    if (groups_.size() != group_count) give_up();
    items_.push_back(std::move(item));
  }

  // Takes back the items from the given one on: an alternative, which has to be plain text.
  std::string take_text(std::size_t first) {
    if (items_.size() == first) return {};
    if (items_.size() > first + 1 || !is_plain(items_.back())) give_up();
    std::string text = has_given_up_ ? "" : std::move(items_.back().texts[0]);
    items_.resize(first);
    return text;
  }

  static bool is_plain(const Item& item) { return item.kind == Item::Kind::kTexts && item.texts.size() == 1; }

  void read_item() {
    const ByteSet bytes = read_class();
    const bool is_run = is_one_of("*+");
    std::size_t count = 1;
    if (take("*")) {
      count = 0;
    } else if (!take("+") && take("{")) {
      count = read_count();
    }
    if (is_one_of("*+?{")) give_up();
    if (is_run || count != 1 || bytes.count() != 1) {
      items_.push_back({.kind = is_run ? Item::Kind::kRun : Item::Kind::kBytes, .bytes = bytes, .count = count});
    } else if (items_.size() > boundary_ && is_plain(items_.back())) {
      items_.back().texts[0] += first_byte(bytes);
    } else {
      items_.push_back({.kind = Item::Kind::kTexts, .texts = {std::string(1, first_byte(bytes))}});
    }
  }

  // Behind `{`. To RE2, a brace that does not begin a count is plain text.
  std::size_t read_count() {
    std::size_t count = 0;
    if (!is_one_of("123456789")) {
      give_up();
      return count;
    }
    const char* const end = std::from_chars(rest_.data(), rest_.data() + rest_.size(), count).ptr;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    if (!take("}")) give_up();
    return count;
  }

  ByteSet read_class() {
    if (is_one_of("*+?{^")) give_up();
    if (take(".")) return ~range('\n', '\n');
    if (take("[")) return read_brackets();
    if (const auto named = read_named_class()) return *named;
    const char byte = read_byte();
    return range(byte, byte);
  }

  ByteSet read_brackets() {
    const bool is_negated = take("^");
    ByteSet bytes;
    do {  // a "]" in front is a byte of the class
      if (rest_.starts_with("[:")) give_up();
      if (const auto named = read_named_class()) {
        bytes |= *named;
        continue;
      }
      const char first = read_byte();
      const bool is_range = rest_.starts_with("-") && !rest_.starts_with("-]") && take("-");
      bytes |= range(first, is_range ? read_byte() : first);
    } while (!has_given_up_ && !take("]"));
    return is_negated ? ~bytes : bytes;
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

  std::string_view rest_;
  std::vector<Item> items_;
  std::vector<PatternGroup> groups_;
  std::size_t boundary_ = 0;  // of a group: text before it and behind it is not one item
  bool has_given_up_ = false;
};

}  // namespace

char first_byte(const ByteSet& bytes) {
  std::size_t i = 0;
  while (!bytes[i]) ++i;
  return static_cast<char>(i);
}

std::optional<PatternItems> read_pattern_items(std::string_view pattern) {
  return Reader(pattern).read();
}

}  // namespace tailmeter
