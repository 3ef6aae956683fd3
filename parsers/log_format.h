// The text of a format such as nginx's log_format, taken apart: variables, and the literals around them.
//
// Source: ngx_http_log_module.html#log_format. $name and ${name} are variables. $uri$is_args$args is request_uri.
// httpd_format.h has httpd's.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/escape.h"
#include "parsers/field_class.h"
#include "parsers/fields.h"

namespace tailmeter {

struct Variable {
  std::string name;
  std::size_t offset = 0;  // of its "$" in the text
  FieldClass field_class;
  std::string literal;       // the text behind it; empty at the end, and in front of a path that begins with "/"
  FieldIndex field = 0;      // position of the name in LogFormat::field_names
  bool is_repeated = false;  // an earlier variable has the same name, and its value is the field's
};

struct LogFormat {
  std::string_view directive = "log_format";  // of the server's configuration, for messages
  Escaping escaping = Escaping::kDefault;
  std::string prefix;                    // the text in front of the first variable
  std::vector<Variable> variables;       // at least one
  std::vector<std::string> field_names;  // the variables' names, each once
};

// What a format's text is made of, in its order.
struct FormatPiece {
  std::size_t offset = 0;  // in the text
  std::string text;        // of a literal, or the variable's name
  bool is_variable = false;
  FieldKind kind = FieldKind::kText;  // of a variable; between quotes it is text anyway
};

// The kind of what nginx's variable of this name holds.
[[nodiscard]] FieldKind variable_kind(std::string_view name);

// Throws FormatError (see formats.h).
[[nodiscard]] LogFormat assemble_log_format(const std::vector<FormatPiece>& pieces, Escaping escaping);
[[nodiscard]] LogFormat parse_log_format(std::string_view text, Escaping escaping = Escaping::kDefault);

// The pattern that defines which lines have the format: anchored, with one group for each variable.
[[nodiscard]] std::string log_format_pattern(const LogFormat& format);

}  // namespace tailmeter
