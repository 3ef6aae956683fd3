#include "parsers/field_class.h"

#include <random>

#include <catch2/catch.hpp>

#include "parsers/pattern.h"

using namespace tailmeter;

namespace {

constexpr FieldKind kKinds[] = {FieldKind::kNumber, FieldKind::kTime,       FieldKind::kIsoTime,     FieldKind::kWord,
                                FieldKind::kToken,  FieldKind::kNumberList, FieldKind::kAddressList, FieldKind::kText};

bool contains(const FieldClass& field_class, std::string_view text) {
  bool has_escapes = false;
  return field_class.contains({text.data(), text.data() + text.size()}, has_escapes);
}

}  // namespace

TEST_CASE("a class holds what its variables are written as", "[field_class]") {
  const auto [kind, text, is_held] = GENERATE(table<FieldKind, std::string, bool>({
      {FieldKind::kNumber, "0.012", true},
      {FieldKind::kNumber, "-", true},
      {FieldKind::kNumber, "1e3", false},
      {FieldKind::kTime, "21/Nov/2026:18:49:31 +0000", true},
      {FieldKind::kTime, "21/Nov/2026:18:49:31 -0330", true},
      {FieldKind::kTime, "21/Nov/2026] x", false},
      {FieldKind::kIsoTime, "2026-11-21T18:49:31+00:00", true},
      {FieldKind::kIsoTime, "2026-11-21 18:49:31", false},
      {FieldKind::kWord, "::ffff:203.0.113.42", true},
      {FieldKind::kWord, "unix:", true},
      {FieldKind::kWord, "a|b", false},
      {FieldKind::kWord, "a\\x20", false},
      {FieldKind::kToken, "m\\xC3\\xBCnchen.example:80", true},
      {FieldKind::kToken, "a|b,c;d", true},
      {FieldKind::kToken, "a b", false},
      {FieldKind::kToken, "a\\ b", false},
      {FieldKind::kToken, "a\\", false},
      {FieldKind::kNumberList, "0.201, 0.200 : -", true},
      {FieldKind::kNumberList, "0.201,0.200", false},
      {FieldKind::kNumberList, "0.201, x", false},
      {FieldKind::kAddressList, "127.0.0.1:8101, [2001:db8::7]:443 : unix:/a.sock", true},
      {FieldKind::kAddressList, "a, , b", true},
      {FieldKind::kAddressList, "a b", false},
      {FieldKind::kAddressList, "a : ", true},
      {FieldKind::kAddressList, "a :", false},
      {FieldKind::kText, "GET / \\x22 \\\" \\\\", true},
      {FieldKind::kText, "a\"b", false},
      {FieldKind::kText, "a\\\\\"", false},
      {FieldKind::kText, "a\\", false},
  }));
  CAPTURE(static_cast<int>(kind), text);
  CHECK(contains(FieldClass(kind), text) == is_held);
}

TEST_CASE("every class holds the empty text", "[field_class]") {
  for (const FieldKind kind : kKinds) CHECK(contains(FieldClass(kind), ""));
}

TEST_CASE("an excluded byte is in no field, not even escaped", "[field_class]") {
  for (const FieldKind kind : kKinds) {
    const FieldClass field_class = FieldClass(kind).without('\t');
    CHECK(field_class.excludes('\t'));
    CHECK_FALSE(contains(field_class, "\t"));
    CHECK_FALSE(contains(field_class, "\\\t"));
  }
  CHECK(contains(FieldClass(FieldKind::kText), "\t\\\t"));
}

TEST_CASE("a class and its pattern agree on every text", "[field_class]") {
  constexpr std::string_view kBytes = "\\\\\\\"\" ,:1.-xTZ/|\t\xff";
  std::mt19937 random(20'261'121);
  for (const FieldKind kind : kKinds) {
    for (const FieldClass& field_class : {FieldClass(kind), FieldClass(kind).without('\t')}) {
      const Pattern pattern(field_class.pattern());
      for (int byte = 0; byte < 256; ++byte) {
        const std::string text(1, static_cast<char>(byte));
        if (contains(field_class, text) != pattern.matches(text)) FAIL(field_class.pattern() << " and byte " << byte);
      }
      for (int i = 0; i < 10'000; ++i) {
        std::string text;
        for (std::size_t size = random() % 8; size > 0; --size) text += kBytes[random() % kBytes.size()];
        if (contains(field_class, text) != pattern.matches(text))
          FAIL(field_class.pattern() << " and \"" << text << '"');
      }
    }
  }
}
