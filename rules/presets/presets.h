// The rule files that come with the program; their text is built in, so that one binary is enough.
#pragma once

#include <span>
#include <string_view>

namespace tailmeter {

struct Preset {
  std::string_view name;
  std::string_view text;  // rules/presets/NAME.yml; its first line is a comment that says what it is for
};

// The rules that hold when the user gives none.
inline constexpr std::string_view kDefaultPreset = "mirror";

// By name, in the order of the alphabet.
[[nodiscard]] std::span<const Preset> presets();

// Its text, or "" if there is none of this name.
[[nodiscard]] std::string_view preset_text(std::string_view name);

}  // namespace tailmeter
