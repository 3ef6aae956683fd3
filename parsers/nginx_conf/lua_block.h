// Where a block of Lua in an nginx configuration ends: the one thing in it that nginx's own quoting does not rule.
//
// A pure function. Source: Lua 5.1 manual, 2.1; lua-nginx-module's *_by_lua_block.
#pragma once

#include <cstddef>
#include <string_view>

namespace tailmeter {

// The position behind the "}" that closes the block whose content begins at `begin`, or npos if there is none. Braces
// in strings, long brackets and comments do not count.
[[nodiscard]] std::size_t end_of_lua_block(std::string_view text, std::size_t begin);

}  // namespace tailmeter
