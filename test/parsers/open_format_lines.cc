#include "test/parsers/open_format_lines.h"

#include <array>

namespace tailmeter {

using namespace std::string_view_literals;

std::string OpenFormatLines::key() {
  constexpr std::array<std::string_view, 12> kKeys = {"a", "b", "c", "a.b",    "b.c",      "a.b.c",
                                                      "",  "0", "1", "status", "\xff\xfe", "a b"};
  return std::string(kKeys[below(kKeys.size())]);
}

std::string OpenFormatLines::blanks() {
  return one_in(6) ? std::string(1 + below(2), one_in(2) ? ' ' : '\t') : "";
}

std::string OpenFormatLines::text() {
  constexpr std::array<std::string_view, 24> kPieces = {
      "x",        "GET /v2/", " ",    "200",
      "-",        ":",        "=",    ",",
      "\"",       "\\",       "\n",   "\t",
      "\xC3\xA9", "\xff",     "\xa2", "\xdc",
      "{",        "}",        "[",    "\\x41",
      "\\u0041",  ";",        "null", "long enough to need more than one step of whatever looks at it in steps"};
  std::string text;
  for (std::size_t i = below(5); i > 0; --i) text += kPieces[below(kPieces.size())];
  return text;
}

std::string OpenFormatLines::json_string(const std::string& text) {
  constexpr std::array<std::string_view, 8> kEscapes = {"\\u00e9", "\\ud83d\\ude00", "\\ud800", "\\udc00",
                                                        "\\/",     "\\u0000",        "\\b",     "\\uD83Dx"};
  std::string out = "\"";
  for (const char c : text) {
    if (one_in(30)) out += kEscapes[below(kEscapes.size())];
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += one_in(2) ? "\\t" : "\\u0009";
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string OpenFormatLines::json_value(std::size_t depth) {
  constexpr std::array<std::string_view, 12> kLiterals = {
      "0", "200", "-1.5e-05", "1E+9", "0.001", "-0", "true", "false", "null", "12345678901234567890123", "1.50", "7"};
  switch (below(depth < 5 ? 8 : 5)) {
    case 5:
      return json_object(depth + 1);
    case 6:
    case 7: {
      std::string list = "[" + blanks();
      for (std::size_t i = 0, size = below(4); i < size; ++i)
        list += (i == 0 ? "" : ",") + json_value(depth + (one_in(3) ? 1 : 5));
      return list + blanks() + "]";
    }
    case 3:
    case 4:
      return std::string(kLiterals[below(kLiterals.size())]);
    default:
      return json_string(text());
  }
}

std::string OpenFormatLines::json_object(std::size_t depth) {
  std::string object = "{" + blanks();
  for (std::size_t i = 0, size = below(6); i < size; ++i) {
    object +=
        (i == 0 ? "" : ",") + blanks() + json_string(key()) + blanks() + ":" + blanks() + json_value(depth) + blanks();
  }
  return object + "}";
}

std::string OpenFormatLines::json() {
  return (one_in(40) ? "\xEF\xBB\xBF" : "") + blanks() + json_object(0) + blanks();
}

std::string OpenFormatLines::logfmt() {
  std::string line = blanks();
  for (std::size_t i = 1 + below(6); i > 0; --i) {
    switch (below(6)) {
      case 0:
        line += text();
        break;
      case 1:
        line += json_string(text());
        break;
      case 2:
      case 3:
        line += key() + "=" + text();
        break;
      default:
        line += key() + "=" + json_string(text()) + (one_in(20) ? "\\x41" : "");
    }
    line += one_in(30) ? "" : one_in(8) ? "\t" : " ";
  }
  return line;
}

std::string OpenFormatLines::ltsv() {
  std::string line;
  for (std::size_t i = below(6) + 1; i > 0; --i) {
    std::string label = key();
    while ((label.empty() || label.find_first_of(" \xff") != std::string::npos) && !one_in(12)) label = key();
    line += label + ":" + text() + (i > 1 ? "\t" : "");
  }
  return line;
}

std::string OpenFormatLines::csv(char separator) {
  std::string line;
  for (std::size_t i = below(7) + 1; i > 0; --i) {
    const std::string field = text();
    if (one_in(2)) {
      line += '"';
      for (const char c : field) line += c == '"' ? std::string("\"\"") : std::string(1, c);
      line += '"';
    } else {
      line += field;
    }
    if (i > 1) line += separator;
  }
  return line;
}

// Much of it is what may follow a message, out of its place.
std::string OpenFormatLines::error_text() {
  constexpr std::array<std::string_view, 24> kPieces = {"GET / HTTP/1.1",
                                                        "x",
                                                        ", ",
                                                        ", client: ",
                                                        ", server: ",
                                                        ", login: \"",
                                                        ", request: \"",
                                                        ", upstream: ",
                                                        ", host: \"",
                                                        "\", host: \"",
                                                        "\"",
                                                        "\", referrer: \"",
                                                        "*7 ",
                                                        "192.0.2.1",
                                                        "\", upstream",
                                                        " while ",
                                                        ", client:",
                                                        "\\\"",
                                                        "\", subrequest: \"",
                                                        "\xff\xfe",
                                                        "(111: a, b)",
                                                        "\t",
                                                        "...",
                                                        ", bytes from/to client:"};
  std::string text;
  for (std::size_t i = below(4); i > 0; --i) text += kPieces[below(kPieces.size())];
  return text;
}

std::string OpenFormatLines::nginx_error() {
  constexpr std::array<std::string_view, 4> kLevels = {"error", "notice", "crit", "emerg"};
  constexpr std::array<std::string_view, 9> kOpenings = {
      ", client: ",     ", server: ", ", login: \"",    ", request: \"",          ", subrequest: \"",
      ", upstream: \"", ", host: \"", ", referrer: \"", ", bytes from/to client:"};
  std::string line = "2026/11/21 18:49:" + std::to_string(10 + below(50)) + " [" +
                     std::string(kLevels[below(kLevels.size())]) + "] " + std::to_string(below(40'000)) + "#" +
                     std::to_string(below(9)) + ": ";
  if (!one_in(4)) line += "*" + std::to_string(below(2000)) + " ";
  line += error_text();
  if (one_in(6)) return line;
  for (const std::string_view opening : kOpenings) {
    if (opening != kOpenings.front() && one_in(3)) continue;
    line += opening;
    line += error_text();
    if (opening.back() == '"') line += '"';
  }
  return line;
}

std::string OpenFormatLines::damage(std::string line) {
  constexpr std::string_view kTelling =
      "\"\\{}[]:,= \t;-0.eEu\0\x1f\x7f\xff"
      "1atn\n"sv;
  for (std::size_t i = 1 + below(3); i > 0; --i) {
    const std::size_t at = below(line.size() + 1);
    const char byte = one_in(5) ? static_cast<char>(below(256)) : kTelling[below(kTelling.size())];
    switch (below(5)) {
      case 0:
        line.insert(at, 1, byte);
        break;
      case 1:
        if (at < line.size()) line.erase(at, 1);
        break;
      case 2:
        if (one_in(3)) line.resize(at);
        break;
      default:
        if (at < line.size()) line[at] = byte;
    }
  }
  return line;
}

}  // namespace tailmeter
