#include "rules/series/label_text.h"

#include <catch2/catch.hpp>

namespace tailmeter {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("a label value is valid UTF-8 without control characters, whatever the bytes were", "[series]") {
  struct Row {
    std::string bytes;
    std::string clean;
  };
  const Row rows[] = {
      {"library/nginx", "library/nginx"},
      {"镜像", "镜像"},
      {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
      {"a\xFFz", "a\\xFFz"},
      {"\xC3", "\\xC3"},                             // cut in the middle of a character
      {"\xC0\xAF", "\\xC0\\xAF"},                    // an overlong slash
      {"\xED\xA0\x80", "\\xED\\xA0\\x80"},           // half a surrogate pair
      {"\xF4\x90\x80\x80", "\\xF4\\x90\\x80\\x80"},  // above U+10FFFF
      {"\xE0\x80\x80", "\\xE0\\x80\\x80"},           // overlong in three bytes
      {std::string("a\0b", 3), "a\\x00b"},
      {"\x1B[31mred\x7F", "\\x1B[31mred\\x7F"},
      {"\xC2\x9Bm", "\\xC2\\x9Bm"},  // CSI as one C1 control
      {"tab\there\nand there", "tab\\x09here\\x0Aand there"},
      {"", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    CHECK(clean_label_value(row.bytes) == row.clean);
  }
}

TEST_CASE("a label value is cut between characters and escapes, never inside one", "[series]") {
  CHECK(clean_label_value("abcdef", 4) == "abcd");
  CHECK(clean_label_value("ab镜像", 4) == "ab");
  CHECK(clean_label_value("ab镜像", 5) == "ab镜");
  CHECK(clean_label_value("ab\xFF", 5) == "ab");
  CHECK(clean_label_value("ab\xFF", 6) == "ab\\xFF");
  CHECK(clean_label_value(std::string(10'000, 'x')).size() == kDefaultMaxLabelBytes);
}

TEST_CASE("what is rendered as labels is read back as the same pairs", "[series]") {
  const std::vector<std::string> names{"plain", "quoted", "empty", "lines"};
  const std::vector<std::string> values{"GET", R"(a "b" \c\)", "", "one\ntwo,three=\"four\""};
  const std::string text = render_labels(names, values);
  CHECK(text == R"(plain="GET",quoted="a \"b\" \\c\\",lines="one\ntwo,three=\"four\"")");
  CHECK(parse_labels(text) == Pairs{{"plain", values[0]}, {"quoted", values[1]}, {"lines", values[3]}});
  CHECK(parse_labels("").empty());
}

}  // namespace
}  // namespace tailmeter
