#include "rules/program/source_program.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "parsers/list.h"
#include "parsers/request.h"
#include "rules/series/wall_clock.h"

namespace tailmeter {
namespace {

SkipReason reason_of(NumberOutcome outcome) {
  switch (outcome) {
    case NumberOutcome::kNoValue:
      return SkipReason::kNoValue;
    case NumberOutcome::kNotANumber:
      return SkipReason::kNotANumber;
    case NumberOutcome::kNumber:
      break;
  }
  return SkipReason::kNegative;
}

std::uint64_t& updates_skipped(MetricStatistics& statistics, SkipReason reason) {
  switch (reason) {
    case SkipReason::kNoValue:
      return statistics.skipped_no_value;
    case SkipReason::kNotANumber:
      return statistics.skipped_not_a_number;
    case SkipReason::kNegative:
      return statistics.skipped_negative;
    case SkipReason::kUnpaired:
      break;
  }
  return statistics.skipped_unpaired;
}

void change_gauge(Family& family, Row row, GaugeOperation operation, Decimal amount) {
  switch (operation) {
    case GaugeOperation::kSet:
      return family.set(row, amount);
    case GaugeOperation::kAdd:
      return family.add_to_gauge(row, amount);
    case GaugeOperation::kMax:
      return family.raise(row, amount);
    case GaugeOperation::kMin:
      return family.lower(row, amount);
  }
}

}  // namespace

SourceProgram::SourceProgram(Parts parts) : parts_(std::move(parts)), fields_(parts_.field_count) {
  sets_.reserve(parts_.sets.size());
  for (UpdateSet::Parts& set : parts_.sets) sets_.emplace_back(std::move(set));
  parts_.sets.clear();
}

void SourceProgram::find_row(PlannedUpdate& planned) {
  const Row row = set_->row(*planned.update, fields_, reading_);
  heed_cuts();
  planned.row = row;
}

// When a learner's node is cut, by a line of whatever source, field values that were looked up before have other
// labels.
inline void SourceProgram::heed_cuts() {
  std::uint64_t cuts = 0;
  for (const PathLearner* const learner : parts_.learners) cuts += learner->cuts();
  if (cuts == cuts_) return;
  cuts_ = cuts;
  forget_rows();
}

// A topk's labels are no value of a series: each line may bring new ones.
void SourceProgram::change_top(const MetricUpdate& update, Decimal amount) {
  const std::string& labels = set_->top_labels(update, fields_);
  heed_cuts();
  if (labels.empty()) return skip(update, SkipReason::kNoValue);
  ++update.statistics->updates;
  update.statistics->updated_by = this;
  update.statistics->updated_in_line = line_;
  update.family->count_top(labels, amount);
}

void SourceProgram::note_exemplar(const MetricUpdate& update, Row row, Decimal value) {
  if (!update.family->wants_exemplar(row, value)) return;
  const std::string label = update.exemplar->make(fields_);
  if (!label.empty() && label.size() <= kMaxExemplarBytes) update.family->set_exemplar(row, value, label);
}

inline void SourceProgram::change_series(PlannedUpdate& planned, Decimal amount) {
  const MetricUpdate& update = *planned.update;
  if (update.kind == MetricKind::kTop) [[unlikely]]
    return change_top(update, amount);
  if (planned.row == kNoRow) [[unlikely]]
    find_row(planned);
  Family& family = *update.family;
  const Row row = planned.row;
  if (update.step == UpdateStep::kHit) return family.count_hit(row, amount);
  ++update.statistics->updates;
  update.statistics->updated_by = this;
  update.statistics->updated_in_line = line_;
  if (family.is_overflow(row)) [[unlikely]]
    ++update.statistics->overflowed;
  switch (update.kind) {
    case MetricKind::kCounter:
      return family.add(row, amount);
    case MetricKind::kHistogram:
    case MetricKind::kDuration:
      family.observe(row, amount);
      if (update.exemplar != nullptr) [[unlikely]]
        note_exemplar(update, row, amount);
      return;
    case MetricKind::kGauge:
      return change_gauge(family, row, update.operation, amount);
    case MetricKind::kSummary:
      return family.observe_in_window(row, amount);
    case MetricKind::kRatio:
      return family.count_in_ratio(row, amount);
    case MetricKind::kDistinct:
      return family.count_distinct(row, text_);
    case MetricKind::kTop:
      return;
  }
}

inline void SourceProgram::apply_number(PlannedUpdate& planned, const Number& number) {
  const MetricUpdate& update = *planned.update;
  const bool is_usable =
      number.outcome == NumberOutcome::kNumber && (!number.value.is_negative() || update.kind == MetricKind::kGauge);
  if (!is_usable) [[unlikely]]
    return skip(update, reason_of(number.outcome));
  change_series(planned, number.value);
}

void SourceProgram::apply_each(PlannedUpdate& planned) {
  planned.update->value->for_each_number(fields_, [&](const Number& number) { apply_number(planned, number); });
}

// The time of arrival is all that is known of a line without a time of its own.
void SourceProgram::apply_to_job(PlannedUpdate& planned) {
  const MetricUpdate& update = *planned.update;
  const Number at = update.value != nullptr
                        ? update.value->number(fields_, reading_)
                        : Number{NumberOutcome::kNumber, Decimal::from_nanos(Int128{milliseconds_now()} * 1'000'000)};
  if (at.outcome != NumberOutcome::kNumber) return skip(update, reason_of(at.outcome));
  if (!update.key.render(fields_, text_)) return skip(update, SkipReason::kNoValue);
  const bool is_key = text_.size() <= OpenJobs::kMaxKeyBytes;
  if (update.step == UpdateStep::kJobBegin) {
    if (!is_key || !update.jobs->begin(text_, at.value)) skip(update, SkipReason::kUnpaired);
    return;
  }
  const std::optional<Decimal> begin = is_key ? update.jobs->end(text_) : std::nullopt;
  if (!begin) return skip(update, SkipReason::kUnpaired);
  apply_number(planned, {NumberOutcome::kNumber, Decimal::from_nanos(at.value.nanos() - begin->nanos())});
}

void SourceProgram::apply_to_distinct(PlannedUpdate& planned) {
  const MetricUpdate& update = *planned.update;
  if (!update.key.render(fields_, text_)) return skip(update, SkipReason::kNoValue);
  change_series(planned, Decimal{});
}

inline void SourceProgram::apply(PlannedUpdate& planned) {
  if (planned.update->jobs != nullptr) [[unlikely]]
    return apply_to_job(planned);
  if (planned.update->kind == MetricKind::kDistinct) return apply_to_distinct(planned);
  LineValue* const value = planned.update->value;
  if (value == nullptr) return change_series(planned, Decimal::from_integer(1));
  if (value->has_several()) [[unlikely]]
    return apply_each(planned);
  apply_number(planned, value->number(fields_, reading_));
}

bool SourceProgram::count(std::string_view line, std::string_view path) {
  if (!parse(line)) return false;
  ++line_;
  heed_cuts();
  derive(parts_.file_field, path);
  derive(parts_.source_field, parts_.source_name);
  if (parts_.request_fields.request != kNoField) derive_request();
  for (Extraction& extraction : parts_.extractions) extraction.run(fields_);
  for (CountryOfField& country : parts_.countries) country.run(fields_);
  for (UpdateSet& set : sets_) {
    if (set.lists().empty()) [[likely]] {
      run(set);
    } else {
      run_each(set);
    }
  }
  if (!skips_.empty()) count_skipped_lines();
  return true;
}

inline void SourceProgram::run(UpdateSet& set) {
  ++reading_;
  set_ = &set;
  LinePlan& plan = set.plan(fields_);
  if (reading_ % kTimedEach == 0) [[unlikely]]
    return run_timed(plan);
  for (PlannedUpdate& planned : plan) apply(planned);
}

void SourceProgram::run_timed(LinePlan& plan) {
  using Clock = std::chrono::steady_clock;
  const auto nanoseconds_since = [](Clock::time_point before) {
    const auto passed = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - before).count();
    return static_cast<std::uint64_t>(passed);
  };
  const std::uint64_t look = nanoseconds_since(Clock::now());  // at the clock
  for (PlannedUpdate& planned : plan) {
    const Clock::time_point before = Clock::now();
    apply(planned);
    const std::uint64_t passed = nanoseconds_since(before);
    planned.update->statistics->nanoseconds += kTimedEach * (passed - std::min(passed, look));
  }
}

