// The splitter against the pattern that defines what is right, over lines whole and damaged.
#include <iostream>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "parsers/formats.h"
#include "parsers/pattern.h"
#include "parsers/splitter.h"
#include "test/parsers/line_generator.h"
#include "test/support/effort.h"

using namespace tailmeter;

namespace {

using Outcome = Splitter::Outcome;

struct Case {
  std::string_view name;
  std::string_view text;
  Escaping escaping = Escaping::kDefault;
};

const Case kCases[] = {
    {"combined", kCombinedFormat},
    {"common", kCommonFormat},
    {"interface", R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" )"
                  R"("$http_user_agent" rt=$request_time urt="$upstream_response_time" cs=$upstream_cache_status)"},
    {"timing", R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" )"
               R"("$http_user_agent" "$http_x_forwarded_for" rt=$request_time uct="$upstream_connect_time" )"
               R"(uht="$upstream_header_time" urt="$upstream_response_time" us="$upstream_status" ua="$upstream_addr" )"
               R"(cs=$upstream_cache_status host="$host" rl=$request_length gz=$gzip_ratio)"},
    {"cache", R"([$time_local] $remote_addr $upstream_cache_status "$request_method $uri $server_protocol" $status )"
              R"($bytes_sent $request_time $upstream_response_time "$host" "$http_user_agent")"},
    {"ingress", R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" )"
                R"("$http_user_agent" $request_length $request_time [$proxy_upstream_name] )"
                R"([$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length )"
                R"($upstream_response_time $upstream_status $req_id)"},
    {"tabs",
     "time:$time_local\thost:$remote_addr\tuser:$remote_user\treq:$request\tstatus:$status\tua:$http_user_agent\t"
     "apptime:$upstream_response_time\tups:$upstream_addr\tvhost:$host"},
    {"vhost", R"($host:$server_port $remote_addr - $remote_user [$time_local] "$request" $status)"},
    {"bars",
     R"($time_iso8601|$remote_addr|$upstream_cache_status|$status|$upstream_status|"$http_referer"|$request_time)"},
    {"end", R"([$time_local] $remote_addr $upstream_addr $request_id <$http_user_agent> $status)"},
    {"lists", R"($upstream_addr $upstream_addr,$upstream_status $host)"},
    {"repeated", R"($status "$request" $status [$upstream_status] $request_uri)"},
    {"url", R"($remote_addr "$request_method $scheme://$host$request_uri" $status)"},
    {"bare url", R"([$time_local] $scheme://$host$request_uri "$http_referer" $ssl_protocol/$ssl_cipher $status)"},
    {"path and arguments", R"($remote_addr "$request_method $uri$is_args$args $server_protocol" $status)"},
    {"ends with a path", R"($status $host$request_uri)"},
    {"json",
     R"({"time":"$time_iso8601","address":"$remote_addr","status":$status,"took":"$request_time","host":"$host",)"
     R"("agent":"$http_user_agent","upstream":"$upstream_response_time","request":"$request"})",
     Escaping::kJson},
    {"none", R"($remote_addr|$time_iso8601|"$http_user_agent"|$status|$request_time)", Escaping::kNone},
    {"none, end", R"($remote_addr $status $request)", Escaping::kNone},
};

struct Tally {
  std::size_t matched = 0;
  std::size_t unmatched = 0;
  std::size_t unsure = 0;

  void count(Outcome outcome) {
    ++(outcome == Outcome::kMatch ? matched : outcome == Outcome::kNoMatch ? unmatched : unsure);
  }
};

// A format with all three ways to split a line of it.
class Comparison {
 public:
  Comparison(std::string_view text, Escaping escaping)
      : format_(parse_log_format(text, escaping)),
        splitter_(format_),
        parser_(make_log_format_parser(text, escaping)),
        pattern_(log_format_pattern(format_)),
        values_(format_.field_names.size()),
        groups_(format_.variables.size()) {
    REQUIRE_FALSE(pattern_.is_lowered());  // or it would not be RE2
  }

  [[nodiscard]] const LogFormat& format() const { return format_; }
  [[nodiscard]] std::string field(std::size_t i) const { return std::string(values_[static_cast<FieldIndex>(i)]); }

  // Splits `line`, and compares with the pattern. Plain ifs, since a Catch assertion costs more than a line.
  Outcome split(std::string_view text) {
    line_.assign(text.begin(), text.end());
    line_.shrink_to_fit();  // no byte to spare, so that a sanitizer sees who reads beyond the end
    const std::string_view line(line_.data(), line_.size());
    values_.start_line(line.size());
    bool has_escapes = false;
    const Outcome outcome = splitter_.split(line, values_, has_escapes);
    const bool is_right = pattern_.search(line, groups_);
    if (outcome == Outcome::kUnsure) {
      values_.start_line(line.size());
      if (parser_->parse(line, values_) != is_right) FAIL("the parser does not say what the pattern says");
      return outcome;
    }
    if ((outcome == Outcome::kMatch) != is_right) FAIL("the splitter does not say what the pattern says: " << is_right);
    if (is_right && compare_fields() != has_escapes) FAIL("has_escapes is " << has_escapes);
    return outcome;
  }

 private:
  // Returns whether there is a backslash in one of the fields.
  [[nodiscard]] bool compare_fields() const {
    bool has_backslash = false;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      const Variable& variable = format_.variables[i];
      if (variable.is_repeated) continue;
      const std::string_view field = values_[variable.field];
      if (field != groups_[i] || (!field.empty() && field.data() != groups_[i].data())) {
        FAIL("$" << variable.name << " is \"" << field << "\" and not \"" << groups_[i] << '"');
      }
      has_backslash =
          has_backslash || (format_.escaping != Escaping::kNone && field.find('\\') != std::string_view::npos);
    }
    return has_backslash;
  }

  LogFormat format_;
  Splitter splitter_;
  std::unique_ptr<Parser> parser_;
  Pattern pattern_;
  std::vector<char> line_;
  FieldValues values_;
  std::vector<std::string_view> groups_;
};

// Compares `whole_lines` lines of each format, and from each as many damaged ones. Returns how many of a format.
std::size_t compare_all(std::size_t whole_lines, std::size_t damaged_from_each) {
  for (const Case& tested : kCases) {
    LineGenerator generator(20'261'121);
    Comparison comparison(tested.text, tested.escaping);
    Tally whole;
    Tally damaged;
    std::string other;
    for (std::size_t i = 0; i < whole_lines; ++i) {
      const GeneratedLine line = generator.line(comparison.format());
      INFO(tested.name << " line " << i << ": " << line.text);
      whole.count(comparison.split(line.text));
      for (std::size_t k = 0; k < line.fields.size(); ++k) {
        const Variable& variable = comparison.format().variables[k];
        if (!variable.is_repeated && comparison.field(variable.field) != line.fields[k]) {
          FAIL("$" << variable.name << " was written as \"" << line.fields[k] << '"');
        }
      }
      for (std::size_t k = 0; k < damaged_from_each; ++k) {
        const std::string text = generator.damage(line.text, other);
        INFO("damaged: " << text);
        damaged.count(comparison.split(text));
      }
      other = line.text;
    }
    CHECK(whole.unsure == 0);
    CHECK(whole.unmatched == 0);
    std::cout << fmt::format("{:10} whole: {} matched; damaged: {} matched, {} unmatched, {} unsure\n", tested.name,
                             whole.matched, damaged.matched, damaged.unmatched, damaged.unsure);
  }
  return whole_lines * (1 + damaged_from_each);
}

}  // namespace

TEST_CASE("the splitter gives the pattern's answer and fields for whole and damaged lines", "[splitter]") {
  CHECK(compare_all(effort(8'000), 3) >= effort(32'000));
}

TEST_CASE("the splitter gives the pattern's answer and fields, a million times for each format", "[.][splitter_slow]") {
  CHECK(compare_all(effort(100'000), 9) >= effort(1'000'000));
}
