// Sources that are refused.
#include <catch2/catch.hpp>

#include "test/rules/file/refused.h"

namespace tailmeter {
namespace {

TEST_CASE("the keys of a source are checked", "[file]") {
  check(GENERATE(values<Refused>({
      {"sources: [{name: web}]\n", R"(
t.yml:1:11: sources[0] "web": has no "format"
    1 | sources: [{name: web}]
      |           ^
t.yml:1:11: sources[0] "web": has none of files, syslog, fifo, stdin, which say where its lines come from
    1 | sources: [{name: web}]
      |           ^)"},
      {"sources: [{files: a.log, format: common}]\n", R"(
t.yml:1:11: sources[0]: has no "name"
    1 | sources: [{files: a.log, format: common}]
      |           ^)"},
      {"sources: [{name: web, file: a.log, fromat: common}]\n", R"(
t.yml:1:23: sources[0] "web": unknown key "file" (did you mean "files"?)
    1 | sources: [{name: web, file: a.log, fromat: common}]
      |                       ^
t.yml:1:36: sources[0] "web": unknown key "fromat" (did you mean "format"?)
    1 | sources: [{name: web, file: a.log, fromat: common}]
      |                                    ^)"},
      {"sources: [{name: web, name: www, files: a.log, format: common}]\n", R"(
t.yml:1:23: the key "name" is already in line 1
    1 | sources: [{name: web, name: www, files: a.log, format: common}]
      |                       ^)"},
      {"sources: [{name:web, files: a.log, format: common}]\n", R"(
t.yml:1:12: "name:web" has no value: is a blank missing behind its ":"?
    1 | sources: [{name:web, files: a.log, format: common}]
      |            ^
t.yml:1:12: sources[0]: unknown key "name:web"
    1 | sources: [{name:web, files: a.log, format: common}]
      |            ^)"},
      {R"(
sources:
  - {name: web, files: a.log, format: common}
  - {name: web, files: b.log, format: common}
)",
       R"(
t.yml:3:12: sources[1] "web": the name is already taken in line 2
    3 |   - {name: web, files: b.log, format: common}
      |            ^)"},
      {"sources: [{name: [web], files: {a: b}, format: common}]\n", R"(
t.yml:1:18: sources[0].name: expected a text, not a list
    1 | sources: [{name: [web], files: {a: b}, format: common}]
      |                  ^
t.yml:1:32: sources[0]: files: expected a text, not a mapping
    1 | sources: [{name: [web], files: {a: b}, format: common}]
      |                                ^)"},
      {"sources: [{name: '', files: [], exclude: [[a]], format: common}]\n", R"(
t.yml:1:18: sources[0].name: the text is empty
    1 | sources: [{name: '', files: [], exclude: [[a]], format: common}]
      |                  ^
t.yml:1:29: sources[0]: files: the list is empty
    1 | sources: [{name: '', files: [], exclude: [[a]], format: common}]
      |                             ^
t.yml:1:43: sources[0]: exclude[0]: expected a text, not a list
    1 | sources: [{name: '', files: [], exclude: [[a]], format: common}]
      |                                           ^)"},
      {"sources: [{name: web, files: a.log, format: common, start_at: begin}]\n", R"(
t.yml:1:63: sources[0] "web": start_at: expected one of end, beginning, not "begin"
    1 | sources: [{name: web, files: a.log, format: common, start_at: begin}]
      |                                                               ^)"},
      {"sources: [{name: web, files: a.log, format: common, prefix: kubernetes}]\n", R"(
t.yml:1:61: sources[0] "web": prefix: expected one of syslog, docker, cri, compose, ansi, not "kubernetes"
    1 | sources: [{name: web, files: a.log, format: common, prefix: kubernetes}]
      |                                                             ^)"},
      {"sources: [{name: web, files: a.log, format: common, prefix: [ansi, cri]}]\n", R"(
t.yml:1:68: sources[0] "web": prefix[1]: can only be the first: it brings lines in parts, which are joined before all else
    1 | sources: [{name: web, files: a.log, format: common, prefix: [ansi, cri]}]
      |                                                                    ^)"},
      {"sources: [{name: web, files: a.log, format: common, max_line_bytes: 64Ki}]\n", R"(
t.yml:1:69: sources[0] "web": max_line_bytes: expected a whole number from 1 to 262144, not "64Ki"
    1 | sources: [{name: web, files: a.log, format: common, max_line_bytes: 64Ki}]
      |                                                                     ^)"},
      {"sources: [{name: web, files: a.log, format: common, max_line_bytes: 262145}]\n", R"(
t.yml:1:69: sources[0] "web": max_line_bytes: expected a whole number from 1 to 262144, not "262145"
    1 | sources: [{name: web, files: a.log, format: common, max_line_bytes: 262145}]
      |                                                                     ^)"},
      {R"(
sources:
  - name: web
    files: a.log
    format: common
    extract:
      - from: $request_uri
      - from: $request_uri
        regexp: '^/v2/'
      - $request_uri
)",
       R"(
t.yml:6:9: sources[0] "web": extract[0]: has neither "regex" nor "country": what to find in it
    6 |       - from: $request_uri
      |         ^
t.yml:8:9: sources[0] "web": extract[1]: unknown key "regexp" (did you mean "regex"?)
    8 |         regexp: '^/v2/'
      |         ^
t.yml:9:9: sources[0] "web": extract[2]: expected a mapping, not "$request_uri"
    9 |       - $request_uri
      |         ^)"},
      {R"(
sources:
  - name: web
    files: a.log
    format: common
    extract:
      - {from: $remote_addr, country: a-b}
      - {from: $remote_addr, country: a, regex: '(?P<b>.)'}
)",
       R"(
t.yml:6:39: sources[0] "web": extract[0].country: a field's name has letters, digits and "_", and no digit in front
    6 |       - {from: $remote_addr, country: a-b}
      |                                       ^
t.yml:7:39: sources[0] "web": extract[1].country: an extract has "regex" or "country", not both
    7 |       - {from: $remote_addr, country: a, regex: '(?P<b>.)'}
      |                                       ^)"},
      {"sources: [{name: web, files: a.log, format: common, extract: {from: $a, regex: b}}]\n", R"(
t.yml:1:62: sources[0] "web": extract: expected a list, not a mapping
    1 | sources: [{name: web, files: a.log, format: common, extract: {from: $a, regex: b}}]
      |                                                              ^)"},
  })));
}

