#include <algorithm>
#include <string>
#include <vector>

#include "parsers/formats.h"

namespace tailmeter {
namespace {

// A line is one of this format if each of its pieces has a label in front of its first colon.
class LtsvParser final : public Parser {
 public:
  [[nodiscard]] const std::vector<std::string>& field_names() const override { return names_; }

  bool ask_for(std::string_view name) override {
    if (std::find(names_.begin(), names_.end(), name) == names_.end()) names_.emplace_back(name);
    return true;
  }

  void select(const std::vector<bool>& used) override { is_selected_ = used; }

  [[nodiscard]] bool parse(std::string_view line, FieldValues& values) const override {
    for (std::size_t begin = 0;;) {
      const std::size_t end = std::min(line.find('\t', begin), line.size());
      const std::string_view piece = line.substr(begin, end - begin);
      const std::size_t colon = piece.find(':');
      if (colon == std::string_view::npos || colon == 0) return false;
      set(piece.substr(0, colon), piece.substr(colon + 1), values);
      if (end == line.size()) return true;
      begin = end + 1;
    }
  }

  [[nodiscard]] Mismatch diagnose(std::string_view line) const override {
    for (std::size_t begin = 0;;) {
      const std::size_t end = std::min(line.find('\t', begin), line.size());
      const std::size_t colon = line.substr(begin, end - begin).find(':');
      if (colon == std::string_view::npos || colon == 0) return {begin, "a label and a colon are missing"};
      begin = end + 1;
    }
  }

 private:
  void set(std::string_view label, std::string_view value, FieldValues& values) const {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == label && (is_selected_.empty() || is_selected_[i]))
        values.set(static_cast<FieldIndex>(i), value);
    }
  }

  std::vector<std::string> names_;
  std::vector<bool> is_selected_;
};

}  // namespace

std::unique_ptr<Parser> make_ltsv_parser() {
  return std::make_unique<LtsvParser>();
}

}  // namespace tailmeter
