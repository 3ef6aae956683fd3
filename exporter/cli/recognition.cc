#include "exporter/cli/recognition.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "exporter/pipeline.h"
#include "rules/file/diagnostics.h"
#include "rules/presets/presets.h"
#include "rules/program/compile.h"
#include "rules/series/label_text.h"
#include "rules/series/sample_list.h"

namespace tailmeter {
namespace {

// Nothing that any program writes: a format that takes one of them takes whatever is written in such a way.
constexpr const char* kAnyWords = "\x01 neither this nor that \x02";
constexpr const char* kAnyLines[] = {R"({"neither":"this"})", "neither=this", "neither:this"};

struct Candidate {
  std::string preset;
  std::string source;
  std::size_t index = 0;  // of the source in the preset
  std::shared_ptr<RuleSet> rules;
  std::vector<std::size_t> unasking;  // metrics that count each line of the source, with labels; by index
  bool takes_any_words = false;
  std::vector<bool> is_open{};  // for each format of the source
};

// By format: how many lines it took.
std::vector<std::uint64_t> taken_lines(const Candidate& candidate) {
  std::vector<std::uint64_t> taken;
  for (const auto& format : candidate.rules->program(candidate.index).formats()) taken.push_back(format.taken_lines);
  return taken;
}

bool is_unasking(const MetricRule& metric, const std::string& source) {
  const auto is_source = [&](const Text& name) { return name.value == source; };
  return metric.kind == MetricKind::kCounter && !metric.value && metric.when.empty() && metric.unless.empty() &&
         !metric.labels.empty() &&
         (metric.sources.empty() || std::any_of(metric.sources.begin(), metric.sources.end(), is_source));
}

std::vector<std::size_t> unasking_metrics(const RuleFile& file, const RuleSet& rules, const std::string& source) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < rules.metrics().size(); ++i) {
    const std::string& name = rules.metrics()[i].family->description().name;
    if (std::any_of(file.metrics.begin(), file.metrics.end(),
                    [&](const MetricRule& metric) { return metric.name.value == name && is_unasking(metric, source); }))
      found.push_back(i);
  }
  return found;
}

void take(const Candidate& candidate, const char* line) {
  Pipeline pipeline(*candidate.rules);
  pipeline.take({static_cast<SourceIndex>(candidate.index), "", std::string(line) + '\n'});
}

bool has_taken(std::uint64_t lines) {
  return lines > 0;
}

// A line goes to the first format that takes it, so one behind another open one for the same lines is not found to be
// open: it gets none of them from a log either.
void find_open_formats(Candidate& candidate) {
  take(candidate, kAnyWords);
  std::vector<std::uint64_t> taken = taken_lines(candidate);
  candidate.takes_any_words = std::any_of(taken.begin(), taken.end(), has_taken);
  for (const char* line : kAnyLines) take(candidate, line);
  for (const std::uint64_t lines : taken_lines(candidate)) candidate.is_open.push_back(has_taken(lines));
}

void add_candidates(const Preset& preset, std::vector<Candidate>& all) {
  const std::string name(preset.name);
  const std::string text(preset.text);
  Diagnostics diagnostics(name, text);
  const RuleFile file = load_rule_file(text, diagnostics);
  const std::shared_ptr<RuleSet> rules = read_rules(name, text);
  for (std::size_t i = 0; i < rules->sources().size(); ++i) {
    const std::string& source = rules->sources()[i].rule.name.value;
    Candidate candidate{name, source, i, rules, unasking_metrics(file, *rules, source)};
    find_open_formats(candidate);
    all.push_back(std::move(candidate));
  }
}

const std::vector<Candidate>& candidates() {
  static const std::vector<Candidate> all = [] {
    std::vector<Candidate> made;
    const auto is_default = [](const Preset& preset) { return preset.name == kDefaultPreset; };
    for (const Preset& preset : presets())
      if (is_default(preset)) add_candidates(preset, made);
    for (const Preset& preset : presets())
      if (!is_default(preset)) add_candidates(preset, made);
    return made;
  }();
  return all;
}

// What the rules have done so far.
struct Tally {
  struct Metric {
    std::uint64_t updates = 0;
    std::uint64_t skipped = 0;
    std::uint64_t hollow = 0;  // updates of a metric that asks nothing, which lack a label
  };
  std::vector<Metric> metrics;
  std::vector<std::uint64_t> taken_lines;
};