TEST_CASE("where the lines come from is said once, and in a way that can be read", "[file]") {
  check(GENERATE(values<Refused>({
      {"sources: [{name: web, format: common, fifo: /run/a, files: a.log}]\n", R"(
t.yml:1:39: sources[0] "web": "fifo" beside "files": a source has one of files, syslog, fifo, stdin
    1 | sources: [{name: web, format: common, fifo: /run/a, files: a.log}]
      |                                       ^)"},
      {"sources: [{name: web, format: common, stdin: true, exclude: a, start_at: end}]\n", R"(
t.yml:1:52: sources[0] "web": "exclude" is for files; what comes by "stdin" has no names and no beginning
    1 | sources: [{name: web, format: common, stdin: true, exclude: a, start_at: end}]
      |                                                    ^
t.yml:1:64: sources[0] "web": "start_at" is for files; what comes by "stdin" has no names and no beginning
    1 | sources: [{name: web, format: common, stdin: true, exclude: a, start_at: end}]
      |                                                                ^)"},
      {"sources: [{name: web, format: common, stdin: false}]\n", R"(
t.yml:1:46: sources[0] "web": stdin: expected one of true, not "false"
    1 | sources: [{name: web, format: common, stdin: false}]
      |                                              ^)"},
      {"sources: [{name: web, format: common, syslog: 'udp://localhost:5514'}]\n", R"(
t.yml:1:47: sources[0] "web": syslog: expected udp://ADDRESS:PORT with an IP address, such as udp://127.0.0.1:5514, or unix:PATH with a path that begins with "/" and has 107 bytes at most, not "udp://localhost:5514"
    1 | sources: [{name: web, format: common, syslog: 'udp://localhost:5514'}]
      |                                               ^)"},
      {"sources: [{name: a, format: common, stdin: true}, {name: b, format: common, stdin: true}]\n", R"(
t.yml:1:51: sources[1] "b": standard input is already read by source "a"
    1 | sources: [{name: a, format: common, stdin: true}, {name: b, format: common, stdin: true}]
      |                                                   ^)"},
      {"sources: [{name: a, format: common, fifo: /run/a}, {name: b, format: common, fifo: /run/a}]\n", R"(
t.yml:1:52: sources[1] "b": /run/a is already read by source "a"
    1 | sources: [{name: a, format: common, fifo: /run/a}, {name: b, format: common, fifo: /run/a}]
      |                                                    ^)"},
  })));
}

