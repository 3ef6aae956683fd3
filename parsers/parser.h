// The seam between a line and its fields: one parser per format.
//
// A parser is made when the rule file is loaded, is told once which fields some rule uses, and is then called for each
// line. The field numbers that it fills are the positions in field_names(); the rules append derived fields.
//
// Thread-compatible: parse() is const, so one parser may serve several threads, each with its own FieldValues.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/fields.h"

namespace tailmeter {

// Where and why a line does not have the format.
struct Mismatch {
  std::size_t offset = 0;  // the byte of the line at which it diverges
  std::string reason;  // the same text for all lines that fail alike: it is counted, so it quotes nothing of the line
};

class Parser {
 public:
  virtual ~Parser() = default;

  [[nodiscard]] virtual const std::vector<std::string>& field_names() const = 0;

  // For a format whose lines name their fields themselves, as JSON does: makes `name` one of field_names(). Called
  // before select(). A format whose fields are settled does nothing and returns false.
  virtual bool ask_for(std::string_view /*name*/) { return false; }

  // Says which fields are needed: used[i] for field_names()[i]. Called at most once, before the first line; without it
  // every field is filled.
  virtual void select(const std::vector<bool>& used) = 0;

  // True if `line` (without its newline) has the format; the selected fields are then set. Fields of a log_format hold
  // the values with the server's escapes undone once; what a regex captures stays as it is. False leaves `values` in an
  // unspecified state. The caller has called values.start_line(line.size()), anew for each parser that it tries.
  [[nodiscard]] virtual bool parse(std::string_view line, FieldValues& values) const = 0;

  // For a line that parse() refused. Not for the hot way.
  [[nodiscard]] virtual Mismatch diagnose(std::string_view line) const = 0;
};

}  // namespace tailmeter
