#include "parsers/ansi.h"

#include <algorithm>
#include <cstring>

namespace tailmeter {
namespace {

constexpr char kEscape = '\x1B';
constexpr char kBell = '\x07';

std::size_t skip_range(std::string_view text, std::size_t at, char first, char last) {
  while (at < text.size() && text[at] >= first && text[at] <= last) ++at;
  return at;
}

// A byte of [first, last] that ends a sequence at `at`.
std::size_t end_in(std::string_view text, std::size_t at, char first, char last) {
  return at < text.size() && text[at] >= first && text[at] <= last ? at + 1 : 0;
}

// A string up to its terminator, ESC \. Any other escape breaks it off, so that no byte is looked at twice.
std::size_t end_of_string(std::string_view text, bool may_end_with_bell) {
  for (std::size_t at = 2; at < text.size(); ++at) {
    if (may_end_with_bell && text[at] == kBell) return at + 1;
    if (text[at] == kEscape) return end_in(text, at + 1, '\\', '\\');
  }
  return 0;
}

// The size of the sequence that `text`, which begins with an escape character, begins with; 0 if it is not whole.
std::size_t escape_sequence_size(std::string_view text) {
  if (text.size() < 2) return 0;
  switch (text[1]) {
    case '[':  // a control sequence: parameters, intermediate bytes, a final one
      return end_in(text, skip_range(text, skip_range(text, 2, '0', '?'), ' ', '/'), '@', '~');
    case ']':  // an operating system command: a title, a link
      return end_of_string(text, true);
    case 'P':
    case 'X':
    case '^':
    case '_':
      return end_of_string(text, false);
    default:
      return end_in(text, skip_range(text, 1, ' ', '/'), '0', '~');
  }
}

// Returns the size of what is left.
std::size_t leave_out_escape_sequences(std::string_view line, char* out) {
  char* const begin = out;
  for (;;) {
    const std::size_t plain = std::min(line.find(kEscape), line.size());
    std::memmove(out, line.data(), plain);
    out += plain;
    line.remove_prefix(plain);
    if (line.empty()) return static_cast<std::size_t>(out - begin);
    const std::size_t size = escape_sequence_size(line);
    if (size == 0) *out++ = kEscape;
    line.remove_prefix(std::max<std::size_t>(size, 1));
  }
}

std::string_view last_update(std::string_view line) {
  line = line.substr(0, line.find_last_not_of('\r') + 1);
  return line.substr(line.rfind('\r') + 1);
}

}  // namespace

std::string_view shown_text(std::string_view line, std::string& scratch) {
  if (line.find(kEscape) == std::string_view::npos) return last_update(line);
  scratch.resize(std::max(scratch.size(), line.size()));
  return last_update({scratch.data(), leave_out_escape_sequences(line, scratch.data())});
}

}  // namespace tailmeter
