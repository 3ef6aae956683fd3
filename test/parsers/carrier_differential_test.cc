// Carriers against slow ways that are obviously right, over lines whole and damaged: syslog, compose, CRI and escape
// sequences against regular expressions, docker's records against a decoder that goes byte by byte.
#include <array>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "parsers/carrier.h"
#include "parsers/pattern.h"
#include "test/parsers/line_generator.h"
#include "test/support/effort.h"

namespace tailmeter {
namespace {

constexpr std::size_t kLines = effort(1'000'000);  // of each carrier; three of four are damaged

// What carries what; nothing if the line is no such part.
struct Part {
  int stream = 0;
  bool ends_line = true;
  std::string text;
};
using SlowReader = std::function<std::optional<Part>(const std::string& line)>;

const std::string kMark = "\xEF\xBB\xBF";
const std::string kTimestamp =
    R"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2}))";

class SlowSyslog {
 public:
  std::optional<Part> operator()(const std::string& line) const {
    std::array<std::string_view, 1> groups;
    if (!new_->search(line, groups) && !old_->search(line, groups)) return std::nullopt;
    return Part{.text = std::string(groups[0])};
  }

 private:
  std::shared_ptr<Pattern> new_ =
      std::make_shared<Pattern>("(?s)^<[0-9]{1,3}>1 (?:-|" + kTimestamp +
                                R"re()(?: [^ ]+){4} (?:-|(?:\[[^= \]"]+(?: [^= \]"]+="(?:[^"\\]|\\.)*")*\])+))re" +
                                R"((?: (?:\xEF\xBB\xBF)?(.*))?$)");
  std::shared_ptr<Pattern> old_ = std::make_shared<Pattern>(
      "(?s)^(?:<[0-9]{1,3}>)?(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)  ?[0-9]{1,2} "
      "[0-9]{2}:[0-9]{2}:[0-9]{2}|" +
      kTimestamp + ") (?:[^ ]*:|[^ ]* [^ ]*:)(?: (.*))?$");
};

class SlowCompose {
 public:
  std::optional<Part> operator()(const std::string& line) const {
    std::array<std::string_view, 1> groups;
    if (!pattern_->search(line, groups)) return std::nullopt;
    return Part{.text = std::string(groups[0])};
  }

 private:
  std::shared_ptr<Pattern> pattern_ = std::make_shared<Pattern>(R"((?s)^[A-Za-z0-9_.-]+ +\|(?: (.*))?$)");
};

class SlowCri {
 public:
  std::optional<Part> operator()(const std::string& line) const {
    std::array<std::string_view, 3> groups;
    if (!pattern_->search(line, groups)) return std::nullopt;
    return Part{groups[0] == "stderr" ? 1 : 0, groups[1] == "F", std::string(groups[2])};
  }

 private:
  std::shared_ptr<Pattern> pattern_ =
      std::make_shared<Pattern>("(?s)^" + kTimestamp + " (stdout|stderr) ([PF])(?::[^ ]*)?(?: (.*))?$");
};

class SlowAnsi {
 public:
  std::optional<Part> operator()(const std::string& line) const {
    std::string shown;
    for (std::string_view rest = line; !rest.empty();) {
      std::array<std::string_view, 1> behind;
      if (rest.front() == '\x1B' && pattern_->search(rest, behind)) {
        rest = behind[0];
      } else {
        shown += rest.front();
        rest.remove_prefix(1);
      }
    }
    while (shown.ends_with('\r')) shown.pop_back();
    std::string last;
    for (const char c : shown) {
      last += c;
      if (c == '\r') last.clear();
    }
    return Part{.text = last};
  }

 private:
  std::shared_ptr<Pattern> pattern_ = std::make_shared<Pattern>(
      R"((?s)^\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]+[0-~]|[0-OQ-WYZ\\`a-~])(.*)$)");
};

