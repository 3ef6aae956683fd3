#include "rules/program/template.h"

#include <algorithm>
#include <stdexcept>

namespace tailmeter {
namespace {

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::vector<TemplatePiece> cut_template(std::string_view text) {
  std::vector<TemplatePiece> pieces;
  const auto add_literal = [&](std::string_view literal, std::size_t offset) {
    if (literal.empty()) return;
    if (!pieces.empty() && !pieces.back().is_field) {
      pieces.back().text += literal;
    } else {
      pieces.push_back({false, std::string(literal), offset});
    }
  };
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t dollar = std::min(text.find('$', at), text.size());
    add_literal(text.substr(at, dollar - at), at);
    if (dollar == text.size()) break;
    if (dollar + 1 < text.size() && text[dollar + 1] == '{') {
      const std::size_t close = text.find('}', dollar);
      if (close == std::string_view::npos) throw std::invalid_argument(R"("${" has no "}")");
      if (close == dollar + 2) throw std::invalid_argument(R"("${}" names no field)");
      pieces.push_back({true, std::string(text.substr(dollar + 2, close - dollar - 2)), dollar});
      at = close + 1;
      continue;
    }
    std::size_t end = dollar + 1;
    while (end < text.size() && is_name_byte(text[end])) ++end;
    if (end == dollar + 1) {
      add_literal("$", dollar);
    } else {
      pieces.push_back({true, std::string(text.substr(dollar + 1, end - dollar - 1)), dollar});
    }
    at = end;
  }
  return pieces;
}

std::vector<FieldIndex> Template::fields() const {
  std::vector<FieldIndex> fields;
  for (const Piece& piece : pieces_) {
    if (piece.is_field) fields.push_back(piece.field);
  }
  return fields;
}

bool Template::render(const FieldValues& values, std::string& out) const {
  out.clear();
  bool has_field = false;
  bool has_any_value = false;
  for (const Piece& piece : pieces_) {
    if (!piece.is_field) {
      out += piece.literal;
      continue;
    }
    has_field = true;
    const std::string_view value = values[piece.field];
    if (!has_value(value)) continue;
    has_any_value = true;
    out += value;
  }
  if (!has_field || has_any_value) return true;
  out.clear();
  return false;
}

}  // namespace tailmeter
