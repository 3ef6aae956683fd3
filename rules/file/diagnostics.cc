#include "rules/file/diagnostics.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "parsers/clean_text.h"

namespace tailmeter {
namespace {

constexpr std::size_t kMaxMessageBytes = 1000;
constexpr std::size_t kMaxQuotedBytes = 80;
constexpr std::size_t kShownBeforeCaret = 80;
constexpr std::size_t kShownBehindCaret = 80;
constexpr std::size_t kMaxNameBytes = 64;    // a longer one is no mistyped name
constexpr std::size_t kMaxCandidates = 200;  // bounds what a file full of unknown names costs

std::vector<std::string> split_lines(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool continues_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

std::size_t character_start(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && continues_character(text[at])) --at;
  return at;
}

// What may be sent to a terminal is what may be a label value.
std::string printable(std::string_view part) {
  std::string text(part);
  std::replace(text.begin(), text.end(), '\t', ' ');
  return clean_text(text, text.size() * 4);  // \xHH is the longest way to write a byte
}

// Optimal string alignment: insertions, deletions, replacements, and swaps of neighbours. Capitals do not count.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  };
  std::vector<std::size_t> before_last(right.size() + 1), last(right.size() + 1), now(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) now[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, now);
    now[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (same(left[i - 1], right[j - 1]) ? 0 : 1);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && same(left[i - 1], right[j - 2]) && same(left[i - 2], right[j - 1])) {
        now[j] = std::min(now[j], before_last[j - 2] + 1);
      }
    }
  }
  return now[right.size()];
}

// How many edits still make a likely slip of the pen: a third of the longer name, as in GCC's spellcheck.
std::size_t most_edits(std::size_t left_bytes, std::size_t right_bytes) {
  const std::size_t longer = std::max(left_bytes, right_bytes);
  return longer < 2 ? 0 : std::max<std::size_t>(longer / 3, 1);
}

// Follows a scalar's value and the lines that write it, side by side.
class ScalarWalk {
 public:
  ScalarWalk(const std::vector<std::string>& lines, Place start)
      : lines_(lines),
        line_(static_cast<std::size_t>(start.line) - 1),
        at_(static_cast<std::size_t>(start.column) - 1) {
    style_ = at_ < current().size() ? current()[at_] : '\0';
    if (style_ == '\'' || style_ == '"') {
      ++at_;
    } else if (style_ == '|' || style_ == '>') {
      std::size_t first = line_ + 1;
      while (first < lines_.size() && is_blank(lines_[first], 0)) ++first;
      indent_ = first < lines_.size() ? lines_[first].find_first_not_of(' ') : 0;
      next_line();
    }
  }

  // Steps over the part of the file that writes what `rest` begins with. Returns how many bytes of it that was: 0 if
  // the file writes something else here.
  std::size_t step(std::string_view rest) {
    const std::string& line = current();
    if (style_ == '|') return at_ >= line.size() ? step_line_end(rest, "\n") : step_byte(rest);
    if (!is_blank(line, at_)) return step_byte(rest);
    std::string fold;
    std::size_t next = line_ + 1;
    while (next < lines_.size() && is_blank(lines_[next], 0)) {
      fold += '\n';
      ++next;
    }
    line_ = next - 1;
    return step_line_end(rest, fold.empty() ? " " : fold);
  }

  [[nodiscard]] Place place() const { return {static_cast<int>(line_) + 1, static_cast<int>(at_) + 1}; }

 private:
  static bool is_blank(std::string_view line, std::size_t from) {
    return from >= line.size() || line.find_first_not_of(" \t", from) == std::string_view::npos;
  }
  [[nodiscard]] const std::string& current() const {
    static const std::string kNone;
    return line_ < lines_.size() ? lines_[line_] : kNone;
  }

  std::size_t step_byte(std::string_view rest) {
    const std::string& line = current();
    if (line[at_] != rest.front() || (style_ == '"' && line[at_] == '\\')) return 0;
    at_ += style_ == '\'' && line[at_] == '\'' ? 2 : 1;
    return 1;
  }

  std::size_t step_line_end(std::string_view rest, std::string_view written) {
    if (!rest.starts_with(written) || line_ + 1 >= lines_.size()) return 0;
    next_line();
    return written.size();
  }

  void next_line() {
    ++line_;
    const bool is_block = style_ == '|' || style_ == '>';
    at_ = is_block ? indent_ : std::min(current().find_first_not_of(" \t"), current().size());
    at_ = std::min(at_, current().size());
  }

  const std::vector<std::string>& lines_;
  std::size_t line_;
  std::size_t at_;
  std::size_t indent_ = 0;  // of a block scalar
  char style_;
};

}  // namespace

Diagnostics::Diagnostics(std::string name, std::string_view text) : name_(std::move(name)), lines_(split_lines(text)) {}