TEST_CASE("an address for syslog is that of a socket, with an IP address or a path", "[file]") {
  const auto path_of = [](std::size_t bytes) { return "unix:/" + std::string(bytes - 1, 'x'); };
  for (const std::string& good : {std::string("udp://127.0.0.1:5514"), std::string("udp://[::1]:65535"),
                                  std::string("udp://:1"), std::string("unix:/run/a.sock"), path_of(107)}) {
    CAPTURE(good);
    CHECK(load("sources: [{name: web, format: common, syslog: '" + good + "'}]\n").errors.empty());
  }
  for (const std::string& bad :
       {std::string("udp://127.0.0.1"), std::string("udp://127.0.0.1:"), std::string("udp://127.0.0.1:0"),
        std::string("udp://127.0.0.1:65536"), std::string("udp://127.0.0.1:+5"), std::string("udp://::1:5514"),
        std::string("udp://[::1:5514"), std::string("udp://[127.0.0.1]:5514"), std::string("tcp://127.0.0.1:5514"),
        std::string("127.0.0.1:5514"), std::string("unix:run/a.sock"), std::string("unix:"), path_of(108)}) {
    CAPTURE(bad);
    CHECK_FALSE(load("sources: [{name: web, format: common, syslog: '" + bad + "'}]\n").errors.empty());
  }
}

TEST_CASE("a format must be one that there is", "[file]") {
  check(GENERATE(values<Refused>({
      {"sources: [{name: web, files: a.log, format: combind}]\n", R"(
t.yml:1:45: sources[0] "web": format: there is no format "combind" (did you mean "combined"?); there are combined, common, csv, json, logfmt, ltsv, nginx_error, tsv, and nginx's log_format texts, which have a "$"
    1 | sources: [{name: web, files: a.log, format: combind}]
      |                                             ^)"},
      {"sources: [{name: web, files: a.log, format: [common, apache]}]\n", R"(
t.yml:1:54: sources[0] "web": format[1]: there is no format "apache", but a preset: write "preset: apache" for its format, fields and metrics
    1 | sources: [{name: web, files: a.log, format: [common, apache]}]
      |                                                      ^)"},
      {"sources: [{name: web, files: a.log, format: []}]\n", R"(
t.yml:1:45: sources[0] "web": format: the list is empty
    1 | sources: [{name: web, files: a.log, format: []}]
      |                                             ^)"},
      {"sources: [{name: web, files: a.log, format: [[common]]}]\n", R"(
t.yml:1:46: sources[0] "web": format[0]: expected a text, not a list
    1 | sources: [{name: web, files: a.log, format: [[common]]}]
      |                                              ^)"},
      {"sources: [{name: web, files: a.log, format: {}}]\n", R"(
t.yml:1:45: sources[0] "web": format: has no "regex"
    1 | sources: [{name: web, files: a.log, format: {}}]
      |                                             ^)"},
      {"sources: [{name: web, files: a.log, format: {regexp: a}}]\n", R"(
t.yml:1:46: sources[0] "web": format: unknown key "regexp" (did you mean "regex"?)
    1 | sources: [{name: web, files: a.log, format: {regexp: a}}]
      |                                              ^)"},
      {"sources: [{name: web, files: a.log, format: {regex: [a, b]}}]\n", R"(
t.yml:1:53: sources[0] "web": format.regex: expected a text, not a list
    1 | sources: [{name: web, files: a.log, format: {regex: [a, b]}}]
      |                                                     ^)"},
      {"sources: [{name: web, files: a.log, format: {regex: {}}}]\n", R"(
t.yml:1:53: sources[0] "web": format.regex: the mapping is empty
    1 | sources: [{name: web, files: a.log, format: {regex: {}}}]
      |                                                     ^)"},
      {"sources: [{name: web, files: a.log, format: {nginx: $a, escape: xml, name: b}}]\n", R"(
t.yml:1:65: sources[0] "web": format.escape: expected one of default, json, none, not "xml"
    1 | sources: [{name: web, files: a.log, format: {nginx: $a, escape: xml, name: b}}]
      |                                                                 ^
t.yml:1:70: sources[0] "web": format: unknown key "name"
    1 | sources: [{name: web, files: a.log, format: {nginx: $a, escape: xml, name: b}}]
      |                                                                      ^)"},
      {"sources: [{name: web, files: a.log, format: {regex: {ok: '', ok: b, bad: [c]}}}]\n", R"(
t.yml:1:58: sources[0] "web": format.regex.ok: the text is empty
    1 | sources: [{name: web, files: a.log, format: {regex: {ok: '', ok: b, bad: [c]}}}]
      |                                                          ^
t.yml:1:62: the key "ok" is already in line 1
    1 | sources: [{name: web, files: a.log, format: {regex: {ok: '', ok: b, bad: [c]}}}]
      |                                                              ^
t.yml:1:74: sources[0] "web": format.regex.bad: expected a text, not a list
    1 | sources: [{name: web, files: a.log, format: {regex: {ok: '', ok: b, bad: [c]}}}]
      |                                                                          ^)"},
  })));
}