// A list that is shorter than the others has no value at the later positions.
void SourceProgram::run_each(UpdateSet& set) {
  std::size_t positions = 0;
  lists_.resize(std::max(lists_.size(), set.lists().size()));
  auto list = lists_.begin();
  for (const FieldIndex field : set.lists()) {
    list->whole = fields_[field];
    list->elements.clear();
    if (has_value(list->whole))
      for_each_element(list->whole, [&](std::string_view element) { list->elements.push_back(element); });
    positions = std::max(positions, list->elements.size());
    ++list;
  }
  for (std::size_t position = 0; position < positions; ++position) {
    list = lists_.begin();
    for (const FieldIndex field : set.lists()) {
      fields_.set(field, position < list->elements.size() ? list->elements[position] : std::string_view());
      ++list;
    }
    run(set);
  }
  list = lists_.begin();
  for (const FieldIndex field : set.lists()) fields_.set(field, (list++)->whole);
  if (positions > 0) return;
  for (const MetricUpdate& update : set.updates()) skip(update, SkipReason::kNoValue);
}

void SourceProgram::skip(const MetricUpdate& update, SkipReason reason) {
  if (update.step == UpdateStep::kHit) return;  // counted with all
  ++updates_skipped(*update.statistics, reason);
  skips_.push_back({update.statistics, reason});
}

