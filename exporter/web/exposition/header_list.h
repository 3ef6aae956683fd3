// A header that lists what a client accepts, with a weight for each: "gzip;q=0.5, text/plain;version=0.0.4"
// (RFC 9110, sections 5.6 and 12.4.2).
//
// Lenient: what is no item is passed over, a weight that cannot be read is 1. Pure functions; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "exporter/web/exposition/header_text.h"

namespace tailmeter {

struct HeaderParameter {
  std::string_view name;
  std::string_view value;  // without quotes around it
};

struct HeaderItem {
  std::string_view value;
  std::span<const HeaderParameter> parameters;  // but the weight; the first kMaxHeaderParameters
  int weight = 1000;                            // thousandths
};

inline constexpr std::size_t kMaxHeaderParameters = 8;
inline constexpr std::size_t kMaxHeaderItems = 64;  // further ones are not looked at

// Takes what is in front of the next `separator` off `text`, a separator in quotes not counted.
[[nodiscard]] std::string_view take_until(std::string_view& text, char separator);

// "1", "0.75", "0.": thousandths.
[[nodiscard]] int read_weight(std::string_view text);

// Calls visit(HeaderItem) for each item. What it is given lives in `list`, but for the parameters.
template <typename Visit>
void for_each_item(std::string_view list, Visit visit) {
  for (std::size_t items = 0; !list.empty() && items < kMaxHeaderItems; ++items) {
    std::string_view rest = take_until(list, ',');
    std::array<HeaderParameter, kMaxHeaderParameters> parameters;
    std::size_t count = 0;
    HeaderItem item{trim(take_until(rest, ';')), {}};
    while (!rest.empty()) {
      std::string_view value = take_until(rest, ';');
      const std::string_view name = trim(take_until(value, '='));
      value = trim(value);
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
      if (equals_without_case(name, "q")) {
        item.weight = read_weight(value);
      } else if (count < parameters.size()) {
        parameters[count++] = {name, value};
      }
    }
    if (item.value.empty()) continue;
    item.parameters = {parameters.data(), count};
    visit(item);
  }
}

}  // namespace tailmeter
