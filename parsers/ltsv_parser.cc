#include <algorithm>
#include <string>
#include <vector>

#include "parsers/asked_names.h"
#include "parsers/escape.h"
#include "parsers/formats.h"

namespace tailmeter {
namespace {

// A line is one of this format if each of its pieces has a label in front of its first colon.
class LtsvParser final : public Parser {
 public:
  [[nodiscard]] const std::vector<std::string>& field_names() const override { return names_.names(); }

  bool ask_for(std::string_view name) override {
    names_.ask(name);
    return true;
  }

  void select(const std::vector<bool>& used) override { names_.select(used); }

  [[nodiscard]] bool parse(std::string_view line, FieldValues& values) const override {
    return first_wrong_piece(line, [&](std::string_view label, std::string_view value) {
             const FieldIndex field = names_.find(label);
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
      if (colon == std::string_view::npos || colon == 0) return begin;
      visit(piece.substr(0, colon), piece.substr(colon + 1));
      if (end == line.size()) return std::string_view::npos;
      begin = end + 1;
    }
  }

  AskedNames names_;
};

}  // namespace

std::unique_ptr<Parser> make_ltsv_parser() {
  return std::make_unique<LtsvParser>();
}

}  // namespace tailmeter
