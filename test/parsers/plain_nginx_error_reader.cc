// The plainest reader of nginx's error log: one byte after the other, and what is known at each.
#include <array>

#include "test/parsers/open_format_lines.h"

namespace tailmeter {
namespace {

// Takes the bytes of `line` from `at` on that are in `set`.
std::string take(std::string_view line, std::size_t& at, std::string_view set) {
  std::string taken;
  for (; at < line.size() && set.find(line[at]) != std::string_view::npos; ++at) taken += line[at];
  return taken;
}

bool take_text(std::string_view line, std::size_t& at, std::string_view text) {
  if (line.substr(at, text.size()) != text) return false;
  at += text.size();
  return true;
}

constexpr std::string_view kDigits = "0123456789";

struct Part {
  std::string name;
  std::string opening;
  bool is_quoted;
};

// What a line is made of behind its head, in nginx's order.
const std::array<Part, 10> kParts = {{
    {"message", "", false},
    {"client", ", client: ", false},
    {"server", ", server: ", false},
    {"login", ", login: \"", true},
    {"request", ", request: \"", true},
    {"subrequest", ", subrequest: \"", true},
    {"upstream", ", upstream: \"", true},
    {"host", ", host: \"", true},
    {"referrer", ", referrer: \"", true},
    {"no field", ", bytes from/to client:", false},
}};

// The part that begins at `at`, where `value` of `part` has been read; 0 if it goes on.
std::size_t next_part(std::string_view line, std::size_t at, std::size_t part, const std::string& value) {
  if (kParts[part].is_quoted && (value.empty() || value.back() != '"')) return 0;
  for (std::size_t next = part + 1; next < kParts.size(); ++next) {
    if (line.substr(at, kParts[next].opening.size()) == kParts[next].opening) return next;
    if (part == 0) return 0;  // behind a message, nothing stands in front of the client
  }
  return 0;
}

}  // namespace

std::optional<Fields> read_nginx_error(std::string_view line) {
  Fields fields;
  std::size_t at = 0;
  std::string& time = fields["time"];
  for (const char shape : std::string_view("dddd/dd/dd dd:dd:dd")) {
    if (at == line.size()) return std::nullopt;
    const bool is_digit = kDigits.find(line[at]) != std::string_view::npos;
    if (shape == 'd' ? !is_digit : line[at] != shape) return std::nullopt;
    time += line[at++];
  }
  if (!take_text(line, at, " [")) return std::nullopt;
  fields["level"] = take(line, at, "abcdefghijklmnopqrstuvwxyz");
  if (fields["level"].empty() || !take_text(line, at, "] ")) return std::nullopt;
  fields["pid"] = take(line, at, kDigits);
  if (fields["pid"].empty() || !take_text(line, at, "#")) return std::nullopt;
  fields["tid"] = take(line, at, kDigits);
  if (fields["tid"].empty() || !take_text(line, at, ": ")) return std::nullopt;
  const std::size_t behind_head = at;
  if (take_text(line, at, "*")) {
    const std::string connection = take(line, at, kDigits);
    if (!connection.empty() && take_text(line, at, " ")) {
      fields["connection"] = connection;
    } else {
      at = behind_head;
    }
  }

  std::size_t part = 0;
  std::string value;
  const auto end_part = [&] {
    if (kParts[part].is_quoted && !value.empty() && value.back() == '"') value.pop_back();
    if (!value.empty()) fields[kParts[part].name] = value;
    value.clear();
  };
  while (at < line.size()) {
    if (const std::size_t next = next_part(line, at, part, value); next != 0) {
      end_part();
      part = next;
      at += kParts[part].opening.size();
    } else {
      value += line[at++];
    }
  }
  end_part();
  fields.erase("no field");
  return fields;
}

}  // namespace tailmeter
