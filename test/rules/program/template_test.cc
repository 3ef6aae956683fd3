#include "rules/program/template.h"

#include <stdexcept>

#include <catch2/catch.hpp>

namespace tailmeter {
namespace {

std::string pieces_of(std::string_view text) {
  std::string out;
  for (const TemplatePiece& piece : cut_template(text))
    out += (piece.is_field ? "<" + piece.text + ">" : piece.text) + "|";
  return out;
}

TEST_CASE("a template is cut at its fields", "[rules]") {
  CHECK(pieces_of("$status") == "<status>|");
  CHECK(pieces_of("${status}") == "<status>|");
  CHECK(pieces_of("$scheme://${host}/x") == "<scheme>|://|<host>|/x|");
  CHECK(pieces_of("${request.method}$a$b") == "<request.method>|<a>|<b>|");
  CHECK(pieces_of("5 $ or $$, no field") == "5 $ or $$, no field|");
  CHECK(pieces_of("").empty());
  CHECK_THROWS_WITH(cut_template("${status"), R"("${" has no "}")");
  CHECK_THROWS_WITH(cut_template("${}"), R"("${}" names no field)");
}

TEST_CASE("a template none of whose fields has a value has none", "[rules]") {
  FieldValues values(2);
  values.start_line(0);
  Template text;
  text.append_field(0);
  text.append_literal("-");
  text.append_field(1);
  std::string out;
  CHECK_FALSE(text.render(values, out));
  values.set(0, "-");
  CHECK_FALSE(text.render(values, out));
  values.set(1, "b");
  CHECK(text.render(values, out));
  CHECK(out == "-b");
}

}  // namespace
}  // namespace tailmeter
