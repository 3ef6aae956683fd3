// Splits lines along a log_format without a regular expression.
//
// What is right is defined by log_format_pattern(). The splitter gives the same answer and the same fields, some twenty
// times faster, because it never tries: it walks from field to field, and at each it knows the one place where the
// field may end. Let F be a field that begins at s, and L the literal behind it. A class *holds* a byte if the byte can
// occur in a field of the class without a backslash in front.
//
// (1) F does not hold the first byte of L. A unit (see field_class.h) begins where the one before ended, so F is cut
// into units in one way only, and none begins with that byte: F is the longest sequence of units from s. A list ends
// where neither a unit nor a separator follows.
//
// So it does where L is empty and the field behind it is empty or begins with a byte that F excludes, as in
// `$host$request_uri`; then the literal behind that field must be one that F could end in front of as well.
//
// (2) F holds it, as in `$remote_user [$time_local] "`: a user may be called `x [y`. Let L1 G1 L2 G2 ... Lk be what
// comes behind F, literals and fields, and x the first byte of these literals that none of F, G1 ... Gk-1 holds. It is
// called the anchor; say it is in Lk. (The end of the line serves as well.) Two conditions are enough:
//   - No literal up to x has a backslash. Then what is escaped in F or in a G is what has an odd number of backslashes
//     in front, counted back to s at most. Between s and the anchor x occurs escaped only, so the anchor is the first x
//     that is not escaped, and Lk's place is known.
//   - Each Gi excludes, even escaped, the last byte of Li. Then Gi begins behind the last such byte in front of Li+1.
//     Going back from Lk, all places are known, down to the end of F.
// What lies between these places is checked against the classes. Every match has these places, so there is at most one.
// Therefore a guess may go first: that F, too, ends at the first byte of L. If all up to Lk fits, it is the match.
//
// (3) F is a list, its elements do not hold the first byte of L, but its separators do, and (2) does not apply, as in
// `$upstream_addr $upstream_status`. The elements' ends are known by (1). Where " : " follows, the list may go on, or L
// may match. The list goes on, like the pattern's greedy "*"; if the line then matches, it is as the pattern does. If
// it does not, and L did match at a separator that was passed, a shorter list might do: the answer is kUnsure, and the
// pattern has to be asked.
//
// In all other cases a line could be split in several ways, and the constructor refuses the format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/field_class.h"
#include "parsers/fields.h"
#include "parsers/literal.h"
#include "parsers/log_format.h"
#include "parsers/parser.h"

namespace tailmeter {

// Immutable but for select(); any thread may call the const functions.
class Splitter {
 public:
  enum class Outcome { kMatch, kNoMatch, kUnsure };

  // Throws FormatError if lines of the format could be split in several ways.
  explicit Splitter(const LogFormat& format);

  // See Parser::select(): used[i] is for LogFormat::field_names[i].
  void select(const std::vector<bool>& used);

  // Sets the selected fields as they are written, escapes and all; `has_escapes` becomes true if there may be some.
  // What `values` holds after another outcome than kMatch is unspecified.
  [[nodiscard]] Outcome split(std::string_view line, FieldValues& values, bool& has_escapes) const;

  // False if split() never returns kUnsure.
  [[nodiscard]] bool may_be_unsure() const;

  // For a line that does not match.
  [[nodiscard]] Mismatch diagnose(std::string_view line) const;

 private:
  enum class Way : std::uint8_t {
    kUnits,      // (1)
    kLastUnits,  // (1) with nothing behind it, or a field that begins with a byte that it excludes
    kAnchor,     // (2)
    kElements,   // (1) or (3) for a list
  };

  // One line, on its way through the steps.
  struct Walk {
    ByteRange line;
    FieldValues& values;
    bool chose = false;        // a shorter list would have been possible
    bool has_escapes = false;  // a selected field has
  };

  // A field, the literal behind it, and how to find where the field ends.
  struct Step {
    explicit Step(const Variable& variable);
    void store(const char* begin, const char* field_end, bool has_escapes, Walk& walk) const;

    Way way = Way::kUnits;
    bool is_selected = true;
    bool is_anchored_at_end = false;  // kAnchor: by the end of the line
    char anchor = 0;                  // kAnchor: else by this byte
    FieldIndex field;
    std::uint16_t step_count = 1;   // how many steps are done at once: k for kAnchor
    std::size_t anchor_offset = 0;  // kAnchor: in the literal of the last of them
    Literal literal;
    FieldClass field_class;
    FieldClass guessed_class;  // kAnchor: without the literal's first byte
  };

  // True if steps_[step] ends where the next field begins, though nothing stands between them.
  [[nodiscard]] bool ends_before_next(std::size_t step) const;

  // Makes steps_[first] find its anchor, if it has one.
  [[nodiscard]] bool anchor(std::size_t first);

  // Does `step`, and those it takes care of, for a field that begins at `begin`. Returns where the next field begins,
  // or null.
  static const char* pass(const Step& step, const char* begin, Walk& walk);
  static const char* pass_other(const Step& step, const char* begin, Walk& walk);
  static const char* pass_units(const Step& step, const FieldClass& field_class, const char* begin, Walk& walk);
  static const char* pass_escapes(const Step& step, const FieldClass& field_class, const char* begin,
                                  const char* plain_end, Walk& walk);
  static const char* pass_by_guess(const Step& first, const char* begin, Walk& walk);
  static const char* pass_anchored(const Step& first, const char* begin, Walk& walk);
  static const char* end_of_list(const Step& step, const char* begin, Walk& walk, bool& has_escapes);

  // Why steps_[first] does not pass.
  [[nodiscard]] Mismatch explain(std::size_t first, const char* begin, Walk& walk) const;
  [[nodiscard]] Mismatch expected(std::string_view literal, std::size_t step, std::size_t offset) const;

  Literal prefix_;
  std::vector<Step> steps_;
  std::vector<std::string> names_;  // of the steps' variables
};

}  // namespace tailmeter
