// Which pages are given up when clients do not take them, so that the memory for them has a bound.
//
// Clients that were answered at once share a page: it counts once, and is worth what the best of them is. A page goes
// by the same rule as a connection (standing.h), so that who takes his steadily outlives who takes nothing.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "exporter/web/http_limits.h"
#include "exporter/web/standing.h"

namespace tailmeter {

// A client, and the page that it has not taken wholly yet.
struct PageTaker {
  const std::string* page;
  Standing standing;
};

// As few as will do; never `newest`, for a newcomer is not refused for the sake of those that are there.
[[nodiscard]] std::vector<const std::string*> pages_to_give_up(std::span<const PageTaker> takers,
                                                               const std::string* newest, const HttpLimits& limits);

}  // namespace tailmeter