// Byte by byte, each value at a time; throws where it cannot go on.
class SlowDocker {
 public:
  std::optional<Part> operator()(const std::string& line) {
    line_ = line;
    at_ = 0;
    try {
      return record();
    } catch (const std::out_of_range&) {
      return std::nullopt;
    }
  }

 private:
  static void refuse() { throw std::out_of_range("no record"); }
  char peek() const { return line_.at(at_); }
  char next() { return line_.at(at_++); }
  void expect(char c) {
    if (next() != c) refuse();
  }
  void blanks() {
    while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\t' || line_[at_] == '\r')) ++at_;
  }

  Part record() {
    Part part;
    bool has_log = false;
    blanks();
    expect('{');
    do {
      blanks();
      const std::string key = raw_string();
      blanks();
      expect(':');
      blanks();
      if (key == "log") {
        part.text = decoded(raw_string());
        has_log = true;
      } else if (key == "stream" && peek() == '"') {
        part.stream = raw_string() == "stderr" ? 1 : 0;
      } else {
        skip();
      }
      blanks();
    } while (next() == ',');
    --at_;
    expect('}');
    blanks();
    if (at_ != line_.size() || !has_log) refuse();
    part.ends_line = part.text.ends_with('\n');
    if (part.ends_line) part.text.pop_back();
    return part;
  }

  std::string raw_string() {
    std::string raw;
    for (expect('"'); peek() != '"';) {
      if (peek() == '\\') raw += next();
      raw += next();
    }
    next();
    return raw;
  }

  void skip() {
    if (peek() == '"') {
      raw_string();
    } else if (peek() == '{' || peek() == '[') {
      int depth = 0;
      do {
        if (peek() == '"') {
          raw_string();
          continue;
        }
        const char c = next();
        depth += c == '{' || c == '[' ? 1 : 0;
        depth -= c == '}' || c == ']' ? 1 : 0;
      } while (depth > 0);
    } else {
      std::size_t size = 0;
      for (; std::string_view("\"{}[],:").find(peek()) == std::string_view::npos; next()) ++size;
      if (size == 0) refuse();
    }
  }

  static std::optional<unsigned> unit(const std::string& raw, std::size_t at) {
    if (at + 6 > raw.size() || raw[at] != '\\' || raw[at + 1] != 'u') return std::nullopt;
    const std::string digits = raw.substr(at + 2, 4);
    if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return std::nullopt;
    return static_cast<unsigned>(std::stoul(digits, nullptr, 16));
  }

  static std::string utf8(unsigned code) {
    std::string bits;  // of the bytes behind the first
    const unsigned most[] = {0x80, 0x20, 0x10, 0x08};
    if (code < 0x80) return {static_cast<char>(code)};
    while (code >= most[bits.size()] || bits.empty()) {
      bits.insert(bits.begin(), static_cast<char>(0x80 + code % 64));
      code /= 64;
    }
    const unsigned marks[] = {0, 0xC0, 0xE0, 0xF0};
    return static_cast<char>(marks[bits.size()] + code) + bits;
  }

  static std::string decoded(const std::string& raw) {
    static const std::map<char, char> kShort = {{'"', '"'},  {'\\', '\\'}, {'/', '/'},  {'b', '\b'},
                                                {'f', '\f'}, {'n', '\n'},  {'r', '\r'}, {'t', '\t'}};
    std::string text;
    for (std::size_t at = 0; at < raw.size();) {
      if (const auto first = unit(raw, at)) {
        const auto second = unit(raw, at + 6);
        const bool is_pair = *first / 0x400 == 0x36 && second && *second / 0x400 == 0x37;
        if (is_pair) {
          text += utf8(0x10000 + (*first % 0x400) * 0x400 + *second % 0x400);
        } else {
          text += *first / 0x800 == 0x1B ? "\xEF\xBF\xBD" : utf8(*first);
        }
        at += is_pair ? 12 : 6;
      } else if (raw[at] == '\\' && at + 1 < raw.size() && kShort.contains(raw[at + 1])) {
        text += kShort.at(raw[at + 1]);
        at += 2;
      } else {
        text += raw[at++];
      }
    }
    return text;
  }

