// What SourceCompiler makes of the metrics that read its source.
#include <algorithm>

#include <fmt/format.h>

#include "rules/program/source_compiler.h"
#include "rules/program/template.h"

namespace tailmeter {
namespace {

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
                       std::to_string(rule.max_length.value_or(0)) + kSeparator + signature(rule.allow) + kSeparator +
                       signature(rule.path) + kSeparator;
  for (const LabelRule::Mapping& mapping : rule.map)
    result += mapping.pattern.value + kSeparator + mapping.value.value + kSeparator;
  return result;
}

std::string signature(const UpdateSet::Parts& set) {
  std::string result;
  for (const FieldIndex list : set.lists) result += std::to_string(list) + kSeparator;
  return result + kSeparator;
}

bool learns(const LabelRule& rule) {
  return !rule.path.empty() && rule.path.back().value == kAutomaticPath;
}

}  // namespace

// What it asks for is never there: not to ask costs nothing.
bool SourceCompiler::is_off(const MetricRule& metric) {
  for (const ConditionRule& condition : metric.when) {
    if (!absent_fields_.contains(condition.field.value)) continue;
    notes_.push_back(
        fmt::format("{} is off: source \"{}\" has no ${}; name a database with geoip: FILE, or have nginx "
                    "write the field",
                    metric.name.value, rule_.name.value, condition.field.value));
    return true;
  }
  return false;
}

void SourceCompiler::add(const MetricRule& metric, const std::string& where, const Target& target) {
  if (is_off(metric)) return;
  switch (metric.kind) {
    case MetricKind::kDuration:
      // A line may end one job and begin the next of the same key.
      add_job_step(UpdateStep::kJobEnd, metric, where, target);
      add_job_step(UpdateStep::kJobBegin, metric, where, target);
      return;
    case MetricKind::kRatio:
      add_update(metric, where, target, {});
      add_update(metric, where + ": hit", target, metric.hit).step = UpdateStep::kHit;
      return;
    case MetricKind::kDistinct:
      set_key(add_update(metric, where, target, {}), metric.of, where + ": of");
      return;
    default:
      add_update(metric, where, target, {});
  }
}

void SourceCompiler::add_job_step(UpdateStep step, const MetricRule& metric, const std::string& where,
                                  const Target& target) {
  const bool is_end = step == UpdateStep::kJobEnd;
  MetricUpdate& update =
      add_update(metric, where + (is_end ? ": end" : ": start"), target, is_end ? metric.end : metric.start);
  update.step = step;
  update.jobs = target.jobs;
  set_key(update, metric.key, where + ": key");
}

void SourceCompiler::set_key(MetricUpdate& update, const Text& key, const std::string& where) {
  const auto compiled = compile_template(key, where);
  if (!compiled) return;
  for (const FieldIndex field : compiled->fields()) fields_.use(field);
  update.key = *compiled;
}

MetricUpdate& SourceCompiler::add_update(const MetricRule& metric, const std::string& where, const Target& target,
                                         const std::vector<ConditionRule>& more_conditions) {
  UpdateSet::Parts& set = update_set(metric, where);
  MetricUpdate update;
  update.kind = metric.kind;
  update.operation = metric.operation;
  update.family = &target.family;
  update.statistics = &target.statistics;
  update.first_check = set.checks.size();
  for (const ConditionRule& condition : metric.when) add_condition(condition, true, where + ": when", set, update);
  for (const ConditionRule& condition : more_conditions) add_condition(condition, true, where, set, update);
  for (const ConditionRule& condition : metric.unless) add_condition(condition, false, where + ": unless", set, update);
  if (metric.value) update.value = line_value(*metric.value, where + ": value");
  if (metric.exemplar) {
    if (auto exemplar = compile_label(*metric.exemplar, where + ": exemplar", target)) {
      parts_.exemplars.push_back(std::make_unique<LabelSteps>(std::move(*exemplar)));
      update.exemplar = parts_.exemplars.back().get();
    }
  }
  if (metric.kind == MetricKind::kTop) {
    update.group = set.top_labels.size();
    set.top_labels.emplace_back(target.family.description().label_names, compile_labels(metric, where, target));
  } else {
    update.group = label_group(metric, where, target, set);
    update.member = set.groups[update.group].add_member(target.family);
  }
  return set.updates.emplace_back(std::move(update));
}

