#include <algorithm>

#include "parsers/byte_set.h"
#include "parsers/escape.h"
#include "parsers/formats.h"
#include "parsers/naming_parser.h"

namespace tailmeter {
namespace {

// http://ltsv.org: label = 1*( %x30-39 / %x41-5A / %x61-7A / "_" / "." / "-" )
ByteSet label_bytes() {
  ByteSet bytes;
  for (const char byte : std::string_view("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.-"))
    bytes.set(byte_index(byte));
  return bytes;
}

bool is_label(std::string_view text) {
  static const ByteSet kBytes = label_bytes();
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return kBytes.test(byte_index(c)); });
}

// A line is one of this format if each of its pieces has a label in front of its first colon.
class LtsvParser final : public NamingParser {
 public:
  [[nodiscard]] bool parse(std::string_view line, FieldValues& values) const override {
    return first_wrong_piece(line, [&](std::string_view label, std::string_view value) {
             const FieldIndex field = names().find(label);
             if (field == AskedNames::kNoField) return;
             if (value.find('\\') != std::string_view::npos) {
               char* const undone = values.scratch(value.size());
               value = {undone, undo_escapes(Escaping::kDefault, value, undone)};
             }
             values.set(field, value);
           }) == std::string_view::npos;
  }

  [[nodiscard]] Mismatch diagnose(std::string_view line) const override {
    return {first_wrong_piece(line, [](std::string_view, std::string_view) {}), "a label and a colon are missing"};
  }

 private:
  // Calls visit(label, value) for the pieces up to one that has no label, and returns its place, or npos.
  template <typename Visit>
  static std::size_t first_wrong_piece(std::string_view line, Visit visit) {
    for (std::size_t begin = 0;;) {
      const std::size_t end = std::min(line.find('\t', begin), line.size());
      const std::string_view piece = line.substr(begin, end - begin);
      const std::size_t colon = piece.find(':');
      if (colon == std::string_view::npos || !is_label(piece.substr(0, colon))) return begin;
      visit(piece.substr(0, colon), piece.substr(colon + 1));
      if (end == line.size()) return std::string_view::npos;
      begin = end + 1;
    }
  }
};

}  // namespace

std::unique_ptr<Parser> make_ltsv_parser() {
  return std::make_unique<LtsvParser>();
}

}  // namespace tailmeter