  std::string line_;
  std::size_t at_ = 0;
};

// Lines of a carrier: its pieces put together at random, most of them as they should be.
class Lines {
 public:
  explicit Lines(Carrier carrier) : carrier_(carrier) {}

  std::string next() {
    std::string line = carrier_ == Carrier::kSyslog    ? syslog()
                       : carrier_ == Carrier::kDocker  ? docker()
                       : carrier_ == Carrier::kCri     ? cri()
                       : carrier_ == Carrier::kCompose ? compose()
                                                       : text();
    if (pick(16) == 0) line.insert(0, kMark);
    if (pick(4) == 0) return last_ = line;
    std::swap(line, last_);
    std::string damaged = damage_.damage(last_, line);
    std::erase(damaged, '\n');
    return damaged;
  }

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }
  template <std::size_t n>
  std::string one_of(const char* const (&choices)[n]) {
    return choices[pick(n)];
  }
  std::string some(std::string text) { return pick(4) == 0 ? "" : text; }

  std::string text() {
    constexpr const char* kPieces[] = {"GET / HTTP/1.1",
                                       "\x1B[0m",
                                       "\x1B[31;1m",
                                       "\x1B]0;t\x07",
                                       "\x1B]8;;u\x1B\\",
                                       "\x1BPq\x1B\\",
                                       "\x1B(B",
                                       "\x1B",
                                       "\r",
                                       "50%\r",
                                       " ",
                                       "\xC3\xA9",
                                       "\xFF",
                                       "\x1B[",
                                       "\x1B]",
                                       "\2331m",
                                       "[1",
                                       "{\"a\":\"b\"}",
                                       "P",
                                       ""};
    std::string text;
    for (std::size_t count = pick(6); count > 0; --count) text += one_of(kPieces);
    return text;
  }
  std::string timestamp() {
    return std::string(pick(2) == 0 ? "2026-11-21T18:48:15" : "2025-12-31T17:37:40") + some(".003") +
           one_of({"Z", "+01:00", "-05:30", "Z"});
  }
  std::string syslog() {
    if (pick(2) == 0) {
      return some("<190>") + one_of({"Nov 21 18:48:15", "Nov  1 18:48:15", "Jan 1 00:00:00", "2026-11-21T18:48:15Z"}) +
             ' ' + some("mirror01 ") + one_of({"nginx", "haproxy[12]", "a/b[1]", "x:y", ""}) + ':' + some(" ") + text();
    }
    return "<" + one_of({"190", "0", "13"}) + ">1 " + (pick(4) == 0 ? "-" : timestamp()) + ' ' +
           one_of({"host", "-", "a:"}) + " app " + one_of({"1", "-"}) + " - " +
           one_of({"-", "[a]", "[a b=\"c\"]", "[a b=\"\\\"]\" c=\"\"][d]", "[a@1 b=\"\\\\\"]"}) +
           some(' ' + some("\xEF\xBB\xBF") + text());
  }
  std::string compose() {
    return one_of({"web-1", "registry-cache_1", "a.b", "", "a b"}) + one_of({" ", "  ", "        ", ""}) +
           some("|" + some(" ") + text());
  }
  std::string cri() {
    return timestamp() + one_of({" stdout ", " stderr ", " stdout "}) + one_of({"F", "F", "P", "F:x"}) + some(" ") +
           text();
  }
  std::string docker() {
    constexpr const char* kEscapes[] = {
        "\\\"",  "\\\\", "\\n", "\\/",  "\\u00e9", "\\u20ac", "\\ud83d\\ude00", "\\ud83d", "\\ude00", "\\u000a",
        "\\u12", "\\x",  "x",   "\xFF", "\\r",     "\\u0000", "GET / ",         "}",       ","};
    std::string log;
    for (std::size_t count = pick(6); count > 0; --count) log += one_of(kEscapes);
    return some("{") + "\"log\":\"" + log + some("\\n") + '"' +
           some(one_of({",\"stream\":\"stdout\"", ",\"stream\":\"stderr\"", ", \"stream\" : 1"})) +
           some(one_of({",\"attrs\":{\"a\":[\"}\",{}]}", ",\"n\":-1.5", ",\"log\":\"again\\n\""})) +
           some(",\"time\":\"2026-11-21T18:48:15Z\"") + some("}");
  }

  Carrier carrier_;
  std::mt19937 random_{20'261'122};
  LineGenerator damage_{20'261'122};
  std::string last_;
};

