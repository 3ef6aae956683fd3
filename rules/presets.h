// The rule files that come with the program; their text is built in, so that one binary is enough.
#pragma once

#include <string_view>

namespace tailmeter {

// The rules that hold when the user gives none.
inline constexpr std::string_view kDefaultPreset = "mirror";

// The text of rules/presets/NAME.yml, or "" if there is none.
[[nodiscard]] std::string_view preset_text(std::string_view name);

}  // namespace tailmeter
