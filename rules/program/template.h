// Text with fields in it: "$scheme://${host}/".
//
// Names are resolved once, at load (see field_table.h); rendering is by index.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/fields.h"

namespace tailmeter {

// A piece of a template: literal text, or the name of a field.
struct TemplatePiece {
  bool is_field = false;
  std::string text;
  std::size_t offset = 0;  // of the piece in the template
};

// Cuts `text` into pieces. A "$" that no name follows stands for itself; "${" without "}" and an empty name throw
// std::invalid_argument with a message for the author.
[[nodiscard]] std::vector<TemplatePiece> cut_template(std::string_view text);

class Template {
 public:
  Template() = default;

  void append_literal(std::string_view text) { pieces_.push_back({std::string(text), 0, false}); }
  void append_field(FieldIndex field) { pieces_.push_back({{}, field, true}); }

  [[nodiscard]] std::vector<FieldIndex> fields() const;

  [[nodiscard]] bool is_single_field() const { return pieces_.size() == 1 && pieces_[0].is_field; }
  [[nodiscard]] FieldIndex single_field() const { return pieces_.data()->field; }

  // False, with `out` empty, if the template has fields and none of them has a value.
  bool render(const FieldValues& values, std::string& out) const;

 private:
  struct Piece {
    std::string literal;
    FieldIndex field = 0;
    bool is_field = false;
  };
  std::vector<Piece> pieces_;
};

}  // namespace tailmeter
