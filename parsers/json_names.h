// Where in a JSON object the names are that rules ask for.
//
// A name is the keys on the way to a value, with dots between; an element of a list has its number, from 0, as its key.
// Keys may have dots themselves, so a name may be found on several ways: "a.b" in {"a.b": 1} and in {"a": {"b": 1}}.
//
// Made when the rule file is loaded; the rest may be called by any thread after that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/asked_names.h"
#include "parsers/fields.h"

namespace tailmeter {

class JsonNames {
 public:
  static constexpr std::uint32_t kRoot = 0;
  static constexpr std::uint32_t kNowhere = 0xFFFF'FFFF;
  static constexpr std::size_t kMaxParts = 32;  // of a name, between its dots

  // What is asked for behind a key.
  struct Target {
    FieldIndex field = AskedNames::kNoField;  // the value itself
    std::uint32_t inside = kNowhere;          // what is in it

    [[nodiscard]] bool is_field() const { return field != AskedNames::kNoField; }
  };

  JsonNames() { static_cast<void>(node("")); }

  [[nodiscard]] static bool may_be_asked(std::string_view name);
  void add(std::string_view name, FieldIndex field);

  // `where` is kRoot or the `inside` of a target.
  [[nodiscard]] Target find(std::uint32_t where, std::string_view key) const {
    if (where == kNowhere) return {};
    const std::uint32_t target = nodes_[where].find(key);
    return target == NameTable::kNone ? Target{} : targets_[target];
  }

  // Whether a value may be found on several ways: then the one with the fewest keys counts.
  [[nodiscard]] bool has_dots() const { return nodes_.size() > 1; }

 private:
  std::uint32_t node(const std::string& prefix);
  Target& target(std::uint32_t where, std::string_view key);

  std::vector<NameTable> nodes_;  // the keys at a place, and the positions of their targets
  std::vector<Target> targets_;
  std::map<std::string, std::uint32_t> places_;  // nodes by the part of a name in front of them: however it is cut
};

}  // namespace tailmeter