// Updates that lack the value of some label, or have none of those that the rules know.
std::uint64_t hollow_updates(Family& family) {
  const std::size_t label_count = family.description().label_names.size();
  Decimal hollow;
  for (const Sample& sample : samples_of({family.snapshot()})) {
    const bool is_whole = sample.labels.size() == label_count &&
                          std::none_of(sample.labels.begin(), sample.labels.end(),
                                       [](const auto& label) { return label.second == kOverflowLabel; });
    if (!is_whole) hollow = hollow + sample.value;
  }
  return static_cast<std::uint64_t>(hollow.nanos() / 1'000'000'000);
}

Tally tally_of(const Candidate& candidate) {
  Tally tally;
  tally.taken_lines = taken_lines(candidate);
  for (const RuleSet::Metric& metric : candidate.rules->metrics())
    tally.metrics.push_back({metric.statistics->updates, metric.statistics->skipped_no_value});
  for (const std::size_t i : candidate.unasking)
    tally.metrics[i].hollow = hollow_updates(*candidate.rules->metrics()[i].family);
  return tally;
}

// A source may have formats of both kinds, as for text and for JSON: what matters is which of them took the lines.
bool is_mostly_open(const Candidate& candidate, const Tally& before, const Tally& after) {
  std::uint64_t open = 0;
  std::uint64_t own = 0;
  for (std::size_t i = 0; i < after.taken_lines.size(); ++i)
    (candidate.is_open[i] ? open : own) += after.taken_lines[i] - before.taken_lines[i];
  return open >= own && std::find(candidate.is_open.begin(), candidate.is_open.end(), true) != candidate.is_open.end();
}

// The rules are kept, with what they counted of other lines: what counts is what has come since `before`.
void judge(const Candidate& candidate, const Tally& before, Recognition& result) {
  const Tally after = tally_of(candidate);
  result.is_open = is_mostly_open(candidate, before, after);
  std::size_t counting = 0;
  for (std::size_t i = 0; i < after.metrics.size(); ++i) {
    const Tally::Metric& now = after.metrics[i];
    const Tally::Metric& then = before.metrics[i];
    counting += now.updates > then.updates ? 1 : 0;
    result.updates += (now.updates - then.updates) - (now.hollow - then.hollow);
    result.skipped += (now.skipped - then.skipped) + (now.hollow - then.hollow);
  }
  if (!result.is_open || candidate.unasking.empty()) {
    const bool tells = counting >= (result.is_open ? 2 : 1);
    result.telling = tells ? result.matched : 0;
    return;
  }
  for (const std::size_t i : candidate.unasking) {
    const Tally::Metric& now = after.metrics[i];
    const Tally::Metric& then = before.metrics[i];
    const std::uint64_t whole = (now.updates - then.updates) - (now.hollow - then.hollow);
    result.telling = std::max(result.telling, static_cast<std::size_t>(whole));
  }
}

// True of what stands below a line of several, such as a stack trace of PHP, Java or Go: it is no line of another kind.
bool is_continuation(std::string_view line) {
  const auto is_digit = [&](std::size_t i) { return line.size() > i && line[i] >= '0' && line[i] <= '9'; };
  return line.starts_with(' ') || line.starts_with('\t') || line.starts_with("Stack trace:") ||
         line.starts_with("PHP message:") || (line.starts_with('#') && is_digit(1));
}

Recognition try_candidate(const Candidate& candidate, std::span<const std::string> lines) {
  Recognition result;
  result.preset = candidate.preset;
  result.source = candidate.source;
  result.is_only_source = candidate.rules->sources().size() == 1;
  result.metrics = candidate.rules->metrics().size();
  result.lines = lines.size();
  bool is_first = true;
  std::size_t continuations = 0;
  Pipeline pipeline(*candidate.rules, [&](const Mismatch& mismatch, std::string_view line) {
    if (is_continuation(line)) {
      ++continuations;
      return;
    }
    if (!std::exchange(is_first, false)) return;
    result.nearest_reason = mismatch.reason;
    result.nearest_offset = mismatch.offset;
    result.nearest_line = line;
  });
  std::string batch;
  for (const std::string& line : lines) batch += line + '\n';
  const Tally before = tally_of(candidate);
  pipeline.take({static_cast<SourceIndex>(candidate.index), "", batch});
  result.matched = pipeline.counts(static_cast<SourceIndex>(candidate.index)).matched.lines;
  if (result.matched > 0) result.lines -= continuations;
  judge(candidate, before, result);
  return result;
}

// Of two that are not sure: whose first line goes on for long before it diverges is nearer than what takes anything.
bool is_nearer(const Recognition& left, const Recognition& right) {
  const auto nearness = [](const Recognition& found) {
    const bool goes_far = !found.is_open && found.nearest_offset * 3 > found.nearest_line.size() * 2;
    return std::tuple(found.telling, goes_far, found.has_format(), found.is_open ? 0 : found.matched,
                      found.nearest_offset);
  };
  return nearness(left) > nearness(right);
}

// Of two that are sure, as all presets for JSON are of an access log, it is the one whose rules find more, or, as of
// the words that skopeo prints and scripts around it pass on, would find more.
bool is_better(const Recognition& left, const Recognition& right) {
  if (left.is_sure() != right.is_sure()) return left.is_sure();
  if (!left.is_sure()) return is_nearer(left, right);
  if (left.telling != right.telling) return left.telling > right.telling;
  if (right.preset == kDefaultPreset) return false;
  if (left.updates != right.updates) return left.updates > right.updates;
  return left.skipped != right.skipped ? left.skipped < right.skipped : left.metrics > right.metrics;
}

// What tells lines of its own apart goes before what takes lines of any kind, unless that finds as much in them: the
// daemon of rsync and its clients write errors alike, but only the daemon's rules find its sessions and connections.
Recognition better_kind(Recognition own, Recognition open) {
  if (own.preset.empty() || open.preset.empty()) return own.preset.empty() ? open : own;
  const bool are_sure = own.is_sure() && open.is_sure();
  const bool is_open_better = are_sure ? open.updates >= own.updates : is_better(open, own);
  return is_open_better ? open : own;
}

Recognition recognize_bare(std::span<const std::string> lines) {
  Recognition own;  // the best of each kind
  Recognition open;
  for (const Candidate& candidate : candidates()) {
    Recognition found = try_candidate(candidate, lines);
    if (candidate.takes_any_words && !found.is_sure()) continue;  // it is near to everything
    Recognition& best = found.is_open ? open : own;
    if (best.preset.empty() || is_better(found, best)) best = std::move(found);
    if (best.telling == lines.size() && best.preset == kDefaultPreset) return best;
  }
  return better_kind(std::move(own), std::move(open));
}

// The lines without what carried them; nothing if that is not what carries them.
std::optional<std::vector<std::string>> unwrapped(std::span<const std::string> lines,
                                                  const std::vector<Carrier>& carriers) {
  Unwrapper unwrapper(carriers);
  std::vector<std::string> inner;
  std::size_t refused = 0;
  for (const std::string& line : lines) {
    const auto carried = unwrapper.unwrap(line, line.size());
    if (!carried) continue;  // a part
    refused += carried->refusal != nullptr ? 1 : 0;
    inner.emplace_back(carried->text);
  }
  if (inner.empty() || refused * 10 > lines.size()) return std::nullopt;
  return inner;
}

bool has_escapes(const std::vector<std::string>& lines) {
  return std::any_of(lines.begin(), lines.end(),
                     [](const std::string& line) { return line.find('\x1b') != std::string::npos; });
}

// What the preset takes off itself comes behind what is found here.
std::vector<Carrier> with_prefixes_of(const Recognition& found, std::vector<Carrier> carriers) {
  for (const Candidate& candidate : candidates()) {
    if (candidate.preset != found.preset || candidate.source != found.source) continue;
    for (const Carrier carrier : candidate.rules->sources()[candidate.index].rule.prefixes)
      if (std::find(carriers.begin(), carriers.end(), carrier) == carriers.end()) carriers.push_back(carrier);
  }
  return carriers;
}

}  // namespace