std::string without_carriage_return(std::string text) {
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

std::string without_mark(std::string text) {
  if (text.starts_with(kMark)) text.erase(0, kMark.size());
  return text;
}

// Gives the same lines to both; what comes of them, and with how many bytes, has to be the same.
void compare(Carrier carrier, SlowReader read) {
  Lines lines(carrier);
  Unwrapper unwrapper({carrier});
  std::map<int, std::pair<std::string, std::size_t>> joined;
  std::size_t came = 0;
  std::size_t waiting = 0;
  std::size_t refused = 0;
  for (std::size_t i = 0; i < kLines; ++i) {
    const std::string text = lines.next();
    const std::vector<char> exact(text.begin(), text.end());  // no byte to spare, for a sanitizer to see
    const std::string_view line(exact.data(), exact.size());
    const auto carried = unwrapper.unwrap(line, line.size() + 1);
    const std::optional<Part> part = read(without_mark(brings_parts(carrier) ? text : without_carriage_return(text)));
    if (brings_parts(carrier)) {
      const std::uint32_t stream = part ? 1U << part->stream : 0;
      const std::uint32_t open = open_streams_behind(carrier, line, stream);
      if (open != (part && part->ends_line ? 0 : stream)) FAIL("line " << i << " opens " << open << ": " << text);
    }
    if (!part) {
      ++refused;
      if (!carried || carried->refusal == nullptr) FAIL("line " << i << " should be refused: " << text);
      continue;
    }
    auto& [so_far, bytes] = joined[part->stream];
    so_far += part->text;
    bytes += line.size() + 1;
    if (carried.has_value() != part->ends_line) FAIL("line " << i << " has ended wrongly: " << text);
    waiting += carried ? 0 : 1;
    if (!carried) continue;
    ++came;
    const std::string right = brings_parts(carrier) ? without_mark(without_carriage_return(so_far)) : so_far;
    if (carried->refusal != nullptr || carried->text != right)
      FAIL("line " << i << ": " << text << " is not " << right);
    if (carried->carried_bytes != bytes) FAIL("line " << i << " has " << carried->carried_bytes << " bytes: " << text);
    joined.erase(part->stream);
  }
  std::cout << fmt::format("carrier {}: {} came, {} parts, {} refused\n", static_cast<int>(carrier), came, waiting,
                           refused);
  CHECK(came > kLines / 10);
  CHECK((refused > kLines / 10) == (carrier != Carrier::kAnsi));
  CHECK((waiting > kLines / 100) == brings_parts(carrier));
}

TEST_CASE("syslog prefixes end where the regular expressions say", "[carrier]") {
  compare(Carrier::kSyslog, SlowSyslog());
}

TEST_CASE("prefixes of docker compose end where the regular expression says", "[carrier]") {
  compare(Carrier::kCompose, SlowCompose());
}

TEST_CASE("docker's records give what a decoder gives that goes byte by byte", "[carrier]") {
  compare(Carrier::kDocker, SlowDocker());
}

TEST_CASE("CRI parts are what the regular expression says, and are joined by stream", "[carrier]") {
  compare(Carrier::kCri, SlowCri());
}

TEST_CASE("escape sequences are what the regular expression says", "[carrier]") {
  compare(Carrier::kAnsi, SlowAnsi());
}

}  // namespace
}  // namespace tailmeter
