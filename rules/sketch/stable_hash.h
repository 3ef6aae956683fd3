// A hash of bytes that is the same in every process and on every machine, for what is kept on disk.
//
// XXH3 with 64 bits, which does not change from version to version, with `key` for its seed. Only a key that others do
// not know keeps the writers of log lines from aiming at single hashes.
//
// Any thread.
#pragma once

#include <cstdint>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tailmeter {

[[nodiscard]] inline std::uint64_t stable_hash(std::string_view bytes, std::uint64_t key) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), key);
}

}  // namespace tailmeter