// That of the metrics with the same lists.
UpdateSet::Parts& SourceCompiler::update_set(const MetricRule& metric, const std::string& where) {
  std::vector<FieldIndex> lists;
  for (const Text& text : metric.each) {
    const std::optional<Template> list = compile_template(text, where + ": each");
    if (!list) continue;
    if (!list->is_single_field()) {
      diagnostics_.error(text.place, where + ": each: names fields, such as $upstream_status");
      continue;
    }
    fields_.use(list->single_field());
    lists.push_back(list->single_field());
  }
  std::vector<UpdateSet::Parts>& sets = parts_.sets;
  const auto known = std::find_if(sets.begin(), sets.end(), [&](const auto& set) { return set.lists == lists; });
  return known != sets.end() ? *known : sets.emplace_back(UpdateSet::Parts{.lists = std::move(lists)});
}

void SourceCompiler::add_condition(const ConditionRule& rule, bool is_required, const std::string& where,
                                   UpdateSet::Parts& set, MetricUpdate& update) {
  const auto field = resolve(rule.field.value, rule.field.place, where);
  std::vector<Pattern> patterns = compile_whole_patterns(rule.patterns, where);
  if (!field || patterns.size() < rule.patterns.size()) return;
  fields_.use(*field);
  auto& all = set.conditions;
  auto conditions = std::find_if(all.begin(), all.end(), [&](const FieldConditions& c) { return c.field() == *field; });
  if (conditions == all.end()) {
    all.emplace_back(*field);
    conditions = all.end() - 1;
  }
  const std::string key = signature(set) + rule.field.value + kSeparator + signature(rule.patterns);
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
  const auto first_check = set.checks.begin() + static_cast<std::ptrdiff_t>(update.first_check);
  auto check =
      std::find_if(first_check, set.checks.end(), [&](const UpdateSet::Check& c) { return c.conditions == position; });
  if (check == set.checks.end()) {
    check = set.checks.insert(check, {position, 0, 0});
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

std::size_t SourceCompiler::label_group(const MetricRule& metric, const std::string& where, const Target& target,
                                        UpdateSet::Parts& set) {
  std::string key = signature(set);
  for (const std::size_t label : target.label_order) {
    const LabelRule& rule = metric.labels[label];
    key += signature(rule) + kSeparator;
    // Each family learns by itself, for its learners are kept with its values.
    if (learns(rule)) key += metric.name.value + kSeparator + rule.name.value + kSeparator;
  }
  if (const auto known = groups_.find(key); known != groups_.end()) return known->second;
  set.groups.emplace_back(compile_labels(metric, where, target));
  return groups_[key] = set.groups.size() - 1;
}

std::vector<LabelSteps> SourceCompiler::compile_labels(const MetricRule& metric, const std::string& where,
                                                       const Target& target) {
  std::vector<LabelSteps> labels;
  for (const std::size_t label : target.label_order) {
    const LabelRule& rule = metric.labels[label];
    auto steps = compile_label(rule, fmt::format("{}: label \"{}\"", where, rule.name.value), target);
    if (steps) labels.push_back(std::move(*steps));
  }
  return labels;
}

void SourceCompiler::compile_path(const LabelRule& rule, const std::string& where, const Target& target,
                                  LabelSteps& steps) {
  for (const Text& path : rule.path) {
    if (path.value == kAutomaticPath) {
      std::unique_ptr<PathLearner>& learner = target.learners[rule.name.value];
      if (!learner) learner = std::make_unique<PathLearner>();
      steps.learner = learner.get();
      parts_.learners.push_back(learner.get());
      continue;
    }
    try {
      steps.paths.emplace_back(path.value);
    } catch (const PathTemplateError& error) {
      diagnostics_.error(diagnostics_.inside(path, error.offset()), fmt::format("{}: path: {}", where, error.what()));
    }
  }
}

std::optional<LabelSteps> SourceCompiler::compile_label(const LabelRule& rule, const std::string& where,
                                                        const Target& target) {
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
  compile_path(rule, where, target, steps);
  for (const LabelRule::Mapping& mapping : rule.map) {
    if (auto pattern = compile_pattern(mapping.pattern, where + ": map", PatternUse::kWhole))
      steps.map.emplace_back(std::move(*pattern), mapping.value.value);
  }
  steps.allow = compile_whole_patterns(rule.allow, where + ": allow");
  if (rule.fallback) steps.fallback = rule.fallback->value;
  if (rule.max_length) steps.max_bytes = *rule.max_length;
  return from ? std::optional(std::move(steps)) : std::nullopt;
}

}  // namespace tailmeter