std::vector<std::string> presets_of_any_words() {
  std::vector<std::string> names;
  for (const Candidate& candidate : candidates()) {
    if (candidate.takes_any_words && (names.empty() || names.back() != candidate.preset))
      names.push_back(candidate.preset);
  }
  return names;
}

Recognition recognize(std::span<const std::string> lines) {
  Recognition nearest = recognize_bare(lines);
  if (nearest.is_sure()) return nearest;
  const std::vector<Carrier> outer[] = {
      {}, {Carrier::kDocker}, {Carrier::kCri}, {Carrier::kSyslog}, {Carrier::kCompose}};
  for (std::vector<Carrier> carriers : outer) {
    auto inner = unwrapped(lines, carriers);
    for (; inner; inner = unwrapped(lines, carriers)) {
      if (!carriers.empty()) {
        Recognition found = recognize_bare(*inner);
        found.prefixes = with_prefixes_of(found, carriers);
        // What fits a carrier is carried by it, even where nothing is known of what it carries.
        if (found.is_sure() || nearest.prefixes.empty()) nearest = std::move(found);
        if (nearest.is_sure()) return nearest;
      }
      if (!has_escapes(*inner) || (!carriers.empty() && carriers.back() == Carrier::kAnsi)) break;
      carriers.push_back(Carrier::kAnsi);
    }
  }
  return nearest;
}

}  // namespace tailmeter
