// Which field a name in a line is, for the formats whose lines name their fields themselves.
//
// Such a line may hold many names, of which rules ask for a few: to find that a name is none of these takes a look at
// its size and three of its bytes.
//
// Made when the rule file is loaded; find() may be called by any thread after that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/fields.h"

namespace tailmeter {

// Numbers by name.
class NameTable {
 public:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;

  void add(std::string_view name, std::uint32_t number);  // a name that is not there yet

  [[nodiscard]] std::uint32_t find(std::string_view name) const {
    for (std::size_t place = first_place(name);; ++place) {
      const Slot& slot = slots_[place & (slots_.size() - 1)];
      if (slot.number == kNone || slot.name == name) return slot.number;
    }
  }

 private:
  struct Slot {
    std::string name;
    std::uint32_t number = kNone;
  };

  static std::size_t first_place(std::string_view name) {
    if (name.empty()) return 0;
    const auto byte = [name](std::size_t i) { return std::size_t{static_cast<unsigned char>(name[i])}; };
    return name.size() + byte(0) * 3 + byte(name.size() / 2) * 17 + byte(name.size() - 1) * 29;
  }

  std::vector<Slot> slots_{4};  // a power of two of them, at least three quarters free
  std::size_t size_ = 0;
};

class AskedNames {
 public:
  static constexpr FieldIndex kNoField = 0xFFFF;

  // Makes `name` one of names(), once.
  void ask(std::string_view name);
  // From now on only those are found whose place in `used` is true.
  void select(const std::vector<bool>& used);

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  // The position in names(), or kNoField.
  [[nodiscard]] FieldIndex find(std::string_view name) const { return static_cast<FieldIndex>(table_.find(name)); }

 private:
  std::vector<std::string> names_;
  NameTable table_;
};

}  // namespace tailmeter
