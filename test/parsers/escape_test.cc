#include "parsers/escape.h"

#include <string>

#include <catch2/catch.hpp>

using namespace tailmeter;

namespace {

std::string undo(std::string_view text, Escaping escaping = Escaping::kDefault) {
  std::string out(text.size(), '?');
  out.resize(undo_escapes(escaping, text, out.data()));
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

TEST_CASE("the escapes of escape=json are undone, and those of escape=default are none of them", "[escape]") {
  const auto [written, meant] = GENERATE(table<std::string, std::string>({
      {R"(say \"hi\" \\)", R"(say "hi" \)"},
      {R"(\n\t\r\b\f)", "\n\t\r\b\f"},
      {R"(\u0000\u001B\u001f)", std::string("\0\x1b\x1f", 3)},
      {"\xE9\x95\x9C \xff", "\xE9\x95\x9C \xff"},
      {R"(\x22)", R"(\x22)"},
      {R"(\/\u00e9\u2028\ud83d\ude00)", "/\xC3\xA9\xE2\x80\xA8\xF0\x9F\x98\x80"},  // nginx does not write these
      {R"(\u00)", R"(\u00)"},
      {R"(\u001)", R"(\u001)"},
      {R"(\u00zz)", R"(\u00zz)"},
  }));
  CAPTURE(written);
  CHECK(undo(written, Escaping::kJson) == meant);
}

TEST_CASE("with escape=none, a backslash is a backslash", "[escape]") {
  CHECK(undo(R"(\x22 \" \\ \n)", Escaping::kNone) == R"(\x22 \" \\ \n)");
}

TEST_CASE("escapes are undone once", "[escape][pitfall][pitfall-25]") {
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
