// A new field from a field: the country of an address.
//
// Belongs to the loop thread.
#pragma once

#include <string>
#include <utility>

#include "parsers/fields.h"
#include "rules/file/rule_file.h"
#include "rules/program/memo.h"

namespace tailmeter {

class CountryOfField {
 public:
  static constexpr std::size_t kMemoSlots = 4096;

  CountryOfField(FieldIndex from, FieldIndex to, CountryLookup lookup)
      : from_(from), to_(to), lookup_(std::move(lookup)), memo_(kMemoSlots) {}

  // Sets the field if it has no value yet: what the line says itself comes first.
  void run(FieldValues& values) {
    const std::string_view address = values[from_];
    if (!has_value(address) || has_value(values[to_])) return;
    const std::string& country =
        memo_.of(address, [this](std::string_view text, std::string& found) { found = lookup_(text); });
    if (!country.empty()) values.set(to_, country);
  }

 private:
  FieldIndex from_;
  FieldIndex to_;
  CountryLookup lookup_;
  Memo<std::string> memo_;
};

}  // namespace tailmeter