void Diagnostics::hide(Place secret) {
  const std::size_t index = static_cast<std::size_t>(secret.line) - 1;
  const std::size_t begin = static_cast<std::size_t>(secret.column) - 1;
  if (index < lines_.size() && begin < lines_[index].size()) lines_[index].replace(begin, std::string::npos, "...");
}

void Diagnostics::error(Place place, std::string message) {
  // What two sources share is wrong for both, and said once.
  const bool is_known = std::any_of(errors_.begin(), errors_.end(), [&](const Report& report) {
    return report.place.line == place.line && report.place.column == place.column && report.message == message;
  });
  if (!is_known) errors_.push_back({place, std::move(message)});
}
void Diagnostics::warning(Place place, std::string message) {
  warnings_.push_back({place, std::move(message)});
}

std::string Diagnostics::errors() const {
  return render(errors_, "", "errors");
}
std::string Diagnostics::warnings() const {
  return render(warnings_, "warning: ", "warnings");
}

void Diagnostics::throw_if_errors() const {
  if (has_errors()) throw RuleFileError(errors());
}

Place Diagnostics::inside(const Text& text, std::size_t offset) const {
  if (text.place.line < 1 || text.place.column < 1) return text.place;
  ScalarWalk walk(lines_, text.place);
  std::string_view rest = text.value;
  while (offset > 0 && !rest.empty()) {
    const std::size_t taken = walk.step(rest);
    if (taken == 0) return text.place;
    rest.remove_prefix(taken);
    offset -= std::min(offset, taken);
  }
  return walk.place();
}

void Diagnostics::append_report(std::string& out, std::string_view kind, const Report& report) const {
  const auto [line_number, column] = report.place;
  const std::string message = clean_text(report.message, kMaxMessageBytes);
  if (line_number < 1) {
    out += fmt::format("{}: {}{}", name_, kind, message);
    return;
  }
  out += fmt::format("{}:{}:{}: {}{}", name_, line_number, column, kind, message);
  if (static_cast<std::size_t>(line_number) > lines_.size()) return;  // the end of the file

  const std::string& line = lines_[static_cast<std::size_t>(line_number) - 1];
  const std::size_t caret = std::min(static_cast<std::size_t>(std::max(column, 1)) - 1, line.size());
  const std::size_t begin = caret > kShownBeforeCaret ? character_start(line, caret - kShownBeforeCaret) : 0;
  const std::size_t end = character_start(line, std::min(line.size(), caret + kShownBehindCaret));
  const std::string before = (begin > 0 ? "..." : "") + printable(std::string_view(line).substr(begin, caret - begin));
  const std::string behind =
      printable(std::string_view(line).substr(caret, end - caret)) + (end < line.size() ? "..." : "");
  const auto is_character = [](char byte) { return !continues_character(byte); };
  const auto width = static_cast<std::size_t>(std::count_if(before.begin(), before.end(), is_character));
  out += fmt::format("\n{:>5} | {}{}\n      | {}^", line_number, before, behind, std::string(width, ' '));
}

std::string Diagnostics::render(std::vector<Report> reports, std::string_view kind, std::string_view kinds) const {
  std::stable_sort(reports.begin(), reports.end(), [](const Report& left, const Report& right) {
    return std::pair(left.place.line, left.place.column) < std::pair(right.place.line, right.place.column);
  });
  std::string out;
  for (std::size_t i = 0; i < std::min(reports.size(), kMaxReports); ++i) {
    if (i > 0) out += '\n';
    append_report(out, kind, reports[i]);
  }
  if (reports.size() > kMaxReports) out += fmt::format("\n... and {} more {}", reports.size() - kMaxReports, kinds);
  return out;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> known) {
  if (name.size() > kMaxNameBytes) return "";
  const std::string* nearest = nullptr;
  std::size_t fewest_edits = 0;
  for (const std::string& candidate : known.first(std::min(known.size(), kMaxCandidates))) {
    const std::size_t limit = most_edits(name.size(), candidate.size());
    const std::size_t longer = std::max(name.size(), candidate.size());
    if (longer - std::min(name.size(), candidate.size()) > limit) continue;
    const std::size_t edits = edit_distance(name, candidate);
    if (edits > limit || (nearest != nullptr && edits >= fewest_edits)) continue;
    nearest = &candidate;
    fewest_edits = edits;
  }
  return nearest == nullptr ? "" : fmt::format(" (did you mean {}?)", quoted(*nearest));
}

std::string quoted(std::string_view text) {
  if (text.size() <= kMaxQuotedBytes) return fmt::format("\"{}\"", text);
  return fmt::format("\"{}...\"", text.substr(0, character_start(text, kMaxQuotedBytes)));
}

}  // namespace tailmeter
