#include "rules/program/source_compiler.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "parsers/formats.h"
#include "rules/program/template.h"

namespace tailmeter {
namespace {

using RequestFields = SourceProgram::RequestFields;

struct DerivedName {
  const char* name;
  FieldIndex RequestFields::*field;
};

constexpr DerivedName kDerivedFromRequest[] = {
    {"request_method", &RequestFields::method},
    {"request_uri", &RequestFields::target},
    {"uri", &RequestFields::path},
    {"args", &RequestFields::args},
    {"server_protocol", &RequestFields::protocol},
};

}  // namespace

SourceCompiler::SourceCompiler(const SourceRule& rule, std::string where, CountryLookup country_of,
                               Diagnostics& diagnostics)
    : rule_(rule), where_(std::move(where)), country_of_(std::move(country_of)), diagnostics_(diagnostics) {
  make_formats();
  if (!has_formats_) return;
  plan_request_fields();
  parts_.source_field = fields_.add("source");
  parts_.file_field = fields_.add("file");
  parts_.format_field = fields_.add("format");
  for (std::size_t i = 0; i < rule.extracts.size(); ++i)
    plan_extract(rule.extracts[i], fmt::format("{}: extract[{}]", where_, i));
}

void SourceCompiler::make_formats() {
  for (std::size_t i = 0; i < rule_.formats.size(); ++i) {
    const FormatRule& rule = rule_.formats[i];
    auto parser = make_parser(rule);
    if (!parser) continue;
    for (const std::string& name : parser->field_names()) fields_.add(name);
    const bool has_name = rule.kind == FormatRule::Kind::kNamed || rule.kind == FormatRule::Kind::kSeparated;
    parts_.formats.push_back({.name = has_name ? rule.text.value : std::to_string(i + 1), .parser = std::move(parser)});
  }
  has_formats_ = !rule_.formats.empty() && parts_.formats.size() == rule_.formats.size();
  const std::vector<std::string> settled = fields_.names();
  for (const std::string& name : settled) ask_for(name);
  for (const DerivedName& derived : kDerivedFromRequest) ask_for(derived.name);
  for (const char* const name : {"request", "source", "file", "format"}) ask_for(name);
}

// True if lines may have a field of this name though no format says so.
bool SourceCompiler::ask_for(const std::string& name) {
  bool is_possible = false;
  for (const SourceProgram::Format& format : parts_.formats) is_possible = format.parser->ask_for(name) || is_possible;
  if (is_possible) fields_.add(name);
  return is_possible;
}

std::unique_ptr<Parser> SourceCompiler::make_parser(const FormatRule& format) {
  try {
    if (format.kind == FormatRule::Kind::kNamed) return make_named_parser(format.text.value);
    if (format.kind == FormatRule::Kind::kLogFormat) return make_log_format_parser(format.text.value, format.escaping);
    if (format.kind == FormatRule::Kind::kHttpd) return make_httpd_format_parser(format.text.value);
    if (format.kind == FormatRule::Kind::kSeparated) {
      SeparatedFormat separated{format.separator};
      for (const Text& column : format.columns) separated.columns.push_back(column.value);
      return make_separated_parser(std::move(separated));
    }
    std::vector<RegexAlternative> alternatives;
    for (const FormatRule::Alternative& alternative : format.patterns) {
      if (compile_pattern(alternative.pattern, where_ + ": format", PatternUse::kSearch))
        alternatives.push_back({alternative.event.value, alternative.pattern.value});
    }
    if (alternatives.size() == format.patterns.size()) return make_regex_parser(alternatives);
  } catch (const FormatError& error) {
    diagnostics_.error(diagnostics_.inside(format.text, error.offset()), where_ + ": format: " + error.what());
  }
  return nullptr;
}

void SourceCompiler::plan_request_fields() {
  const auto request = fields_.find("request");
  if (!request) return;
  parts_.request_fields.request = *request;
  for (const DerivedName& derived : kDerivedFromRequest)
    parts_.request_fields.*derived.field = fields_.add(derived.name);
}

void SourceCompiler::plan_extract(const ExtractRule& extract, const std::string& where) {
  const auto from = compile_template(extract.from, where);
  if (from && !from->is_single_field()) {
    diagnostics_.error(extract.from.place, where + ": \"from\" is one field, such as $request_uri");
    return;
  }
  if (!extract.country.value.empty()) {
    if (from) plan_country(from->single_field(), extract.country, where);
    return;
  }
  auto pattern = compile_pattern(extract.regex, where, PatternUse::kSearch);
  if (!from || !pattern) return;
  PlannedExtraction planned{from->single_field(), std::move(*pattern), {}};
  const std::vector<std::string>& groups = planned.pattern.group_names();
  for (std::size_t group = 0; group < groups.size(); ++group) {
    if (groups[group].empty() || is_taken(groups[group], extract.regex, where)) continue;
    ask_for(groups[group]);  // what a line has under this name comes first
    planned.targets.push_back({group, fields_.add(groups[group])});
  }
  const bool names_none = std::all_of(groups.begin(), groups.end(), [](const auto& group) { return group.empty(); });
  if (names_none) {
    diagnostics_.error(extract.regex.place,
                       where + ": the regex names no field: write (?P<name>...) around what you want");
    return;
  }
  extractions_.push_back(std::move(planned));
}

// These fields are there before any extract.
bool SourceCompiler::is_taken(const std::string& name, const Text& text, const std::string& where) {
  const bool is_taken = name == "source" || name == "file" || name == "format";
  if (is_taken) {
    diagnostics_.error(text.place,
                       fmt::format("{}: ${} is a field of every line: give what is found another name", where, name));
  }
  return is_taken;
}

void SourceCompiler::plan_country(FieldIndex from, const Text& name, const std::string& where) {
  if (is_taken(name.value, name, where)) return;
  const bool is_there = fields_.find(name.value) || ask_for(name.value);  // what a line has under this name comes first
  const FieldIndex field = fields_.add(name.value);
  if (country_of_) {
    planned_countries_.push_back({from, field});
  } else if (!is_there) {
    absent_fields_.insert(name.value);
  }
}

std::optional<FieldIndex> SourceCompiler::resolve(const std::string& name, Place place, const std::string& where) {
  if (!has_formats_) return std::nullopt;
  if (!fields_.find(name)) ask_for(name);
  const auto field = fields_.find(name);
  if (!field) {
    diagnostics_.error(place, fmt::format("{}: source \"{}\" has no field \"{}\"{}", where, rule_.name.value, name,
                                          did_you_mean(name, fields_.names())));
  }
  return field;
}

std::optional<Template> SourceCompiler::compile_template(const Text& text, const std::string& where) {
  Template compiled;
  bool is_good = true;
  try {
    for (const TemplatePiece& piece : cut_template(text.value)) {
      if (!piece.is_field) {
        compiled.append_literal(piece.text);
      } else if (const auto field = resolve(piece.text, diagnostics_.inside(text, piece.offset), where)) {
        compiled.append_field(*field);
      } else {
        is_good = false;
      }
    }
  } catch (const std::invalid_argument& error) {
    diagnostics_.error(text.place, fmt::format("{}: {}", where, error.what()));
    is_good = false;
  }
  return is_good ? std::optional(compiled) : std::nullopt;
}

std::optional<Pattern> SourceCompiler::compile_pattern(const Text& text, const std::string& where, PatternUse use) {
  try {
    Pattern pattern(text.value, use);
    parts_.engines.push_back({text.place, where, pattern.engine(), text.value});
    return pattern;
  } catch (const PatternError& error) {
    diagnostics_.error(text.place, fmt::format("{}: {}", where, error.what()));
    return std::nullopt;
  }
}

std::vector<Pattern> SourceCompiler::compile_whole_patterns(const std::vector<Text>& texts, const std::string& where) {
  std::vector<Pattern> patterns;
  for (const Text& text : texts) {
    if (auto pattern = compile_pattern(text, where, PatternUse::kWhole)) patterns.push_back(std::move(*pattern));
  }
  return patterns;
}

void SourceCompiler::select_fields(SourceProgram::Format& format) const {
  const std::vector<std::string>& names = format.parser->field_names();
  std::vector<bool> used;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const FieldIndex field = *fields_.find(names[i]);
    used.push_back(fields_.is_used(field));
    format.has_own_numbers = format.has_own_numbers || field != i;
    if (used.back()) format.fields.push_back({static_cast<FieldIndex>(i), field});
  }
  format.parser->select(used);
  if (format.has_own_numbers) format.values = FieldValues(names.size());
}

