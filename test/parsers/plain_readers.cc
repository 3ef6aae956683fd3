// The plainest readers of JSON, logfmt, LTSV and CSV: one character at a time, no thought of speed.
#include <cctype>
#include <map>
#include <vector>

#include "test/parsers/open_format_lines.h"

namespace tailmeter {
namespace {

struct Refused {};

std::string utf8(unsigned code) {
  std::string out;
  if (code < 0x80) return {static_cast<char>(code)};
  const int tails = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  const unsigned lead = tails == 1 ? 0xC0 : tails == 2 ? 0xE0 : 0xF0;
  out += static_cast<char>(lead + (code >> (6 * tails)));
  for (int i = tails - 1; i >= 0; --i) out += static_cast<char>(0x80 + (code >> (6 * i)) % 64);
  return out;
}

struct Reader {
  std::string_view text;
  std::size_t at = 0;

  [[nodiscard]] bool done() const { return at >= text.size(); }
  [[nodiscard]] char peek() const { return done() ? '\n' : text[at]; }
  char next() {
    if (done()) throw Refused{};
    return text[at++];
  }
  void expect(char c) {
    if (next() != c) throw Refused{};
  }
  // The number that `count` hexadecimal digits are; -1, and nothing is taken, if they are none.
  long hex(std::size_t count) {
    long number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t digit = at + i < text.size()
                                    ? std::string_view("0123456789abcdef0123456789ABCDEF").find(text[at + i])
                                    : std::string_view::npos;
      if (digit == std::string_view::npos) return -1;
      number = number * 16 + static_cast<long>(digit % 16);
    }
    at += count;
    return number;
  }
};

// A \u escape whose first unit has been read.
std::string character(Reader& in, long unit) {
  if (unit >= 0xD800 && unit < 0xDC00 && in.text.substr(in.at, 2) == "\\u") {
    const std::size_t before = in.at;
    in.at += 2;
    const long low = in.hex(4);
    if (low >= 0xDC00 && low < 0xE000)
      return utf8(static_cast<unsigned>(0x10000 + ((unit - 0xD800) << 10) + low - 0xDC00));
    in.at = before;
  }
  return utf8(unit >= 0xD800 && unit < 0xE000 ? 0xFFFD : static_cast<unsigned>(unit));
}

struct Json {
  enum class Kind { kNull, kText, kObject, kList } kind = Kind::kNull;
  std::string text;
  std::vector<std::string> keys;  // of a list: numbers
  std::vector<Json> values;
};

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : in_{text} {}

  Json document() {
    if (in_.text.substr(0, 3) == "\xEF\xBB\xBF") in_.at = 3;
    Json json = value(0);
    blanks();
    if (!in_.done() || json.kind != Json::Kind::kObject) throw Refused{};
    return json;
  }

 private:
  void blanks() {
    while (!in_.done() && std::string_view(" \t\r\n").find(in_.peek()) != std::string_view::npos) ++in_.at;
  }

  std::string string() {
    in_.expect('"');
    std::string out;
    for (;;) {
      const char c = in_.next();
      if (c == '"') return out;
      if (static_cast<unsigned char>(c) < 0x20) throw Refused{};
      out += c == '\\' ? escape() : std::string(1, c);
    }
  }

  std::string escape() {
    const std::map<char, char> plain = {{'"', '"'},  {'\\', '\\'}, {'/', '/'},  {'b', '\b'},
                                        {'f', '\f'}, {'n', '\n'},  {'r', '\r'}, {'t', '\t'}};
    const char c = in_.next();
    if (c == 'u') {
      const long unit = in_.hex(4);
      if (unit < 0) throw Refused{};
      return character(in_, unit);
    }
    if (plain.count(c) == 0) throw Refused{};
    return {plain.at(c)};
  }

  bool digits() {
    const std::size_t begin = in_.at;
    while (in_.peek() >= '0' && in_.peek() <= '9') ++in_.at;
    return in_.at > begin;
  }

