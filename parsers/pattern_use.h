// What a pattern is for.
#pragma once

namespace tailmeter {

enum class PatternUse {
  kSearch,  // some part of a text matches, and its groups are asked for
  kWhole,   // all of a text matches
};

}  // namespace tailmeter