// Entries that read different fields into one metric are alternatives: one of them that counts is enough.
void SourceProgram::count_skipped_lines() {
  for (auto skip = skips_.begin(); skip != skips_.end(); ++skip) {
    MetricStatistics& statistics = *skip->statistics;
    if (statistics.updated_by == this && statistics.updated_in_line == line_) continue;
    const auto is_same = [&](const Skip& other) { return other.statistics == skip->statistics; };
    if (std::find_if(skips_.begin(), skip, is_same) != skip) continue;
    SkipReason reason = skip->reason;
    for (auto other = skip; other != skips_.end(); ++other)
      if (is_same(*other)) reason = std::max(reason, other->reason);
    ++statistics.skipped_lines[static_cast<std::size_t>(reason)];
  }
  skips_.clear();
}

bool SourceProgram::parse(std::string_view line) {
  for (Format& format : parts_.formats) {
    FieldValues& values = format.has_own_numbers ? format.values : fields_;
    values.start_line(line.size());
    if (!format.parser->parse(line, values)) continue;
    ++format.taken_lines;
    if (format.has_own_numbers) {
      fields_.start_line(0);
      for (const Format::Field field : format.fields) fields_.set(field.to, values[field.from]);
    }
    derive(parts_.format_field, format.name);
    return true;
  }
  return false;
}

Mismatch SourceProgram::diagnose(std::string_view line) const {
  const Format* nearest = nullptr;
  Mismatch furthest;
  for (const Format& format : parts_.formats) {
    Mismatch mismatch = format.parser->diagnose(line);
    const auto nearness = [](const Format& one, const Mismatch& its) {
      return std::tuple(one.taken_lines > 0, its.offset, one.taken_lines);
    };
    if (nearest != nullptr && nearness(format, mismatch) <= nearness(*nearest, furthest)) continue;
    nearest = &format;
    furthest = std::move(mismatch);
  }
  return furthest;
}

// A field of the line's own wins over a derived one.
inline void SourceProgram::derive(FieldIndex field, std::string_view value) {
  if (field != kNoField && !has_value(fields_[field])) fields_.set(field, value);
}

void SourceProgram::derive_request() {
  RequestLine request;
  const RequestFields& to = parts_.request_fields;
  if (!split_request(fields_[to.request], request)) return;
  derive(to.method, request.method);
  derive(to.target, request.target);
  derive(to.path, request.path);
  derive(to.args, request.args);
  derive(to.protocol, request.protocol);
}

void SourceProgram::forget_rows() {
  for (UpdateSet& set : sets_) {
    set.forget_rows();
    if (!parts_.learners.empty()) set.forget_top_labels();
  }
}

}  // namespace tailmeter