  Json literal() {
    for (const std::string_view word : {"true", "false", "null"}) {
      if (in_.text.substr(in_.at, word.size()) != word) continue;
      in_.at += word.size();
      return {word == "null" ? Json::Kind::kNull : Json::Kind::kText, std::string(word), {}, {}};
    }
    const std::size_t begin = in_.at;
    if (in_.peek() == '-') ++in_.at;
    if (in_.peek() == '0') {
      ++in_.at;
    } else if (!digits()) {
      throw Refused{};
    }
    if (in_.peek() == '.') {
      ++in_.at;
      if (!digits()) throw Refused{};
    }
    if (in_.peek() == 'e' || in_.peek() == 'E') {
      ++in_.at;
      if (in_.peek() == '+' || in_.peek() == '-') ++in_.at;
      if (!digits()) throw Refused{};
    }
    return {Json::Kind::kText, std::string(in_.text.substr(begin, in_.at - begin)), {}, {}};
  }

  Json value(std::size_t depth) {
    blanks();
    if (in_.peek() == '"') return {Json::Kind::kText, string(), {}, {}};
    if (in_.peek() != '{' && in_.peek() != '[') return literal();
    if (depth == 64) throw Refused{};
    const bool is_object = in_.next() == '{';
    Json json{is_object ? Json::Kind::kObject : Json::Kind::kList, "", {}, {}};
    blanks();
    if (in_.peek() == (is_object ? '}' : ']')) {
      ++in_.at;
      return json;
    }
    for (;;) {
      std::string key = std::to_string(json.keys.size());
      if (is_object) {
        blanks();
        key = string();
        blanks();
        in_.expect(':');
      }
      json.keys.push_back(key);
      json.values.push_back(value(depth + 1));
      blanks();
      const char c = in_.next();
      if (c == (is_object ? '}' : ']')) return json;
      if (c != ',') throw Refused{};
    }
  }

  Reader in_;
};

std::string as_field(const Json& json) {
  if (json.kind != Json::Kind::kList) return json.text == "null" && json.kind == Json::Kind::kNull ? "" : json.text;
  std::string list;
  for (const Json& element : json.values) {
    if (element.kind == Json::Kind::kObject || element.kind == Json::Kind::kList) return "";
    list += (&element == json.values.data() ? "" : ", ") + (element.kind == Json::Kind::kNull ? "-" : element.text);
  }
  return list;
}

struct Found {
  std::size_t keys = 1'000'000;
  std::string value;
};

// The way with the fewest keys counts, of these the last.
void collect(const Json& json, const std::string& name, std::size_t keys, std::map<std::string, Found>& found) {
  for (std::size_t i = 0; i < json.keys.size(); ++i) {
    const Json& member = json.values[i];
    const std::string full = keys == 0 ? json.keys[i] : name + "." + json.keys[i];
    Found& best = found[full];
    if (keys + 1 <= best.keys) best = {keys + 1, as_field(member)};
    collect(member, full, keys + 1, found);
  }
}

Fields not_empty(const Fields& all) {
  Fields fields;
  for (const auto& [name, value] : all) {
    if (!value.empty()) fields[name] = value;
  }
  return fields;
}

std::string undo_go(std::string_view text) {
  const std::map<char, char> plain = {{'"', '"'},  {'\\', '\\'}, {'a', '\a'}, {'b', '\b'}, {'f', '\f'},
                                      {'n', '\n'}, {'r', '\r'},  {'t', '\t'}, {'v', '\v'}};
  Reader in{text};
  std::string out;
  while (!in.done()) {
    const char c = in.next();
    const std::size_t behind = in.at;
    if (c != '\\' || in.done()) {
      out += c;
      continue;
    }
    const char kind = in.next();
    const long code = kind == 'x' ? in.hex(2) : kind == 'u' ? in.hex(4) : kind == 'U' ? in.hex(8) : -1;
    if (plain.count(kind) != 0) {
      out += plain.at(kind);
    } else if (code < 0) {
      out += c;
      in.at = behind;
    } else if (kind == 'x') {
      out += static_cast<char>(code);
    } else if (kind == 'u') {
      out += character(in, code);
    } else {
      out += utf8(code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? 0xFFFD : static_cast<unsigned>(code));
    }
  }
  return out;
}

}  // namespace

std::string undo_server_escapes(std::string_view text) {
  const std::map<char, char> plain = {{'"', '"'},  {'\\', '\\'}, {'b', '\b'}, {'f', '\f'},
                                      {'n', '\n'}, {'r', '\r'},  {'t', '\t'}, {'v', '\v'}};
  Reader in{text};
  std::string out;
  while (!in.done()) {
    const char c = in.next();
    const std::size_t behind = in.at;
    if (c == '\\' && !in.done()) {
      const char kind = in.next();
      const long code = kind == 'x' ? in.hex(2) : plain.count(kind) != 0 ? plain.at(kind) : -1;
      if (code >= 0) {
        out += static_cast<char>(code);
        continue;
      }
      in.at = behind;
    }
    out += c;
  }
  return out;
}

