// Samples as JSON (RFC 8259). Values are texts: a JSON number is a double to most readers, and these are exact.
//
// Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "rules/series/snapshot.h"

namespace tailmeter {

// `text` in quotes; valid UTF-8.
[[nodiscard]] std::string json_string(std::string_view text);

// Appends [{"name":"a_total","labels":{"b":"c"},"value":"1"},...], of one family alone if `family` is not empty.
void append_json(std::string& out, const Snapshot& snapshot, std::string_view family = {});

}  // namespace tailmeter
