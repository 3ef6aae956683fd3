#include "parsers/request.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace tailmeter;
using namespace std::string_literals;

namespace {

using Parts = std::vector<std::string>;

// Method, target, path, args and protocol; empty if the request has no three parts.
Parts split(std::string_view request) {
  RequestLine parts;
  if (!split_request(request, parts)) return {};
  return {std::string(parts.method), std::string(parts.target), std::string(parts.path), std::string(parts.args),
          std::string(parts.protocol)};
}

}  // namespace

TEST_CASE("a request with three parts is split into them", "[request]") {
  const auto [request, parts] = GENERATE(table<std::string, Parts>({
      {"GET / HTTP/1.1", {"GET", "/", "/", "", "HTTP/1.1"}},
      {"GET /a/b?x=1&y=?z HTTP/1.0", {"GET", "/a/b?x=1&y=?z", "/a/b", "x=1&y=?z", "HTTP/1.0"}},
      {"GET /a? HTTP/1.1", {"GET", "/a?", "/a", "", "HTTP/1.1"}},
      {"GET ?a HTTP/1.1", {"GET", "?a", "", "a", "HTTP/1.1"}},
      {"OPTIONS * HTTP/1.1", {"OPTIONS", "*", "*", "", "HTTP/1.1"}},
      {"CONNECT example.org:443 HTTP/1.1", {"CONNECT", "example.org:443", "example.org:443", "", "HTTP/1.1"}},
      {"GET http://example.org/x?y HTTP/1.1",
       {"GET", "http://example.org/x?y", "http://example.org/x", "y", "HTTP/1.1"}},
      {"SSTP_DUPLEX_POST /sra_{x}/ HTTP/1.1", {"SSTP_DUPLEX_POST", "/sra_{x}/", "/sra_{x}/", "", "HTTP/1.1"}},
  }));
  CAPTURE(request);
  CHECK(split(request) == parts);
}

TEST_CASE("HTTP/2 and HTTP/2.0 are both a protocol", "[request]") {
  // nginx logs HTTP/2.0; Traefik and Caddy log HTTP/2 for some requests.
  CHECK(split("GET / HTTP/2").back() == "HTTP/2");
  CHECK(split("GET / HTTP/2.0").back() == "HTTP/2.0");
  CHECK(split("GET / HTTP/1.10").back() == "HTTP/1.10");
  // The connection preface of HTTP/2, sent to a server that speaks HTTP/1.
  CHECK(split("PRI * HTTP/2.0") == Parts{"PRI", "*", "*", "", "HTTP/2.0"});
  CHECK(split("GET / HTTP/9.9").back() == "HTTP/9.9");
}

TEST_CASE("a target may hold blanks and whatever else the client sent", "[request][pitfall][pitfall-08]") {
  CHECK(split("GET  /two  spaces HTTP/1.1") == Parts{"GET", " /two  spaces", " /two  spaces", "", "HTTP/1.1"});
  CHECK(split("GET /a\tb HTTP/1.1")[1] == "/a\tb");
  CHECK(split("GET /x HTTP/1.0 HTTP/1.1")[1] == "/x HTTP/1.0");
  CHECK(split("GET /\xff\"\\ HTTP/1.1")[1] == "/\xff\"\\");
}

TEST_CASE("a request without three parts has none", "[request]") {
  const std::string request = GENERATE(values<std::string>({
      "",                                                 // the client sent nothing, or TLS was refused
      "-",                                                // httpd timed out before a request line
      "GET",                                              //
      "HELP",                                             //
      "GET /",                                            // HTTP/0.9
      "SSH-2.0-Go",                                       //
      "get / http/1.1",                                   // names of protocols are upper case
      "GET  HTTP/1.1",                                    //
      " / HTTP/1.1",                                      //
      "GET / HTTP/",                                      //
      "GET / HTTP/1.",                                    //
      "GET / HTTP/.1",                                    //
      "GET / HTTP/1.1.1",                                 //
      "GET / HTTP/1x",                                    //
      "GET / HTTP/1.1 ",                                  //
      "GET / HTTPS/1.1",                                  //
      "\x16\x03\x01 \xc0\x09 =(",                         // a TLS hello that happens to have three parts
      "\x16\x03\x01 / HTTP/1.1",                          // a method is a token: no label takes garbage
      "G\"T / HTTP/1.1",                                  //
      "(GET) / HTTP/1.1",                                 //
      "G\0T / HTTP/1.1"s,                                 //
      "\x16\x03\x01\x02 \x01\xfc\x03\x03 one two three",  //
  }));
  CAPTURE(request);
  CHECK(split(request).empty());
}

TEST_CASE("a request that is refused leaves the parts alone", "[request]") {
  RequestLine parts;
  parts.method = "before";
  CHECK_FALSE(split_request("GET / ftp", parts));
  CHECK(parts.method == "before");
}
