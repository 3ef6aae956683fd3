#include "parsers/nginx_conf/lexer.h"

#include <catch2/catch.hpp>

namespace tailmeter {
namespace {

// The words of each statement in brackets, with what ends it: "[listen][80]; [http]{ }".
std::string statements(std::string_view text) {
  NginxLexer lexer("n.conf", text);
  std::string out;
  for (;;) {
    const NginxStatement statement = lexer.next();
    for (const NginxWord& word : statement.words) out += "[" + word.text + "]";
    using End = NginxStatement::End;
    if (statement.end == End::kFileEnd) return out;
    out += statement.end == End::kSemicolon ? ";" : statement.end == End::kBlock ? "{" : "}";
    if (statement.end == End::kBlock && statement.words[0].text.ends_with("_by_lua_block")) lexer.skip_lua_block();
  }
}

struct Row {
  const char* text;
  const char* statements;
};

TEST_CASE("words are what nginx makes of them", "[nginx_conf]") {
  const auto row = GENERATE(values<Row>({
      {"", ""},
      {"  \n\t\r\n# only a comment", ""},
      {"listen 80;", "[listen][80];"},
      {"listen 80 ;server{}", "[listen][80];[server]{}"},
      {"http{server{listen 80;}}", "[http]{[server]{[listen][80];}}"},
      {"a\n  b # not c;\n  d;", "[a][b][d];"},
      {"a b#c;", "[a][b#c];"},
      {"a '#b' \"#c\";", "[a][#b][#c];"},
      {"a 'b c' \"d;{}e\";", "[a][b c][d;{}e];"},
      {R"(a 'it\'s' "say \"b\"" 'c\\d';)", R"([a][it's][say "b"][c\d];)"},
      {R"(a '\t\r\n' '\d\.\{' \;b \ c;)", "[a][\t\r\n][\\d\\.\\{][\\;b][\\ c];"},
      {"a 'two\nlines';", "[a][two\nlines];"},
      {"a b\"c\"'d';", "[a][b\"c\"'d'];"},
      {"a ${b}c $d{e;}", "[a][${b}c][$d]{[e];}"},
      {"a $d {e;}", "[a][$d]{[e];}"},
      {"a '' \"\";", "[a][][];"},
      {"if ($a ~ \"b\") {}", "[if][($a][~][b][)]{}"},
      {"\xEF\xBB\xBF\x01\xFF;", "[\xEF\xBB\xBF\x01\xFF];"},
  }));
  CAPTURE(row.text);
  CHECK(statements(row.text) == row.statements);
}

TEST_CASE("a place is where a word begins", "[nginx_conf]") {
  NginxLexer lexer("n.conf", "# one\nlog_format main 'a'\n  \"b\nc\"\n  d;\n");
  const NginxStatement statement = lexer.next();
  std::vector<int> lines;
  for (const NginxWord& word : statement.words) lines.push_back(word.line);
  CHECK(lines == std::vector<int>{2, 2, 2, 3, 5});
  CHECK(to_string(lexer.place()) == "n.conf:5");
}

TEST_CASE("what nginx refuses is refused with its place", "[nginx_conf]") {
  const auto row = GENERATE(values<Row>({
      {"a;\n}\nb }", "n.conf:3: unexpected \"}\""},
      {"a;\n;", "n.conf:2: unexpected \";\""},
      {"a;\n {", "n.conf:2: unexpected \"{\""},
      {"a;\nb c\n", "n.conf:3: unexpected end of file, expecting \";\" or \"{\""},
      {"a\n'b\n\n", "n.conf:2: the ' that opens here is not closed"},
      {"a 'it''s';", "n.conf:1: unexpected \"'\" behind a quote"},
      {"a 'b'\x01;", "n.conf:1: unexpected \"\\x01\" behind a quote"},
      {"x;\nset_by_lua_block $a {\n return '}'\n", "n.conf:2: the block of Lua that begins here has no end"},
  }));
  CAPTURE(row.text);
  CHECK_THROWS_WITH(statements(row.text), row.statements);
}

TEST_CASE("a word and a directive have the sizes that are allowed, and no more", "[nginx_conf]") {
  const std::string longest(NginxLexer::kMaxWordBytes, 'x');
  CHECK(statements("a " + longest + ";") == "[a][" + longest + "];");
  CHECK_THROWS_WITH(
      statements("a\n" + longest + "x;"),
      "n.conf:2: a word of 4097 bytes; 4096 is the most that nginx takes: " + std::string(40, 'x') + "...");
  std::string words;
  for (std::size_t i = 0; i < NginxLexer::kMaxWords; ++i) words += "a ";
  CHECK(statements(words + ";").size() == 3 * NginxLexer::kMaxWords + 1);
  CHECK_THROWS_WITH(statements(words + "a;"), "n.conf:1: a directive of more than 65536 words");
}

TEST_CASE("Lua between braces does not derail what is behind it", "[nginx_conf]") {
  const auto lua = GENERATE(as<std::string>(), "", " local t = {a = {1}, b = {}} ", "-- } a brace in a comment\n",
                            "--[[ } \n } ]] x = 1", "--[==[ ]] } ]==]", "s = '}' .. \"}\"", R"(s = '\'}' .. "\"}")",
                            "s = [[ } ' ]] .. [=[ ]] } \" ]=]", "a[b[1]] = {c[ [[}]] ]}", "-- it's\n", "s = '\\\n}'");
  CAPTURE(lua);
  CHECK(statements("content_by_lua_block {" + lua + "} a;") == "[content_by_lua_block]{[a];");
}

}  // namespace
}  // namespace tailmeter
