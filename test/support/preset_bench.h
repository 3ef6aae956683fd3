// A preset and lines to count by it, for tests.
#pragma once

#include <string>
#include <string_view>

#include "rules/presets/presets.h"
#include "test/support/rule_bench.h"

namespace tailmeter {

class PresetBench : public RuleBench {
 public:
  explicit PresetBench(std::string_view preset) : RuleBench(std::string(preset_text(preset))) {}
};

}  // namespace tailmeter
