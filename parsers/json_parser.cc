#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <string>
#include <vector>

// Whether it was built with optimization must not decide how it behaves.
#define SIMDJSON_DEVELOPMENT_CHECKS 0
#include <simdjson.h>

#include "parsers/asked_names.h"
#include "parsers/byte_order_mark.h"
#include "parsers/escape.h"
#include "parsers/formats.h"
#include "parsers/json_names.h"
#include "parsers/json_text.h"

namespace tailmeter {
namespace {

namespace ondemand = simdjson::ondemand;

// What simdjson works in. It grows with the longest line and is kept.
struct Workspace {
  ondemand::parser parser;
  std::vector<char> copy;            // of the line, with room behind it
  std::string key;                   // one that has escapes
  std::string list;                  // one that is put together
  std::vector<std::uint8_t> depths;  // by field: of the value that it has
};

Workspace& workspace() {
  thread_local Workspace space;
  return space;
}

// Copies `line` with an "x" for each byte beyond ASCII. simdjson refuses what is no UTF-8; nginx writes it. A string
// may hold either, and neither may stand anywhere else.
void copy_as_ascii(std::string_view line, char* out) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  constexpr std::uint64_t kEachX = 0x7878787878787878;
  std::size_t at = 0;
  for (; at + sizeof(std::uint64_t) <= line.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, line.data() + at, sizeof bytes);
    const std::uint64_t beyond = ((bytes & kHighBits) >> 7) * 0xFF;
    bytes = (bytes & ~beyond) | (kEachX & beyond);
    std::memcpy(out + at, &bytes, sizeof bytes);
  }
  for (; at < line.size(); ++at) out[at] = static_cast<unsigned char>(line[at]) < 0x80 ? line[at] : 'x';
}

// One line on its way through simdjson, which finds the pieces and their order. What it leaves unlooked at, the insides
// of literals and strings, is looked at here: a line is taken if it is JSON from end to end.
class Walk {
 public:
  Walk(const JsonNames& names, std::string_view line, FieldValues& values)
      : names_(names), line_(line), values_(values), space_(workspace()) {}

  [[nodiscard]] bool run() {
    make_copy();
    has_backslash_ = line_.find('\\') != std::string_view::npos;
    if (names_.has_dots()) space_.depths.assign(values_.size(), kMaxJsonDepth + 1);
    ondemand::document document;
    if (space_.parser.iterate(space_.copy.data(), line_.size(), space_.copy.size()).get(document)) return false;
    ondemand::object object;
    if (document.get_object().get(object)) return false;
    if (!walk_object(object, JsonNames::kRoot, 1)) return false;
    return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  }

 private:
  // A value that is no object and no list.
  struct Scalar {
    bool is_scalar = false;
    bool has_escapes = false;
    std::string_view text{};  // in the line
  };

  void make_copy() {
    const std::size_t needed = line_.size() + simdjson::SIMDJSON_PADDING;
    if (space_.copy.size() < needed) {
      space_.copy.resize(std::bit_ceil(std::max(needed, kLeastCopyBytes)));
      if (space_.parser.allocate(space_.copy.size())) throw std::bad_alloc();
    }
    copy_as_ascii(line_, space_.copy.data());
    // simdjson looks whether a brace happens to stand there.
    std::memset(space_.copy.data() + line_.size(), 0, simdjson::SIMDJSON_PADDING);
  }

  // The bytes of the line that [begin, end) is the copy of.
  [[nodiscard]] std::string_view original(const char* begin, const char* end) const {
    return line_.substr(static_cast<std::size_t>(begin - space_.copy.data()), static_cast<std::size_t>(end - begin));
  }

  bool walk_object(ondemand::object object, std::uint32_t where, std::size_t depth) {
    if (depth > kMaxJsonDepth) return false;
    for (auto&& next : object) {
      ondemand::field field;
      if (std::move(next).get(field)) return false;
      JsonNames::Target target;
      if (where != JsonNames::kNowhere || has_backslash_) {
        if (!find_key(field.key().raw(), where, target)) return false;
      }
      if (!walk_value(field.value(), target, depth).is_right) return false;
    }
    return true;
  }

  bool find_key(const char* begin, std::uint32_t where, JsonNames::Target& target) {
    const char* end = begin;
    bool has_escapes = false;
    for (; *end != '"'; ++end) {
      if (*end != '\\') continue;
      has_escapes = true;
      ++end;
    }
    std::string_view key = original(begin, end);
    if (has_escapes) {
      if (find_wrong_json_escape(key) != std::string_view::npos) return false;
      space_.key.resize(key.size());
      key = {space_.key.data(), undo_escapes(Escaping::kJson, key, space_.key.data())};
    }
    target = names_.find(where, key);
    return true;
  }

  struct Walked {
    bool is_right = false;
    Scalar scalar{};
  };

  Walked walk_value(ondemand::value value, JsonNames::Target target, std::size_t depth) {
    std::string_view token = value.raw_json_token();
    switch (token.front()) {
      case '{': {
        if (target.is_field()) set(target.field, {}, depth);
        ondemand::object object;
        return {!value.get_object().get(object) && walk_object(object, target.inside, depth + 1)};
      }
      case '[': {
        ondemand::array array;
        return {!value.get_array().get(array) && walk_array(array, target, depth)};
      }
      case '"':
        return walk_string(value, without_blanks(token), target, depth);
      default:
        return walk_literal(without_blanks(token), target, depth);
    }
  }

