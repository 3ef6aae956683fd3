#include "exporter/tail/rung.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tailmeter {

ContentHash hash_of(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

}  // namespace tailmeter