std::optional<Fields> read_json(std::string_view line) {
  try {
    std::map<std::string, Found> found;
    collect(JsonReader(line).document(), "", 0, found);
    Fields fields;
    for (const auto& [name, best] : found) fields[name] = best.value;
    return not_empty(fields);
  } catch (const Refused&) {
    return std::nullopt;
  }
}

std::optional<Fields> read_logfmt(std::string_view line) {
  Fields fields;
  bool has_pair = false;
  // Words first: a quote at the start of a word, or behind its first "=" if no quote is before that, shields blanks.
  for (std::size_t at = 0; at < line.size();) {
    if (line[at] == ' ' || line[at] == '\t') {
      ++at;
      continue;
    }
    std::string word;
    std::size_t equals = std::string::npos;
    bool is_text = line[at] == '"';
    bool is_quoted_value = false;
    for (bool is_inside = false; at < line.size(); ++at) {
      const char c = line[at];
      if (!is_inside && (c == ' ' || c == '\t')) break;
      if (is_quoted_value && !is_inside) return std::nullopt;  // something behind the quote
      if (is_inside && c == '\\' && at + 1 < line.size()) {
        word += c;
        word += line[++at];
        if (at + 1 == line.size()) return std::nullopt;
        continue;
      }
      word += c;
      if (c == '"') {
        if (is_inside) {
          is_inside = false;
          is_quoted_value = !is_text;
          continue;
        }
        if (word.size() == 1 || (equals != std::string::npos && word.size() == equals + 2)) is_inside = true;
        if (equals == std::string::npos) is_text = true;
      }
      if (c == '=' && equals == std::string::npos && !is_text) {
        equals = word.size() - 1;
        if (equals == 0) is_text = true;
        if (is_text) equals = std::string::npos;
      }
      if (is_inside && at + 1 == line.size()) return std::nullopt;
    }
    if (equals == std::string::npos || is_text) continue;
    has_pair = true;
    const std::string value = word.substr(equals + 1);
    fields[word.substr(0, equals)] =
        is_quoted_value ? undo_go(std::string_view(value).substr(1, value.size() - 2)) : value;
  }
  if (!has_pair) return std::nullopt;
  return not_empty(fields);
}

std::optional<Fields> read_ltsv(std::string_view line) {
  Fields fields;
  std::string label;
  std::string value;
  bool has_label = false;
  for (std::size_t at = 0; at <= line.size(); ++at) {
    if (at == line.size() || line[at] == '\t') {
      if (!has_label || label.empty()) return std::nullopt;
      fields[label] = undo_server_escapes(value);
      label.clear();
      value.clear();
      has_label = false;
    } else if (!has_label && line[at] == ':') {
      has_label = true;
    } else {
      const bool is_of_label = std::isalnum(static_cast<unsigned char>(line[at])) != 0 || line[at] == '_' ||
                               line[at] == '.' || line[at] == '-';
      if (!has_label && !is_of_label) return std::nullopt;
      (has_label ? value : label) += line[at];
    }
  }
  return not_empty(fields);
}

std::optional<Fields> read_csv(std::string_view line, char separator) {
  if (line.empty()) return std::nullopt;
  Fields fields;
  std::string value;
  enum { kStart, kPlain, kQuoted, kQuote } state = kStart;
  std::size_t position = 1;
  for (const char c : line) {
    if (state == kQuoted) {
      if (c == '"') {
        state = kQuote;
      } else {
        value += c;
      }
    } else if (c == separator) {
      fields[std::to_string(position++)] = value;
      value.clear();
      state = kStart;
    } else if (state == kQuote) {
      if (c != '"') return std::nullopt;
      value += c;
      state = kQuoted;
    } else if (state == kStart && c == '"') {
      state = kQuoted;
    } else {
      value += c;
      state = kPlain;
    }
  }
  if (state == kQuoted) return std::nullopt;
  fields[std::to_string(position)] = value;
  return not_empty(fields);
}

}  // namespace tailmeter