std::unique_ptr<SourceProgram> SourceCompiler::finish() {
  if (!has_formats_ || diagnostics_.has_errors()) return nullptr;
  // From the end of the chain to its beginning: what is used decides what has to be found for it.
  for (auto planned = extractions_.rbegin(); planned != extractions_.rend(); ++planned) {
    std::erase_if(planned->targets, [&](const Extraction::Target& target) { return !fields_.is_used(target.field); });
    if (!planned->targets.empty()) fields_.use(planned->from);
  }
  for (PlannedExtraction& planned : extractions_) {
    if (!planned.targets.empty())
      parts_.extractions.emplace_back(planned.from, std::move(planned.pattern), std::move(planned.targets));
  }
  for (const PlannedCountry& planned : planned_countries_) {
    if (!fields_.is_used(planned.to)) continue;
    fields_.use(planned.from);
    parts_.countries.emplace_back(planned.from, planned.to, country_of_);
  }
  RequestFields& request_fields = parts_.request_fields;
  bool is_request_needed = false;
  for (const DerivedName& derived : kDerivedFromRequest) {
    FieldIndex& field = request_fields.*derived.field;
    if (field != SourceProgram::kNoField && !fields_.is_used(field)) field = SourceProgram::kNoField;
    is_request_needed = is_request_needed || field != SourceProgram::kNoField;
  }
  if (is_request_needed) {
    fields_.use(request_fields.request);
  } else {
    request_fields.request = SourceProgram::kNoField;
  }
  for (FieldIndex* const field : {&parts_.source_field, &parts_.file_field, &parts_.format_field}) {
    if (!fields_.is_used(*field)) *field = SourceProgram::kNoField;
  }
  for (SourceProgram::Format& format : parts_.formats) select_fields(format);
  parts_.field_count = fields_.size();
  parts_.source_name = rule_.name.value;
  return std::make_unique<SourceProgram>(std::move(parts_));
}

}  // namespace tailmeter