TEST_CASE("the options of a format must be ones that it has", "[file]") {
  check(GENERATE(values<Refused>({
      {R"(sources: [{name: web, files: a.log, format: {json: {}}}])"
       "\n",
       R"(
t.yml:1:46: sources[0] "web": format: json has no options: write format: json
    1 | sources: [{name: web, files: a.log, format: {json: {}}}]
      |                                              ^)"},
      {R"(sources: [{name: web, files: a.log, format: {csv: {header: true}}}])"
       "\n",
       R"(
t.yml:1:52: sources[0] "web": format.csv: unknown key "header"
    1 | sources: [{name: web, files: a.log, format: {csv: {header: true}}}]
      |                                                    ^)"},
      {R"(sources: [{name: web, files: a.log, format: {csv: {separator: ';;'}}}])"
       "\n",
       R"(
t.yml:1:63: sources[0] "web": format.csv.separator: expected one ASCII character that is no double quote, not ";;"
    1 | sources: [{name: web, files: a.log, format: {csv: {separator: ';;'}}}]
      |                                                               ^)"},
      {R"(sources: [{name: web, files: a.log, format: {csv: {separator: '"', columns: []}}}])"
       "\n",
       R"(
t.yml:1:63: sources[0] "web": format.csv.separator: expected one ASCII character that is no double quote, not """
    1 | sources: [{name: web, files: a.log, format: {csv: {separator: '"', columns: []}}}]
      |                                                               ^
t.yml:1:77: sources[0] "web": format.csv.columns: the list is empty
    1 | sources: [{name: web, files: a.log, format: {csv: {separator: '"', columns: []}}}]
      |                                                                             ^)"},
      {R"(sources: [{name: web, files: a.log, format: {csv: {columns: [a, b, a]}}}])"
       "\n",
       R"(
t.yml:1:68: sources[0] "web": format.csv.columns[2]: the name is already taken in line 1
    1 | sources: [{name: web, files: a.log, format: {csv: {columns: [a, b, a]}}}]
      |                                                                    ^)"},
      {R"(sources: [{name: web, files: a.log, format: {tsv: {separator: ','}, x: y}}])"
       "\n",
       R"(
t.yml:1:52: sources[0] "web": format.tsv: unknown key "separator"
    1 | sources: [{name: web, files: a.log, format: {tsv: {separator: ','}, x: y}}]
      |                                                    ^
t.yml:1:69: sources[0] "web": format: unknown key "x"
    1 | sources: [{name: web, files: a.log, format: {tsv: {separator: ','}, x: y}}]
      |                                                                     ^)"},
  })));
}

}  // namespace
}  // namespace tailmeter
