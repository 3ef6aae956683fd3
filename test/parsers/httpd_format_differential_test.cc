// LogFormat texts of httpd, and lines of them whole and damaged, against a reader that tries every way to split a line.
#include <iostream>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "parsers/formats.h"
#include "test/parsers/httpd_lines.h"
#include "test/parsers/open_format_lines.h"
#include "test/support/effort.h"

using namespace tailmeter;

namespace {

std::unique_ptr<Parser> make_parser(const HttpdFormat& format) {
  try {
    return make_httpd_format_parser(format.text);
  } catch (const FormatError&) {
    return nullptr;
  }
}

// Whether the line has the format. Plain ifs, since a Catch assertion costs more than a line.
bool compare(const HttpdFormat& format, const Parser& parser, std::string_view text) {
  const std::vector<char> exactly(text.begin(), text.end());  // so that a sanitizer sees who reads beyond the end
  const std::string_view line(exactly.data(), exactly.size());
  const HttpdReading right = read_httpd(format, line);
  const std::optional<Fields> found = parse(parser, line);
  if (found.has_value() != (right.ways > 0)) FAIL("the parser takes it: " << found.has_value());
  if (right.ways > 1) FAIL("a format was not refused, and a line has it in " << right.ways << " ways");
  if (found && *found != right.fields) {
    for (const auto& [name, value] : *found) UNSCOPED_INFO(name << ": " << value);
    FAIL("other fields are right");
  }
  return found.has_value();
}

void compare_lines(std::size_t formats, std::size_t lines_of_each) {
  HttpdLines lines(20'261'122);
  OpenFormatLines damages(20'261'123);
  std::size_t accepted = 0;
  std::size_t damaged_taken = 0;
  for (std::size_t i = 0; i < formats; ++i) {
    const HttpdFormat format = lines.format();
    INFO("format: " << format.text);
    const auto parser = make_parser(format);
    if (parser != nullptr && format.has_neighbours()) FAIL("nothing stands between two fields");
    if (parser == nullptr) continue;
    ++accepted;
    for (std::size_t k = 0; k < lines_of_each; ++k) {
      const HttpdLines::Line whole = lines.line(format);
      INFO("line: " << whole.text);
      if (!compare(format, *parser, whole.text)) FAIL("a whole line is not taken");
      if (parse(*parser, whole.text) != whole.fields) FAIL("not what was written");
      for (int n = 0; n < 3; ++n) {
        const std::string damaged = damages.damage(whole.text);
        INFO("damaged: " << damaged);
        damaged_taken += compare(format, *parser, damaged) ? 1 : 0;
      }
    }
  }
  std::cout << fmt::format("httpd       {} formats, {} accepted; {} whole lines; {} damaged, {} taken\n", formats,
                           accepted, accepted * lines_of_each, 3 * accepted * lines_of_each, damaged_taken);
  CHECK(accepted > formats / 3);
  CHECK(damaged_taken > accepted * lines_of_each / 4);
  CHECK(damaged_taken < 3 * accepted * lines_of_each);
}

}  // namespace

TEST_CASE("a LogFormat of httpd takes the lines that it should, with the fields that were written", "[httpd]") {
  compare_lines(effort(std::size_t{1'000}), 10);
}

TEST_CASE("a LogFormat of httpd takes the lines that it should, a million times", "[.][slow]") {
  compare_lines(10'000, 40);
}
