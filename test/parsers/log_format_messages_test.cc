// What users are told about formats that cannot be used, and about lines that do not have one.
#include <catch2/catch.hpp>

#include "parsers/formats.h"

using namespace tailmeter;

namespace {

std::string refusal(std::string_view format, Escaping escaping = Escaping::kDefault) {
  try {
    const auto parser = make_log_format_parser(format, escaping);
  } catch (const FormatError& error) {
    return std::to_string(error.offset()) + ": " + error.what();
  }
  return "accepted";
}

std::string diagnosis(std::string_view format, std::string_view line) {
  const auto parser = make_log_format_parser(format);
  const Mismatch mismatch = parser->diagnose(line);
  return std::to_string(mismatch.offset) + ": " + mismatch.reason;
}

}  // namespace

TEST_CASE("a line that does not match is explained", "[log_format]") {
  const auto [line, reason] = GENERATE(table<std::string, std::string>({
      {"", "0: expected \" - \" after $remote_addr"},
      {"192.0.2.1", "9: expected \" - \" after $remote_addr"},
      {"192.0.2.1 - frank", "17: expected \" [\" after $remote_user"},
      {R"(192.0.2.1 - - [21/Nov/2026:18:49:31 +0000 "GET / HTTP/1.1" 200 17 "-" "-")",
       "42: expected \"] \\\"\" after $time_local"},
      {R"(192.0.2.1 - - "GET / HTTP/1.1" 200 17 "-" "-")", "14: expected \" [\" after $remote_user"},
      {R"(192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1" OK 17 "-" "-")",
       "60: expected \" \" after $status"},
      {R"(192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1)", "58: expected \"\\\" \" after $request"},
      {"2026/11/21 18:49:31 [error] 1#1: *2 open() failed", "10: expected \" - \" after $remote_addr"},
      {"Traceback (most recent call last):", "9: expected \" - \" after $remote_addr"},
  }));
  CAPTURE(line);
  CHECK(diagnosis(kCombinedFormat, line) == reason);
}

TEST_CASE("a line that begins otherwise than the format is explained", "[log_format]") {
  CHECK(diagnosis("[$time_local]\t$status", "21/Nov") == "0: expected \"[\" at the beginning of the line");
  CHECK(diagnosis("[$time_local]\t$status", "[21/Nov] 200") == "7: expected \"]\\t\" after $time_local");
  CHECK(diagnosis("$request_uri $status", "/x y") == "3: expected the end of the line after $status");
}

// Formats that are refused.

TEST_CASE("a format in which nothing marks where a client's text ends is refused with a way out", "[log_format]") {
  const auto [format, message] = GENERATE(table<std::string, std::string>({
      {R"($remote_addr "$http_user_agent" "$request")",
       "14: where $http_user_agent ends cannot be known: the text behind it, \"\\\" \\\"\", may be part of it; "
       "write escape=default or escape=json in the server's log_format, or use a regex"},
      {"$host $status", "accepted"},
      {"$host $http_x",
       "0: where $host ends cannot be known: the text behind it, \" \", may be part of it; "
       "write escape=default or escape=json in the server's log_format, or use a regex"},
      {"$remote_addr \"$request\" $status\n",
       "31: the format holds a newline, which no line does: write it on one line, in quotes"},
  }));
  CAPTURE(format);
  CHECK(refusal(format, Escaping::kNone) == message);
}

TEST_CASE("a format whose fields could be split in several ways is refused with a way out", "[log_format]") {
  const auto [format, message] = GENERATE(table<std::string, std::string>({
      {R"($remote_addr $http_user_agent $request_uri)",
       "13: where $http_user_agent ends cannot be known: the text behind it, \" \", may be part of it; "
       "write \"$http_user_agent\" in quotes in the server's log_format, or use a regex"},
      {R"($http_x_forwarded_for - $remote_user [$time_local] "$request")",
       "0: where $http_x_forwarded_for ends cannot be known: the text behind it, \" - \", may be part of it; "
       "write \"$http_x_forwarded_for\" in quotes in the server's log_format, or use a regex"},
      {"$remote_addr|$request|$http_user_agent",
       "13: where $request ends cannot be known: the text behind it, \"|\", may be part of it; "
       "write \"$request\" in quotes in the server's log_format, or use a regex"},
      {"$host|$server_name|$status",
       "0: where $host ends cannot be known: the text behind it, \"|\", may be part of it; "
       "write \"$host\" in quotes in the server's log_format, or use a regex"},
      {"$status-$request_time x",
       "0: where $status ends cannot be known: the text behind it, \"-\", may be part of it; "
       "write \"$status\" in quotes in the server's log_format, or use a regex"},
      {"[$upstream_addr] [$http_x] $host",
       "1: where $upstream_addr ends cannot be known: the text behind it, \"] [\", may be part of it; "
       "write \"$upstream_addr\" in quotes in the server's log_format, or use a regex"},
      {"a\\b $remote_user\\$status",
       "4: where $remote_user ends cannot be known: the text behind it, \"\\\\\", may be part of it; "
       "write \"$remote_user\" in quotes in the server's log_format, or use a regex"},
  }));
  CAPTURE(format);
  CHECK(refusal(format) == message);
}

TEST_CASE("a format that is no log_format is refused", "[log_format]") {
  const auto [format, message] = GENERATE(table<std::string, std::string>({
      {"", "0: the format has no variable: write what the lines hold, such as $remote_addr and $status"},
      {"combined", "0: the format has no variable: write what the lines hold, such as $remote_addr and $status"},
      {"$remote_addr $", "13: \"$\" must be followed by a variable's name: $name or ${name}"},
      {"$remote_addr ${status", "13: \"$\" must be followed by a variable's name: $name or ${name}"},
      {"$remote_addr ${}", "13: \"$\" must be followed by a variable's name: $name or ${name}"},
      {"$remote_addr $ $status", "13: \"$\" must be followed by a variable's name: $name or ${name}"},
      {"$scheme$host $status",
       "7: nothing stands between this variable and the one in front, so where one ends cannot be known: "
       "put a blank or a quote between them, or use a regex"},
      {"$upstream_addr$request_uri",
       "14: where $upstream_addr ends cannot be known: $request_uri stands directly behind it; put a blank or a quote "
       "between them, or use a regex"},
      {"$host$request_uri-$status",
       "5: where $host ends cannot be known: $request_uri stands directly behind it; put a blank or a quote between "
       "them, "
       "or use a regex"},
      {"$remote_addr\n$status", "12: the format holds a newline, which no line does: write it on one line, in quotes"},
  }));
  CAPTURE(format);
  CHECK(refusal(format) == message);
}

TEST_CASE("a format may have a hundred variables and no more", "[log_format]") {
  std::string format;
  for (int i = 0; i < 100; ++i) format += "\"$a" + std::to_string(i) + "\" ";
  CHECK(refusal(format) == "accepted");
  CHECK(refusal(format + "$b") == "690: the format has more than 100 variables");
}

TEST_CASE("the names of formats lead to formats", "[log_format]") {
  for (const std::string& name : named_formats()) CHECK(make_named_parser(name) != nullptr);
  CHECK(make_named_parser("combine") == nullptr);
}
