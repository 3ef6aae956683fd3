#include "parsers/byte_scan.h"

#include <algorithm>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

#include "test/support/effort.h"

using namespace tailmeter;

namespace {

ByteSet set_of(std::string_view bytes) {
  ByteSet set;
  for (const char byte : bytes) set.set(byte_index(byte));
  return set;
}

struct NamedSet {
  const char* name;
  ByteSet set;
};

std::vector<NamedSet> sets() {
  ByteSet every_third;
  for (std::size_t i = 0; i < every_third.size(); i += 3) every_third.set(i);
  return {{"nothing", ByteSet()},
          {"everything", ~ByteSet()},
          {"digits", set_of("0123456789")},
          {"all but a quote", ~set_of("\"")},
          {"all but NUL and the last of ASCII", ~set_of(std::string_view("\0\x7f", 2))},
          {"some, with one beyond ASCII", set_of("abc\xe9")},
          {"all but one beyond ASCII", ~set_of("\xff")},
          {"every third", every_third}};
}

}  // namespace

TEST_CASE("the ends of a run are those that are found byte by byte", "[byte_scan]") {
  std::mt19937 random(20'261'122);
  for (const NamedSet& tested : sets()) {
    INFO(tested.name);
    const ByteScan scan(tested.set);
    const auto is_held = [&](char byte) { return tested.set[byte_index(byte)]; };
    for (std::size_t i = 0; i < effort(std::size_t{20'000}); ++i) {
      // On the heap and no byte to spare, so that a sanitizer sees who reads beyond it.
      std::vector<char> text(random() % 150);
      for (char& byte : text) {
        do {
          byte = static_cast<char>(random());
        } while (!is_held(byte) && tested.set.any() && random() % 64 != 0);
      }
      const ByteRange whole{text.data(), text.data() + text.size()};
      const char* const begin = whole.begin + random() % (text.size() + 1);
      const char* const end = begin + random() % static_cast<std::size_t>(whole.end - begin + 1);
      const char* right_begin = end;
      while (right_begin != begin && is_held(right_begin[-1])) --right_begin;
      if (scan.end_of_run(whole, begin, end) != std::find_if_not(begin, end, is_held)) FAIL("end " << i);
      if (scan.begin_of_run(whole, begin, end) != right_begin) FAIL("begin " << i);
    }
  }
}

TEST_CASE("each byte is in the set or is not", "[byte_scan]") {
  for (const NamedSet& tested : sets()) {
    const ByteScan scan(tested.set);
    for (std::size_t byte = 0; byte < 256; ++byte) {
      CAPTURE(tested.name, byte);
      const std::vector<char> text(32, static_cast<char>(byte));
      const ByteRange whole{text.data(), text.data() + text.size()};
      const bool is_held = tested.set[byte];
      if (scan.end_of_run(whole, whole.begin, whole.end) != (is_held ? whole.end : whole.begin)) FAIL("end");
      if (scan.begin_of_run(whole, whole.begin, whole.end) != (is_held ? whole.begin : whole.end)) FAIL("begin");
    }
  }
}
