// What a field of a log_format may hold, as bytes.
//
// A field is a sequence of units. A unit is a plain byte of its class, or, in classes that know escapes, a backslash
// together with the byte behind it: nginx writes \x22 for a quote, httpd writes \". A list is elements, each a sequence
// of units, and between them ", " or " : ". Every class holds the empty text: a variable that exists and is empty is
// written as nothing.
//
// Immutable; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "parsers/byte_scan.h"

namespace tailmeter {

// Blanks are held by kTime, the lists, kText and kAnything; escapes are known to kToken, kAddressList and kText.
enum class FieldKind {
  kNumber,       // digits, "." and "-"
  kTime,         // 21/Nov/2026:18:49:31 +0000
  kIsoTime,      // 2026-11-21T18:49:31+00:00
  kWord,         // what the server itself writes, such as an address; none of the separators , ; |
  kName,         // a word that has no "/" or ":" either, such as a scheme
  kToken,        // what a client has a say in, such as a host name; anything but a blank or a quote
  kNumberList,   // of several upstreams: numbers
  kAddressList,  // of several upstreams: tokens without ","
  kText,         // anything but a quote that is not escaped
  kAnything,     // anything, and no escapes
};

class FieldClass {
 public:
  explicit FieldClass(FieldKind kind);

  // Of its fields those that are empty or begin with `byte`, which is one that it holds plain.
  [[nodiscard]] FieldClass beginning_with(char byte) const;
  [[nodiscard]] std::optional<char> first() const { return first_; }

  // The class without `byte`, plain or escaped.
  [[nodiscard]] FieldClass without(char byte) const;

  // True if `byte` may occur in a field, not escaped. A list holds the bytes of its separators.
  [[nodiscard]] bool holds(char byte) const { return (flags(byte) & kHeld) != 0; }
  // The same for the elements of a list.
  [[nodiscard]] bool elements_hold(char byte) const { return byte == '\\' ? holds(byte) : is_plain(byte); }
  // True if `byte` occurs in no field, not even escaped.
  [[nodiscard]] bool excludes(char byte) const { return (flags(byte) & (kHeld | kEscaped)) == 0; }

  [[nodiscard]] FieldKind kind() const { return kind_; }
  [[nodiscard]] bool is_list() const { return kind_ == FieldKind::kNumberList || kind_ == FieldKind::kAddressList; }

  // The end of the longest sequence of units that begins at `begin`, in `line`. `has_escapes` becomes true if one is
  // escaped; end_of_plain() goes no further than to the first that is, and knows nothing of first().
  [[nodiscard]] const char* end_of_plain(const ByteRange& line, const char* begin) const {
    return plain_.end_of_run(line, begin, line.end);
  }
  [[nodiscard]] const char* end_of_units(const ByteRange& line, const char* begin, bool& has_escapes) const {
    if (first_ && (begin == line.end || *begin != *first_)) return begin;
    for (;;) {
      begin = end_of_plain(line, begin);
      if (line.end - begin < 2 || *begin != '\\' || (flags(begin[1]) & kEscaped) == 0) return begin;
      has_escapes = true;
      begin += 2;
    }
  }

  // True if all of `text` is one field.
  [[nodiscard]] bool contains(const ByteRange& text, bool& has_escapes) const;

  // The class as a pattern: the definition that everything above has to agree with.
  [[nodiscard]] std::string pattern() const;

 private:
  enum Flag : std::uint8_t { kPlain = 1, kEscaped = 2, kHeld = 4 };

  [[nodiscard]] std::uint8_t flags(char byte) const { return flags_[static_cast<unsigned char>(byte)]; }
  [[nodiscard]] bool is_plain(char byte) const { return (flags(byte) & kPlain) != 0; }

  [[nodiscard]] ByteSet bytes(Flag flag) const;

  std::array<std::uint8_t, 256> flags_{};
  ByteScan plain_{ByteSet()};
  FieldKind kind_;
  std::optional<char> first_;
};

// The separator of list elements that stands at `begin`: its size, or 0 if there is none.
[[nodiscard]] std::size_t list_separator_size(const char* begin, const char* end);

}  // namespace tailmeter
