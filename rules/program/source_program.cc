#include "rules/program/source_program.h"

#include <algorithm>

#include "parsers/request.h"

namespace tailmeter {

bool SourceProgram::count(std::string_view line, std::string_view path) {
  if (!parse(line)) return false;
  ++line_;
  if (parts_.file_field != kNoField) fields_.set(parts_.file_field, path);
  if (parts_.source_field != kNoField) fields_.set(parts_.source_field, parts_.source_name);
  if (parts_.request_fields.request != kNoField) derive_request();
  for (Extraction& extraction : parts_.extractions) extraction.run(fields_);
  for (FieldConditions& conditions : parts_.conditions) conditions.examine(fields_);
  for (const Update& update : parts_.updates) {
    if (holds(update)) apply(update);
  }
  return true;
}

bool SourceProgram::parse(std::string_view line) {
  for (Format& format : parts_.formats) {
    format.values.start_line(line.size());
    if (!format.parser->parse(line, format.values)) continue;
    fields_.start_line(0);
    for (const Format::Field field : format.fields) fields_.set(field.to, format.values[field.from]);
    if (parts_.format_field != kNoField) fields_.set(parts_.format_field, format.name);
    return true;
  }
  return false;
}

Mismatch SourceProgram::diagnose(std::string_view line) const {
  Mismatch furthest;
  for (const Format& format : parts_.formats) {
    Mismatch mismatch = format.parser->diagnose(line);
    if (furthest.reason.empty() || mismatch.offset > furthest.offset) furthest = std::move(mismatch);
  }
  return furthest;
}

void SourceProgram::derive_request() {
  RequestLine request;
  const RequestFields& to = parts_.request_fields;
  if (!split_request(fields_[to.request], request)) return;
  const auto set = [&](FieldIndex field, std::string_view value) {
    if (field != kNoField) fields_.set(field, value);
  };
  set(to.method, request.method);
  set(to.target, request.target);
  set(to.path, request.path);
  set(to.args, request.args);
  set(to.protocol, request.protocol);
}

bool SourceProgram::holds(const Update& update) const {
  return std::all_of(update.checks.begin(), update.checks.end(), [&](const Check& check) {
    const std::uint64_t holding = parts_.conditions[check.conditions].holding();
    return (holding & check.required) == check.required && (holding & check.forbidden) == 0;
  });
}

void SourceProgram::apply(const Update& update) {
  if (!update.value) return apply(update, {NumberOutcome::kNumber, Decimal::from_integer(1)});
  parts_.values[*update.value].for_each(fields_, line_, [&](const Number& number) { apply(update, number); });
}

void SourceProgram::apply(const Update& update, const Number& number) {
  MetricStatistics& statistics = *update.statistics;
  if (number.outcome == NumberOutcome::kNoValue) {
    ++statistics.skipped_no_value;
    return;
  }
  if (number.outcome == NumberOutcome::kNotANumber) {
    ++statistics.skipped_not_a_number;
    return;
  }
  if (number.value.is_negative() && update.kind != MetricKind::kGauge) {
    ++statistics.skipped_negative;
    return;
  }
  Family& family = *update.family;
  const Row row = parts_.groups[update.group].row(update.member, fields_, line_);
  ++statistics.updates;
  if (family.is_overflow(row)) ++statistics.overflowed;
  if (update.kind == MetricKind::kHistogram) {
    family.observe(row, number.value);
  } else if (update.kind == MetricKind::kCounter) {
    family.add(row, number.value);
  } else {
    switch (update.operation) {
      case GaugeOperation::kSet:
        return family.set(row, number.value);
      case GaugeOperation::kAdd:
        return family.add(row, number.value);
      case GaugeOperation::kMax:
        return family.raise(row, number.value);
      case GaugeOperation::kMin:
        return family.lower(row, number.value);
    }
  }
}

}  // namespace tailmeter
