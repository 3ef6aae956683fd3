// Makes LogFormat texts of httpd out of pieces whose meaning is known, makes lines of them, and reads these in the
// plainest way there is.
//
// The reader never looks at the text: it goes by the pieces, and tries every way to split a line.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "test/parsers/parse.h"

namespace tailmeter {

// What may stand in a field, in the words of field_class.h.
enum class HttpdKind { kNumber, kTime, kWord, kToken, kText };

struct HttpdPiece {
  std::string field;    // its name; empty for a literal
  std::string literal;  // what stands in the line
  HttpdKind kind = HttpdKind::kText;
};

struct HttpdFormat {
  std::string text;                // as in httpd's configuration
  std::vector<HttpdPiece> pieces;  // no two literals side by side

  // Two fields side by side: nobody can tell where one ends.
  [[nodiscard]] bool has_neighbours() const;
};

class HttpdLines {
 public:
  explicit HttpdLines(std::uint32_t seed) : random_(seed) {}

  HttpdFormat format();

  // A line, and its fields as parse() has them.
  struct Line {
    std::string text;
    Fields fields;
  };
  Line line(const HttpdFormat& format);

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  std::string_view one_of(std::span<const std::string_view> choices) { return choices[below(choices.size())]; }
  void add_literal(HttpdFormat& format, std::string_view literal);
  void add_directive(HttpdFormat& format);

  std::mt19937 random_;
};

struct HttpdReading {
  std::size_t ways = 0;  // in which the line has the format
  Fields fields;         // by one of them
};
HttpdReading read_httpd(const HttpdFormat& format, std::string_view line);

}  // namespace tailmeter
