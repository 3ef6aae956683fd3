#include "parsers/nginx_conf/directives.h"

#include <catch2/catch.hpp>

#include "test/parsers/nginx_conf/memory_files.h"

namespace tailmeter {
namespace {

constexpr std::string_view kKept[] = {"http", "server", "log", "location"};

// Each directive as "file:line words {block}".
std::string text_of(const std::vector<NginxDirective>& directives) {
  std::string out;
  for (const NginxDirective& directive : directives) {
    out += (out.empty() ? "" : " ") + to_string(directive.place);
    for (const NginxWord& word : directive.words) out += " " + word.text;
    if (!directive.block.empty()) out += " {" + text_of(directive.block) + "}";
    out += ";";
  }
  return out;
}

std::string read(const MemoryFiles& files, const NginxConfLimits& limits = {}) {
  return text_of(read_nginx_directives("/n/nginx.conf", nginx_files(files), kKept, limits));
}

TEST_CASE("directives are kept in their order, files included in their places", "[nginx_conf]") {
  CHECK(read({{"/n/nginx.conf", "user a;\nhttp {\n log 1;\n include conf.d/*.conf;\n include /m/x;\n log 5;\n}\n"},
              {"/n/conf.d/b.conf", "log 3;\n"},
              {"/n/conf.d/a.conf", "server {\n log 2;\n}"},
              {"/n/conf.d/.hidden.conf", "log hidden;\n"},
              {"/n/conf.d/c.disabled", "log disabled;\n"},
              {"/m/x", "include conf.d/y/z;"},
              {"/n/conf.d/y/z", "log 4;"}}) ==
        "/n/nginx.conf:2 http {/n/nginx.conf:3 log 1; /n/conf.d/a.conf:1 server {/n/conf.d/a.conf:2 log 2;}; "
        "/n/conf.d/b.conf:1 log 3; /n/conf.d/y/z:1 log 4; /n/nginx.conf:6 log 5;};");
}

TEST_CASE("what stands in a block that is not kept is not kept, and not included", "[nginx_conf]") {
  CHECK(read({{"/n/nginx.conf",
               "map $a $b { log x; include missing; server { log y; } }\nlog 1;\n"
               "content_by_lua_block { log = {'}'} }\nlog 2;\n"}}) == "/n/nginx.conf:2 log 1; /n/nginx.conf:4 log 2;");
}

TEST_CASE("a pattern that matches nothing includes nothing", "[nginx_conf]") {
  CHECK(read({{"/n/nginx.conf", "include conf.d/*;\ninclude [x]y;\nlog 1;"}}) == "/n/nginx.conf:3 log 1;");
}

struct Refused {
  const char* main;
  const char* other;  // of /n/o
  const char* message;
};

TEST_CASE("what cannot be included is an error at the include", "[nginx_conf]") {
  const auto row = GENERATE(values<Refused>({
      {"\ninclude m;", "", "/n/nginx.conf:2: include /n/m: No such file or directory"},
      {"include;", "", "/n/nginx.conf:1: include takes one file or pattern"},
      {"include a b;", "", "/n/nginx.conf:1: include takes one file or pattern"},
      {"include nginx.conf;", "", "/n/nginx.conf:1: include /n/nginx.conf: it includes itself"},
      {"include o;", "\n\ninclude nginx.conf;", "/n/o:3: include /n/nginx.conf: it includes itself"},
      {"http { include o; }", "log 1;\n}", "/n/o:2: unexpected \"}\""},
      {"http { include o; }", "server {\n", "/n/o:2: unexpected end of file, expecting \"}\""},
      {"http {\n", "", "/n/nginx.conf:2: unexpected end of file, expecting \"}\""},
      {"http { }\n}", "", "/n/nginx.conf:2: unexpected \"}\""},
  }));
  CAPTURE(row.main);
  CHECK_THROWS_WITH(read({{"/n/nginx.conf", row.main}, {"/n/o", row.other}}), row.message);
}

TEST_CASE("a configuration that cannot be read says so with its name", "[nginx_conf]") {
  CHECK_THROWS_WITH(read({}), "/n/nginx.conf: No such file or directory");
}

TEST_CASE("a configuration has bounds", "[nginx_conf]") {
  NginxConfLimits limits;
  limits.max_bytes = 40;
  limits.max_files = 3;
  limits.max_depth = 3;
  limits.max_directives = 2;
  const auto row = GENERATE(values<Refused>({
      {"include o; include o;", "log 123;", nullptr},
      {"include o; include o;", "log 123456;",
       "/n/nginx.conf:1: include /n/o: the configuration has more than 40 bytes"},
      {"include o; include o; include o;", "", "/n/nginx.conf:1: include /n/o: more than 3 files are included"},
      {"a { b { } }", "", nullptr},
      {"a {\n b {\n c {} } }", "", "/n/nginx.conf:3: more than 3 blocks and includes in each other"},
      {"log 1; log 2;", "", nullptr},
      {"log 1; log 2;\nlog 3;", "", "/n/nginx.conf:2: more than 2 directives about logs"},
  }));
  CAPTURE(row.main, row.other);
  const MemoryFiles files{{"/n/nginx.conf", row.main}, {"/n/o", row.other}};
  if (row.message == nullptr) {
    CHECK_NOTHROW(read(files, limits));
  } else {
    CHECK_THROWS_WITH(read(files, limits), row.message);
  }
}

}  // namespace
}  // namespace tailmeter
