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

// A text that is equal for equal rules. The separator cannot be typed into a rule file: YAML refuses it.
constexpr char kSeparator = '\x01';

std::string signature(const std::vector<Text>& texts) {
  std::string result;
  for (const Text& text : texts) result += text.value + kSeparator;
  return result;
}

std::string signature(const LabelRule& rule) {
  const auto optional = [](const std::optional<Text>& text) { return text ? "=" + text->value : std::string(); };
  std::string result = rule.from.value + kSeparator + optional(rule.fallback) + kSeparator + optional(rule.regex) +
                       kSeparator + optional(rule.replace) + kSeparator + (rule.lower ? "l" : "") + kSeparator +
                       std::to_string(rule.max_length.value_or(0)) + kSeparator + signature(rule.allow) + kSeparator;
  for (const LabelRule::Mapping& mapping : rule.map)
    result += mapping.pattern.value + kSeparator + mapping.value.value + kSeparator;
  return result;
}

}  // namespace

SourceCompiler::SourceCompiler(const SourceRule& rule, std::string where, Diagnostics& diagnostics)
    : rule_(rule), where_(std::move(where)), diagnostics_(diagnostics) {
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
  auto pattern = compile_pattern(extract.regex, where, PatternUse::kSearch);
  if (!from || !pattern) return;
  if (!from->is_single_field()) {
    diagnostics_.error(extract.from.place, where + ": \"from\" is one field, such as $request_uri");
    return;
  }
  PlannedExtraction planned{from->single_field(), std::move(*pattern), {}};
  const std::vector<std::string>& groups = planned.pattern.group_names();
  for (std::size_t group = 0; group < groups.size(); ++group) {
    if (groups[group].empty()) continue;
    ask_for(groups[group]);  // what a line has under this name comes first
    planned.targets.push_back({group, fields_.add(groups[group])});
  }
  if (planned.targets.empty()) {
    diagnostics_.error(extract.regex.place,
                       where + ": the regex names no field: write (?P<name>...) around what you want");
    return;
  }
  extractions_.push_back(std::move(planned));
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

void SourceCompiler::add(const MetricRule& metric, const std::string& where, const Target& target) {
  if (metric.kind != MetricKind::kDuration) {
    add_update(metric, where, target, {});
    return;
  }
  // A line may end one job and begin the next of the same key.
  add_job_step(JobStep::kEnd, metric, where, target);
  add_job_step(JobStep::kBegin, metric, where, target);
}

void SourceCompiler::add_job_step(JobStep step, const MetricRule& metric, const std::string& where,
                                  const Target& target) {
  const bool is_end = step == JobStep::kEnd;
  MetricUpdate& update =
      add_update(metric, where + (is_end ? ": end" : ": start"), target, is_end ? metric.end : metric.start);
  update.job_step = step;
  update.jobs = target.jobs;
  const auto key = compile_template(metric.key, where + ": key");
  if (!key) return;
  for (const FieldIndex field : key->fields()) fields_.use(field);
  update.job_key = *key;
}

MetricUpdate& SourceCompiler::add_update(const MetricRule& metric, const std::string& where, const Target& target,
                                         const std::vector<ConditionRule>& more_conditions) {
  MetricUpdate update;
  update.kind = metric.kind;
  update.operation = metric.operation;
  update.family = &target.family;
  update.statistics = &target.statistics;
  update.first_check = parts_.checks.size();
  for (const ConditionRule& condition : metric.when) add_condition(condition, true, where + ": when", update);
  for (const ConditionRule& condition : more_conditions) add_condition(condition, true, where, update);
  for (const ConditionRule& condition : metric.unless) add_condition(condition, false, where + ": unless", update);
  if (metric.value) update.value = line_value(*metric.value, where + ": value");
  update.group = label_group(metric, where, target.label_order);
  update.member = parts_.groups[update.group].add_member(target.family);
  return parts_.updates.emplace_back(std::move(update));
}

void SourceCompiler::add_condition(const ConditionRule& rule, bool is_required, const std::string& where,
                                   MetricUpdate& update) {
  const auto field = resolve(rule.field.value, rule.field.place, where);
  std::vector<Pattern> patterns = compile_whole_patterns(rule.patterns, where);
  if (!field || patterns.size() < rule.patterns.size()) return;
  fields_.use(*field);
  auto& all = parts_.conditions;
  auto conditions = std::find_if(all.begin(), all.end(), [&](const FieldConditions& c) { return c.field() == *field; });
  if (conditions == all.end()) {
    all.emplace_back(*field);
    conditions = all.end() - 1;
  }
  const std::string key = rule.field.value + kSeparator + signature(rule.patterns);
  auto known = conditions_.find(key);
  if (known == conditions_.end()) {
    if (conditions->size() == FieldConditions::kMaxConditions) {
      diagnostics_.error(rule.field.place,
                         fmt::format("{}: the rules ask more than {} different things about \"{}\"; \"map\" in a "
                                     "label says the same with one metric",
                                     where, FieldConditions::kMaxConditions, rule.field.value));
      return;
    }
    known = conditions_.emplace(key, conditions->add(std::move(patterns))).first;
  }
  const auto position = static_cast<std::size_t>(conditions - all.begin());
  const auto first_check = parts_.checks.begin() + static_cast<std::ptrdiff_t>(update.first_check);
  auto check = std::find_if(first_check, parts_.checks.end(),
                            [&](const SourceProgram::Check& c) { return c.conditions == position; });
  if (check == parts_.checks.end()) {
    check = parts_.checks.insert(check, {position, 0, 0});
    ++update.check_count;
  }
  (is_required ? check->required : check->forbidden) |= known->second;
}

LineValue* SourceCompiler::line_value(const ValueRule& rule, const std::string& where) {
  const std::string key = fmt::format("{}{}{}{}{}", rule.from.value, kSeparator, static_cast<int>(rule.list),
                                      kSeparator, static_cast<int>(rule.unit));
  if (const auto known = values_.find(key); known != values_.end()) return known->second;
  const std::optional<Template> from = compile_template(rule.from, where);
  if (from) {
    for (const FieldIndex field : from->fields()) fields_.use(field);
  }
  parts_.values.push_back(std::make_unique<LineValue>(from.value_or(Template{}), rule.list, rule.unit));
  return values_[key] = parts_.values.back().get();
}

std::size_t SourceCompiler::label_group(const MetricRule& metric, const std::string& where,
                                        const std::vector<std::size_t>& label_order) {
  std::string key;
  for (const std::size_t label : label_order) key += signature(metric.labels[label]) + kSeparator;
  if (const auto known = groups_.find(key); known != groups_.end()) return known->second;
  std::vector<LabelSteps> labels;
  for (const std::size_t label : label_order) {
    const LabelRule& rule = metric.labels[label];
    auto steps = compile_label(rule, fmt::format("{}: label \"{}\"", where, rule.name.value));
    if (steps) labels.push_back(std::move(*steps));
  }
  parts_.groups.emplace_back(std::move(labels));
  return groups_[key] = parts_.groups.size() - 1;
}

std::optional<LabelSteps> SourceCompiler::compile_label(const LabelRule& rule, const std::string& where) {
  LabelSteps steps;
  const auto from = compile_template(rule.from, where);
  if (from) {
    steps.from = *from;
    for (const FieldIndex field : from->fields()) fields_.use(field);
  }
  if (rule.regex) {
    steps.regex = compile_pattern(*rule.regex, where + ": regex", PatternUse::kWhole);
    steps.replace = rule.replace->value;
    if (steps.regex) {
      try {
        steps.regex->check_replacement(steps.replace);
      } catch (const PatternError& error) {
        diagnostics_.error(rule.replace->place, fmt::format("{}: replace: {}", where, error.what()));
      }
    }
  }
  steps.lower = rule.lower;
  for (const LabelRule::Mapping& mapping : rule.map) {
    if (auto pattern = compile_pattern(mapping.pattern, where + ": map", PatternUse::kWhole))
      steps.map.emplace_back(std::move(*pattern), mapping.value.value);
  }
  steps.allow = compile_whole_patterns(rule.allow, where + ": allow");
  if (rule.fallback) steps.fallback = rule.fallback->value;
  if (rule.max_length) steps.max_bytes = *rule.max_length;
  return from ? std::optional(std::move(steps)) : std::nullopt;
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