  // simdjson's pieces reach up to the next one.
  static std::string_view without_blanks(std::string_view token) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (is_blank(token.back())) token.remove_suffix(1);
    return token;
  }

  Walked walk_string(ondemand::value value, std::string_view token, JsonNames::Target target, std::size_t depth) {
    // Where a string is skipped that stands in front of a colon, simdjson 3.0 takes it for a key: it has to be taken.
    ondemand::raw_json_string taken;
    if (value.get_raw_json_string().get(taken)) return {};
    Scalar scalar{true, false, original(token.data() + 1, token.data() + token.size() - 1)};
    scalar.has_escapes = has_backslash_ && scalar.text.find('\\') != std::string_view::npos;
    if (scalar.has_escapes && find_wrong_json_escape(scalar.text) != std::string_view::npos) return {};
    if (target.is_field()) set(target.field, scalar.has_escapes ? undone(scalar.text) : scalar.text, depth);
    return {true, scalar};
  }

  Walked walk_literal(std::string_view token, JsonNames::Target target, std::size_t depth) {
    if (!is_json_literal(token)) return {};
    const std::string_view text = original(token.data(), token.data() + token.size());
    const bool is_null = text == "null";
    if (target.is_field()) set(target.field, is_null ? std::string_view() : text, depth);
    return {true, {true, false, is_null ? "-" : text}};
  }

  // A list of scalars is a field's value as nginx would write it.
  bool walk_array(ondemand::array array, JsonNames::Target target, std::size_t depth) {
    if (depth == kMaxJsonDepth) return false;
    bool is_list = target.is_field();
    if (is_list) space_.list.clear();
    std::size_t position = 0;
    for (auto&& next : array) {
      ondemand::value element;
      if (std::move(next).get(element)) return false;
      const Walked walked = walk_value(element, element_target(target.inside, position), depth + 1);
      if (!walked.is_right) return false;
      is_list = is_list && walked.scalar.is_scalar;
      if (is_list) append_to_list(walked.scalar, position > 0);
      ++position;
    }
    if (target.is_field()) set(target.field, is_list ? keep(space_.list) : std::string_view(), depth);
    return true;
  }

  [[nodiscard]] JsonNames::Target element_target(std::uint32_t where, std::size_t position) const {
    if (where == JsonNames::kNowhere) return {};
    std::array<char, 24> digits{};
    const char* const end = std::to_chars(digits.begin(), digits.end(), position).ptr;
    return names_.find(where, {digits.data(), static_cast<std::size_t>(end - digits.data())});
  }

  void append_to_list(const Scalar& scalar, bool is_behind_another) {
    std::string& list = space_.list;
    if (is_behind_another) list += ", ";
    const std::size_t begin = list.size();
    list += scalar.text;
    if (scalar.has_escapes) list.resize(begin + undo_escapes(Escaping::kJson, scalar.text, list.data() + begin));
  }

  std::string_view keep(const std::string& text) {
    char* const kept = values_.scratch(text.size());
    std::memcpy(kept, text.data(), text.size());
    return {kept, text.size()};
  }

  std::string_view undone(std::string_view text) {
    char* const out = values_.scratch(text.size());
    return {out, undo_escapes(Escaping::kJson, text, out)};
  }

  void set(FieldIndex field, std::string_view text, std::size_t depth) {
    if (names_.has_dots()) {
      if (depth > space_.depths[field]) return;
      space_.depths[field] = static_cast<std::uint8_t>(depth);
    }
    values_.set(field, text);
  }

  static constexpr std::size_t kLeastCopyBytes = 4096;

  const JsonNames& names_;
  std::string_view line_;
  FieldValues& values_;
  Workspace& space_;
  bool has_backslash_ = false;
};

class JsonParser final : public Parser {
 public:
  [[nodiscard]] const std::vector<std::string>& field_names() const override { return asked_.names(); }

  bool ask_for(std::string_view name) override {
    if (!JsonNames::may_be_asked(name)) return false;
    const std::size_t known = asked_.names().size();
    asked_.ask(name);
    if (asked_.names().size() > known) names_.add(name, static_cast<FieldIndex>(known));
    return true;
  }

  void select(const std::vector<bool>& used) override {
    names_ = {};
    for (std::size_t i = 0; i < used.size(); ++i) {
      if (used[i]) names_.add(asked_.names()[i], static_cast<FieldIndex>(i));
    }
  }

  [[nodiscard]] bool parse(std::string_view line, FieldValues& values) const override {
    if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    return Walk(names_, line, values).run();
  }

  [[nodiscard]] Mismatch diagnose(std::string_view line) const override { return diagnose_json(line); }

 private:
  AskedNames asked_;
  JsonNames names_;
};

}  // namespace

std::unique_ptr<Parser> make_json_parser() {
  return std::make_unique<JsonParser>();
}

}  // namespace tailmeter
