#include "parsers/escape.h"

#include <string>

#include <catch2/catch.hpp>

using namespace tailmeter;

namespace {

std::string undo(std::string_view text) {
  std::string out(text.size(), '?');
  out.resize(undo_escapes(text, out.data()));
  return out;
}

}  // namespace

TEST_CASE("the escapes of nginx and of httpd are undone", "[escape]") {
  const auto [written, meant] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"plain", "plain"},
      {R"(pip/23 {\x22ci\x22:null})", R"(pip/23 {"ci":null})"},  // nginx
      {R"(pip/23 {\"ci\":null})", R"(pip/23 {"ci":null})"},      // httpd
      {R"(\xE9\x95\x9C\xe5\x83\x8f)", "\xe9\x95\x9c\xe5\x83\x8f"},
      {R"(\n\t\r\b\f\v\\)", "\n\t\r\b\f\v\\"},
      {R"(\x00)", std::string(1, '\0')},
      {R"(\\\\)", R"(\\)"},
  }));
  CAPTURE(written);
  CHECK(undo(written) == meant);
}

TEST_CASE("escapes are undone once", "[escape]") {
  // A client sent the four bytes \x22: nginx writes \x5Cx22, httpd \\x22. They are no quote.
  CHECK(undo(R"(\x5Cx22)") == R"(\x22)");
  CHECK(undo(R"(\\x22)") == R"(\x22)");
  CHECK(undo(R"(\x5C\x5C)") == R"(\\)");
}

TEST_CASE("a backslash that begins no escape stays", "[escape]") {
  const std::string text =
      GENERATE(values<std::string>({R"(\)", R"(a\)", R"(\q)", R"(\x)", R"(\x2)", R"(\xZZ)", R"(\x2G)", R"(\0)"}));
  CHECK(undo(text) == text);
}
