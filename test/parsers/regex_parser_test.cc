#include <catch2/catch.hpp>

#include "parsers/formats.h"
#include "parsers/pattern.h"
#include "test/parsers/parse.h"

using namespace tailmeter;

namespace {

std::string refusal(const std::vector<RegexAlternative>& alternatives) {
  try {
    const auto parser = make_regex_parser(alternatives);
  } catch (const PatternError& error) {
    return error.what();
  }
  return "accepted";
}

const std::vector<RegexAlternative> kSync = {
    {"success", R"(^(?P<time>\S+) SYNC_SUCCESS image=(?P<image>\S+) duration=(?P<duration>[0-9.]+)s$)"},
    {"failed", R"(^(?P<time>\S+) SYNC_FAILED image=(?P<image>\S+)( (?P<reason>.*))?$)"},
};

}  // namespace

TEST_CASE("the alternative that matches gives the event and its fields", "[regex]") {
  const auto parser = make_regex_parser(kSync);
  CHECK(parser->field_names() == std::vector<std::string>{"event", "time", "image", "duration", "reason"});
  CHECK(parse(*parser, "t1 SYNC_SUCCESS image=a/b:v1 duration=1.5s") ==
        Fields{{"event", "success"}, {"time", "t1"}, {"image", "a/b:v1"}, {"duration", "1.5"}});
  CHECK(parse(*parser, "t2 SYNC_FAILED image=a/b:v1 timed out") ==
        Fields{{"event", "failed"}, {"time", "t2"}, {"image", "a/b:v1"}, {"reason", "timed out"}});
  CHECK(parse(*parser, "t2 SYNC_FAILED image=a/b:v1") ==
        Fields{{"event", "failed"}, {"time", "t2"}, {"image", "a/b:v1"}});
  CHECK_FALSE(parse(*parser, "t3 SYNC_STARTED image=a/b:v1"));
  CHECK(parser->diagnose("t3").reason == "none of the regexes matches");
}

TEST_CASE("the first alternative that matches wins", "[regex]") {
  // SYNCHRONIZED is part of NOT-SYNCHRONIZED: order is what tells them apart.
  const auto parser = make_regex_parser({{"different", "NOT-SYNCHRONIZED"}, {"same", "SYNCHRONIZED"}});
  CHECK(parse(*parser, "x: NOT-SYNCHRONIZED: y") == Fields{{"event", "different"}});
  CHECK(parse(*parser, "x: SYNCHRONIZED: y") == Fields{{"event", "same"}});
}

TEST_CASE("a pattern is searched as it is written", "[regex]") {
  const auto parser = make_regex_parser({{"", R"(code (?P<code>\d+))"}});
  CHECK(parser->field_names() == std::vector<std::string>{"code"});
  CHECK(parse(*parser, "rsync error: some files vanished (code 24) at main.c") == Fields{{"code", "24"}});
  CHECK_FALSE(parse(*parser, "rsync error"));
  CHECK(parser->diagnose("rsync error").reason == "the regex does not match");
}

TEST_CASE("a pattern without names makes fields of nothing", "[regex]") {
  const auto parser = make_regex_parser({{"", "^(start|stop) now"}});
  CHECK(parser->field_names().empty());
  CHECK(parse(*parser, "start now") == Fields{});
}

TEST_CASE("what a pattern captures is left as it stands in the line", "[regex]") {
  const auto parser = make_regex_parser({{"", "msg=\"(?P<msg>.*)\""}});
  CHECK(parse(*parser, R"(msg="say \"hi\" \x41")") == Fields{{"msg", R"(say \"hi\" \x41)"}});
}

TEST_CASE("only selected groups are filled", "[regex]") {
  const auto parser = make_regex_parser(kSync);
  parser->select({false, false, true, false, false});
  CHECK(parse(*parser, "t1 SYNC_SUCCESS image=a/b:v1 duration=1.5s") == Fields{{"image", "a/b:v1"}});
  const auto only_event = make_regex_parser(kSync);
  only_event->select({true, false, false, false, false});
  CHECK(parse(*only_event, "t2 SYNC_FAILED image=a") == Fields{{"event", "failed"}});
}

TEST_CASE("a pattern that is wrong is refused with the number of its alternative", "[regex]") {
  CHECK(refusal({{"", "(?<image>x)"}}) == "(?<name>...) is not supported; write (?P<name>...)");
  CHECK(refusal({{"ok", "x"}, {"bad", "(a"}}) == "alternative 2: missing ): (a");
  CHECK(refusal({{"", "(?P<a>.)(?P<a>.)"}}) == "two groups are named \"a\"; rename one");
  CHECK(refusal({{"x", "(?P<event>.)"}, {"y", "."}}) ==
        "alternative 1: a group cannot be named \"event\" beside named patterns, whose names are the field $event");
  CHECK(refusal({{"", "(?P<event>.)"}}) == "accepted");
}
