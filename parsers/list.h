// The lists that nginx writes for requests passed to several upstreams: "0.201, 0.200" for retries, "0.014 : 0.004"
// after an internal redirect (ngx_http_upstream.html#variables).
#pragma once

#include <cstddef>
#include <string_view>

namespace tailmeter {

// Calls visit(element) for each element of `list`, in order, "-" and empty ones included.
template <typename Visit>
void for_each_element(std::string_view list, Visit visit) {
  for (;;) {
    std::size_t end = list.find_first_of(",:");
    while (end != std::string_view::npos) {
      const bool is_comma = list[end] == ',' && end + 1 < list.size() && list[end + 1] == ' ';
      const bool is_colon =
          list[end] == ':' && end > 0 && list[end - 1] == ' ' && end + 1 < list.size() && list[end + 1] == ' ';
      if (is_comma || is_colon) break;
      end = list.find_first_of(",:", end + 1);
    }
    if (end == std::string_view::npos) return visit(list);
    visit(list.substr(0, list[end] == ':' ? end - 1 : end));
    list.remove_prefix(end + 2);
  }
}

}  // namespace tailmeter
