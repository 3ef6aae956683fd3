// JSON, logfmt, LTSV, CSV and nginx's error log against the plainest readers, over lines whole and damaged.
#include <functional>
#include <iostream>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "parsers/formats.h"
#include "test/parsers/asked.h"
#include "test/parsers/open_format_lines.h"
#include "test/support/effort.h"

using namespace tailmeter;

namespace {

struct Case {
  std::string_view name;
  std::function<std::string(OpenFormatLines&)> make_line;
  std::function<std::optional<Fields>(std::string_view)> read;
  std::function<std::unique_ptr<Parser>()> make_parser;
};

const Case kCases[] = {
    {"json", [](OpenFormatLines& lines) { return lines.json(); }, read_json, make_json_parser},
    {"logfmt", [](OpenFormatLines& lines) { return lines.logfmt(); }, read_logfmt, make_logfmt_parser},
    {"ltsv", [](OpenFormatLines& lines) { return lines.ltsv(); }, read_ltsv, make_ltsv_parser},
    {"csv", [](OpenFormatLines& lines) { return lines.csv(','); },
     [](std::string_view line) { return read_csv(line, ','); }, [] { return make_separated_parser({}); }},
    {"tsv", [](OpenFormatLines& lines) { return lines.csv('\t'); },
     [](std::string_view line) { return read_csv(line, '\t'); },
     [] { return make_separated_parser({.separator = '\t'}); }},
    {"nginx_error", [](OpenFormatLines& lines) { return lines.nginx_error(); }, read_nginx_error,
     make_nginx_error_parser},
};

constexpr std::string_view kAsked[] = {"a", "b",   "c",   "a.b",   "b.c", "a.b.c", "a.b.c.a", "0",        "1",
                                       "2", "a.0", "a.1", "b.0.a", "3",   "4",     "5",       "\xff\xfe", "a b"};

class Comparison {
 public:
  explicit Comparison(const Case& tested) : tested_(tested), parser_(tested.make_parser()) {
    for (const std::string_view name : kAsked) parser_->ask_for(name);
    values_.emplace(parser_->field_names().size());
  }

  // Whether the line has the format. Plain ifs, since a Catch assertion costs more than a line.
  bool compare(const std::string& text) {
    line_.assign(text.begin(), text.end());
    line_.shrink_to_fit();  // no byte to spare, so that a sanitizer sees who reads beyond the end
    const std::string_view line(line_.data(), line_.size());
    values_->start_line(line.size());
    const bool is_taken = parser_->parse(line, *values_);
    const std::optional<Fields> right = tested_.read(line);
    if (is_taken != right.has_value()) FAIL(tested_.name << " takes it: " << is_taken << "; right: " << !is_taken);
    if (!is_taken) {
      const Mismatch mismatch = parser_->diagnose(line);
      if (mismatch.offset > line.size() || mismatch.reason.empty()) FAIL("no reason is given");
      return false;
    }
    for (std::size_t i = 0; i < values_->size(); ++i) {
      const auto known = right->find(parser_->field_names()[i]);
      const std::string_view value = (*values_)[static_cast<FieldIndex>(i)];
      if (value != (known == right->end() ? "" : known->second))
        FAIL(parser_->field_names()[i] << " is \"" << value << '"');
    }
    return true;
  }

 private:
  const Case& tested_;
  std::unique_ptr<Parser> parser_;
  std::optional<FieldValues> values_;
  std::vector<char> line_;
};

void compare_lines(std::size_t count) {
  for (const Case& tested : kCases) {
    OpenFormatLines lines(20'261'122);
    Comparison comparison(tested);
    std::size_t whole = 0;
    std::size_t taken = 0;
    std::size_t damaged_taken = 0;
    for (; whole < count / 4; ++whole) {
      const std::string line = tested.make_line(lines);
      INFO(tested.name << ": " << line);
      taken += comparison.compare(line) ? 1 : 0;
      for (int i = 0; i < 3; ++i) {
        const std::string damaged = lines.damage(line);
        INFO("damaged: " << damaged);
        damaged_taken += comparison.compare(damaged) ? 1 : 0;
      }
    }
    std::cout << fmt::format("{:11} {} whole, {} taken; {} damaged, {} taken\n", tested.name, whole, taken, whole * 3,
                             damaged_taken);
    CHECK(taken > whole / 4);
    CHECK(damaged_taken > whole / 4);
    CHECK(damaged_taken < whole * 3);
  }
}

}  // namespace

TEST_CASE("the parsers of open formats give the plain readers' answer and fields", "[open]") {
  compare_lines(effort(40'000U));
}

TEST_CASE("the parsers of open formats give the plain readers' answer and fields, a million times", "[.][slow]") {
  compare_lines(1'000'000);
}
