#include "parsers/byte_scan.h"

#include <algorithm>
#include <bit>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace tailmeter {
namespace {

constexpr std::size_t kAsciiBytes = 128;

bool fits_vectors(const ByteSet& set) {
#ifdef __x86_64__
  const std::size_t others = (set >> kAsciiBytes).count();
  return __builtin_cpu_supports("avx2") != 0 && (others == 0 || others == kAsciiBytes);
#else
  return set.count() > set.size();  // never
#endif
}

}  // namespace

ByteScan::ByteScan(const ByteSet& set)
    : has_vectors_(fits_vectors(set)), is_inside_(set[kAsciiBytes] ? 0 : ~std::uint32_t{0}), set_(set) {
  for (std::size_t byte = 0; byte < kAsciiBytes; ++byte) {
    if (set[byte] == (is_inside_ != 0)) rows_[byte & 0x0f] |= static_cast<std::uint8_t>(1U << (byte >> 4));
  }
}

#ifdef __x86_64__

namespace {

// Bit i: place[i] is among `rows`. A shuffle gives 0 for what is beyond ASCII: such bytes are never among them.
__attribute__((target("avx2"))) inline std::uint32_t among(__m256i rows, const char* place) {
  const __m256i bit_of_half = _mm256_set1_epi64x(static_cast<std::int64_t>(0x8040201008040201));
  const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(place));
  const __m256i upper_half = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0f));
  const __m256i bit = _mm256_shuffle_epi8(bit_of_half, upper_half);
  const __m256i is_among = _mm256_cmpeq_epi8(_mm256_and_si256(_mm256_shuffle_epi8(rows, bytes), bit), bit);
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(is_among));
}

}  // namespace

__attribute__((target("avx2"))) const char* ByteScan::end_of_run_by_vectors(const ByteRange& whole, const char* begin,
                                                                            const char* end) const {
  const __m256i rows = _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(rows_.data())));
  for (; end - begin >= kWidth; begin += kWidth) {
    if (const std::uint32_t others = among(rows, begin) ^ is_inside_) return begin + std::countr_zero(others);
  }
  // What is left is read together with what is behind it, or else with what is in front.
  const std::ptrdiff_t left = end - begin;
  if (left == 0) return end;
  const std::uint32_t others = whole.end - begin >= kWidth
                                   ? among(rows, begin) ^ is_inside_
                                   : (among(rows, end - kWidth) ^ is_inside_) >> (kWidth - left);
  return begin + std::min(std::ptrdiff_t{std::countr_zero(others)}, left);
}

__attribute__((target("avx2"))) const char* ByteScan::begin_of_run_by_vectors(const ByteRange& whole, const char* begin,
                                                                              const char* end) const {
  const __m256i rows = _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(rows_.data())));
  for (; end - begin >= kWidth; end -= kWidth) {
    if (const std::uint32_t others = among(rows, end - kWidth) ^ is_inside_) return end - std::countl_zero(others);
  }
  const std::ptrdiff_t left = end - begin;
  if (left == 0) return end;
  const std::uint32_t others = end - whole.begin >= kWidth ? among(rows, end - kWidth) ^ is_inside_
                                                           : (among(rows, begin) ^ is_inside_) << (kWidth - left);
  return end - std::min(std::ptrdiff_t{std::countl_zero(others)}, left);
}

#else

// Neither is called.
const char* ByteScan::end_of_run_by_vectors(const ByteRange&, const char* begin, const char*) const {
  return begin;
}
const char* ByteScan::begin_of_run_by_vectors(const ByteRange&, const char*, const char* end) const {
  return end;
}

#endif

}  // namespace tailmeter
