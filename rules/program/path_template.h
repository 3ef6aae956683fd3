// A path with names for what varies in it, such as "/v2/{name...}/blobs/{digest}".
//
// It is matched segment by segment: `{name}` takes one segment and `{name...}`, of which a template has at most one,
// one or more with what is between them. Neither takes nothing. What the names are is the reader's affair.
//
// Immutable once made; any thread.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tailmeter {

// The template's text is wrong at `offset`. what() says how, in the user's terms.
class PathTemplateError : public std::runtime_error {
 public:
  PathTemplateError(std::size_t offset, const std::string& message) : std::runtime_error(message), offset_(offset) {}
  [[nodiscard]] std::size_t offset() const { return offset_; }

 private:
  std::size_t offset_;
};

class PathTemplate {
 public:
  explicit PathTemplate(std::string text);  // throws PathTemplateError

  [[nodiscard]] const std::string& text() const { return text_; }

  // Whether all of `path`, a path without a query, has this form.
  [[nodiscard]] bool matches(std::string_view path) const;

 private:
  struct Segment {
    bool is_any = false;
    std::string literal;
  };

  std::string text_;
  std::vector<Segment> front_;  // in front of {name...}; all, if there is none
  std::vector<Segment> back_;   // behind it, from the last to the first
  bool has_many_ = false;
};

}  // namespace tailmeter
