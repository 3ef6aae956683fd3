#include "exporter/web/unsent_pages.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <tuple>

namespace tailmeter {
namespace {

using Pages = std::map<const std::string*, Standing>;

bool is_better(const Standing& left, const Standing& right) {
  return std::tie(left.worth, left.waits_since) > std::tie(right.worth, right.waits_since);
}

bool are_too_many(const Pages& pages, const HttpLimits& limits) {
  std::size_t bytes = 0;
  std::size_t largest = 0;
  for (const auto& page : pages) {
    bytes += page.first->size();
    largest = std::max(largest, page.first->size());
  }
  return bytes > std::max(limits.unsent_bytes, limits.unsent_pages * largest);
}

}  // namespace

std::vector<const std::string*> pages_to_give_up(std::span<const PageTaker> takers, const std::string* newest,
                                                 const HttpLimits& limits) {
  Pages pages;
  for (const PageTaker& taker : takers) {
    const auto [page, is_first] = pages.try_emplace(taker.page, taker.standing);
    if (!is_first && is_better(taker.standing, page->second)) page->second = taker.standing;
  }
  std::vector<const std::string*> given_up;
  while (are_too_many(pages, limits)) {
    std::vector<Pages::iterator> others;
    std::vector<Standing> standings;
    for (auto page = pages.begin(); page != pages.end(); ++page) {
      if (page->first == newest) continue;
      others.push_back(page);
      standings.push_back(page->second);
    }
    const std::optional<std::size_t> victim = choose_victim(standings);
    if (!victim) break;
    given_up.push_back(others[*victim]->first);
    pages.erase(others[*victim]);
  }
  return given_up;
}

}  // namespace tailmeter
