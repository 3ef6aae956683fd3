#include "rules/program/path_template.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace tailmeter {
namespace {

constexpr std::string_view kMany = "...";

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The name in `segment`, which stands at `offset`, with the dots behind it; nothing if it is a literal.
std::optional<std::string_view> placeholder(std::string_view segment, std::size_t offset) {
  const std::size_t brace = segment.find_first_of("{}");
  if (brace == std::string_view::npos) return std::nullopt;
  if (segment.front() != '{' || segment.find_first_of("{}", 1) != segment.size() - 1 || segment.back() != '}') {
    throw PathTemplateError(offset, fmt::format("\"{}\" has braces that are not around all of it: {{name}} stands for "
                                                "a whole segment, from \"/\" to \"/\"",
                                                segment));
  }
  std::string_view name = segment.substr(1, segment.size() - 2);
  const std::string_view all = name;
  if (name.ends_with(kMany)) name.remove_suffix(kMany.size());
  if (name.empty() || !std::all_of(name.begin(), name.end(), is_name_byte)) {
    throw PathTemplateError(offset, fmt::format("\"{}\" has no name of letters, digits and \"_\": write {{name}} for "
                                                "one segment, {{name...}} for one or more",
                                                segment));
  }
  return all;
}

// What is left when a segment is taken, if there is another.
using Rest = std::optional<std::string_view>;

std::string_view take_first(Rest& rest) {
  const std::size_t slash = rest->find('/');
  const std::string_view segment = rest->substr(0, slash);
  rest = slash == std::string_view::npos ? Rest{} : rest->substr(slash + 1);
  return segment;
}

std::string_view take_last(Rest& rest) {
  const std::size_t slash = rest->rfind('/');
  const std::string_view segment = slash == std::string_view::npos ? *rest : rest->substr(slash + 1);
  rest = slash == std::string_view::npos ? Rest{} : rest->substr(0, slash);
  return segment;
}

}  // namespace

PathTemplate::PathTemplate(std::string text) : text_(std::move(text)) {
  if (text_.find_first_of("/{") == std::string::npos)
    throw PathTemplateError(0,
                            fmt::format("\"{}\" is no path: write a template such as /users/{{id}}, or auto", text_));
  if (const std::size_t query = text_.find('?'); query != std::string::npos)
    throw PathTemplateError(query, "a path ends in front of \"?\"; leave the query out");
  for (Rest rest = text_; rest;) {
    const auto offset = static_cast<std::size_t>(rest->data() - text_.data());
    const std::string_view segment = take_first(rest);
    const std::optional<std::string_view> name = placeholder(segment, offset);
    if (!name || !name->ends_with(kMany)) {
      (has_many_ ? back_ : front_).push_back({name.has_value(), std::string(segment)});
    } else if (has_many_) {
      throw PathTemplateError(
          offset, fmt::format("\"{}\" is the second with dots: where the first ends could not be known", segment));
    } else {
      has_many_ = true;
    }
  }
  std::reverse(back_.begin(), back_.end());
}

bool PathTemplate::matches(std::string_view path) const {
  const auto fits = [](const Segment& segment, std::string_view text) {
    return segment.is_any ? !text.empty() : text == segment.literal;
  };
  Rest rest = path;
  for (const Segment& segment : front_) {
    if (!rest || !fits(segment, take_first(rest))) return false;
  }
  for (const Segment& segment : back_) {
    if (!rest || !fits(segment, take_last(rest))) return false;
  }
  return has_many_ ? rest && !rest->empty() : !rest;
}

}  // namespace tailmeter
