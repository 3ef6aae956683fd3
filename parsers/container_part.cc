#include "parsers/container_part.h"

#include <optional>

#include "parsers/cursor.h"
#include "parsers/json_text.h"

namespace tailmeter {
namespace {

constexpr std::uint32_t kStdout = 0;
constexpr std::uint32_t kStderr = 1;

bool take_cri_part(Cursor& at, ContainerPart& part) {
  if (!at.take_timestamp() || !at.take(' ')) return false;
  const bool is_stderr = at.take("stderr ");
  if (!is_stderr && !at.take("stdout ")) return false;
  part.stream = is_stderr ? kStderr : kStdout;
  part.ends_line = at.take('F');
  if (!part.ends_line && !at.take('P')) return false;
  if (at.take(':')) at.take_until(' ');  // more tags, of which none is in use yet
  if (!at.is_at_end() && !at.take(' ')) return false;
  part.text = at.rest();
  return true;
}

void take_blanks(Cursor& at) {
  while (at.take(' ') || at.take('\t') || at.take('\r')) {
  }
}

std::optional<std::string_view> take_string(Cursor& at, std::string_view line) {
  if (!at.take('"')) return std::nullopt;
  const std::size_t begin = at.offset();
  const std::size_t end = find_json_string_end(line, begin);
  if (end == std::string_view::npos) return std::nullopt;
  at.move_to(end + 1);
  return line.substr(begin, end - begin);
}

// An object or a list, as far as its brackets tell, or a plain word.
bool skip_value(Cursor& at, std::string_view line) {
  std::size_t depth = 0;
  do {
    if (at.is_at('"')) {
      if (!take_string(at, line)) return false;
    } else if (at.take('{') || at.take('[')) {
      ++depth;
    } else if (depth > 0 && (at.take('}') || at.take(']'))) {
      --depth;
    } else if (depth > 0 && (at.take(',') || at.take(':'))) {
    } else {
      const std::size_t end = line.find_first_of("\"{}[],:", at.offset());
      if (end == std::string_view::npos || end == at.offset()) return false;
      at.move_to(end);
    }
  } while (depth > 0);
  return true;
}

bool is_escape_at_end(std::string_view text, std::string_view escape) {
  if (!text.ends_with(escape)) return false;
  text.remove_suffix(escape.size());
  return (text.size() - (text.find_last_not_of('\\') + 1)) % 2 == 0;
}

void end_line(ContainerPart& part) {
  part.ends_line = false;
  for (const std::string_view newline : {"\\n", "\\u000a", "\\u000A"}) {
    if (!is_escape_at_end(part.text, newline)) continue;
    part.text.remove_suffix(newline.size());
    part.ends_line = true;
    return;
  }
}

bool take_docker_part(Cursor& at, std::string_view line, ContainerPart& part) {
  take_blanks(at);
  if (!at.take('{')) return false;
  bool has_log = false;
  part.stream = kStdout;
  do {
    take_blanks(at);
    const std::optional<std::string_view> key = take_string(at, line);
    if (!key) return false;
    take_blanks(at);
    if (!at.take(':')) return false;
    take_blanks(at);
    const bool is_log = *key == "log";
    if (is_log || (*key == "stream" && at.is_at('"'))) {
      const std::optional<std::string_view> value = take_string(at, line);
      if (!value) return false;
      has_log = has_log || is_log;
      if (is_log) part.text = *value;
      if (!is_log) part.stream = *value == "stderr" ? kStderr : kStdout;
    } else if (!skip_value(at, line)) {
      return false;
    }
    take_blanks(at);
  } while (at.take(','));
  if (!at.take('}')) return false;
  take_blanks(at);
  if (!at.is_at_end() || !has_log) return false;
  end_line(part);
  return true;
}

}  // namespace

bool read_cri_part(std::string_view line, ContainerPart& part, std::size_t& diverged) {
  Cursor at(line);
  if (take_cri_part(at, part)) return true;
  diverged = at.offset();
  return false;
}

bool read_docker_part(std::string_view line, ContainerPart& part, std::size_t& diverged) {
  Cursor at(line);
  if (take_docker_part(at, line, part)) return true;
  diverged = at.offset();
  return false;
}

}  // namespace tailmeter
