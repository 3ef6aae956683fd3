// Parsers of formats whose lines name their fields, asked for some.
#pragma once

#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>

#include "parsers/parser.h"
#include "test/parsers/parse.h"

namespace tailmeter {

inline std::unique_ptr<Parser> asked(std::unique_ptr<Parser> parser, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) parser->ask_for(name);
  return parser;
}

}  // namespace tailmeter
