#include "exporter/cli/recognition.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

#include "exporter/cli/arguments.h"
#include "exporter/cli/log_reader.h"
#include "exporter/pipeline.h"
#include "rules/file/print.h"
#include "rules/presets/presets.h"
#include "rules/program/compile.h"

namespace tailmeter {
namespace {

// What no log has: a format that takes it, as those of tools that tell their progress in plain words do, takes
// everything and tells nothing about a log.
constexpr std::string_view kNoLine = "\x01 neither this nor that \x02";

constexpr std::size_t kShownBytes = 60;  // of a line, around the place where it diverges

struct Candidate {
  std::string preset;
  std::string source;
  std::size_t index = 0;  // of the source in the preset
  std::shared_ptr<RuleSet> rules;
};

std::vector<Candidate> candidates() {
  std::vector<Candidate> all;
  const auto add = [&](const Preset& preset) {
    const std::shared_ptr<RuleSet> rules = read_rules(std::string(preset.name), std::string(preset.text));
    for (std::size_t i = 0; i < rules->sources().size(); ++i)
      all.push_back({std::string(preset.name), rules->sources()[i].rule.name.value, i, rules});
  };
  const auto is_default = [](const Preset& preset) { return preset.name == kDefaultPreset; };
  for (const Preset& preset : presets())
    if (is_default(preset)) add(preset);
  for (const Preset& preset : presets())
    if (!is_default(preset)) add(preset);
  return all;
}

// Adds what the rules have done so far, `times` over.
void add_updates(const RuleSet& rules, std::int64_t times, Recognition& result) {
  for (const RuleSet::Metric& metric : rules.metrics()) {
    result.updates += static_cast<std::uint64_t>(times) * metric.statistics->updates;
    result.skipped += static_cast<std::uint64_t>(times) * metric.statistics->skipped_no_value;
  }
}

// How many of the lines the candidate takes; `result` is told of the first that it does not, and of updates.
std::size_t count_matched(const Candidate& candidate, std::span<const std::string> lines, Recognition& result) {
  bool is_first = true;
  std::size_t refused = 0;
  Pipeline pipeline(*candidate.rules, [&](const Mismatch& mismatch, std::string_view line) {
    ++refused;
    if (!std::exchange(is_first, false)) return;
    result.nearest_reason = mismatch.reason;
    result.nearest_offset = mismatch.offset;
    result.nearest_line = line;
  });
  std::string batch;
  for (const std::string& line : lines) batch += line + '\n';
  add_updates(*candidate.rules, -1, result);
  pipeline.take({static_cast<SourceIndex>(candidate.index), "", batch});
  add_updates(*candidate.rules, 1, result);
  return pipeline.counts(static_cast<SourceIndex>(candidate.index)).matched.lines;
}

bool takes_everything(const Candidate& candidate) {
  Recognition ignored;
  return count_matched(candidate, std::vector<std::string>{std::string(kNoLine)}, ignored) > 0;
}

// Of two that take no line, the one whose first line goes further is nearer. Of two that take as many, as any JSON line
// is taken by all presets for JSON, it is the one whose rules find more in them.
bool is_better(const Recognition& left, const Recognition& right) {
  if (left.matched != right.matched) return left.matched > right.matched;
  if (left.matched == 0) return left.nearest_offset > right.nearest_offset;
  if (right.preset == kDefaultPreset) return false;
  return left.updates != right.updates ? left.updates > right.updates : left.skipped < right.skipped;
}

// Keeps the first lines, and says when there are enough.
class FirstLines final : public LineSink {
 public:
  void take(const Batch& batch) override {
    std::string_view rest = batch.bytes;
    while (!rest.empty() && lines_.size() < kRecognitionLines) {
      const std::size_t end = rest.find('\n');
      if (end > 0) lines_.emplace_back(rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
  }
  void take_oversize(SourceIndex, std::uint64_t) override {}

  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
};

// glob(7)
std::string as_pattern(const std::string& path) {
  std::string pattern;
  for (const char c : path) {
    if (std::string_view("*?[\\").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

std::string excerpt(const Recognition& recognition) {
  const std::size_t begin = recognition.nearest_offset - std::min(recognition.nearest_offset, kShownBytes / 2);
  return yaml_text(recognition.nearest_line.substr(begin, kShownBytes));
}

[[noreturn]] void refuse(const std::string& path, const Recognition& nearest) {
  throw UsageError(
      fmt::format("{}: no preset takes its lines. The nearest is {}, which takes {} of the first {} lines; a line "
                  "diverges at byte {} "
                  "({}): {}. Write a rule file with its format, and name that with --config.file=FILE",
                  path, nearest.preset, nearest.matched, nearest.lines, nearest.nearest_offset + 1,
                  nearest.nearest_reason, excerpt(nearest)));
}

}  // namespace

Recognition recognize(std::span<const std::string> lines) {
  static const std::vector<Candidate> all = candidates();
  Recognition best;
  for (const Candidate& candidate : all) {
    if (takes_everything(candidate)) continue;
    Recognition found;
    found.preset = candidate.preset;
    found.source = candidate.source;
    found.lines = lines.size();
    found.matched = count_matched(candidate, lines, found);
    if (best.preset.empty() || is_better(found, best)) best = std::move(found);
    if (best.matched == lines.size() && best.preset == kDefaultPreset) break;
  }
  return best;
}

std::optional<RuleFileText> recognized_rules(const std::vector<std::string>& logs) {
  std::map<std::pair<std::string, std::string>, std::string> files;  // by source and preset
  for (const std::string& path : logs) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    FirstLines first;
    read_beginning(path, kRecognitionBytes, first);
    if (first.lines().empty()) return std::nullopt;
    const Recognition found = recognize(first.lines());
    if (!found.is_sure()) refuse(path, found);
    std::string& list = files[{found.source, found.preset}];
    list += (list.empty() ? "" : ", ") + yaml_text(as_pattern(path));
  }
  std::string text = "sources:\n";
  std::set<std::string> names;
  std::set<std::string> used_presets;
  for (const auto& [origin, list] : files) {
    const auto& [source, preset] = origin;
    // A preset with several sources goes by their names, one with a single source by any.
    const std::string name = names.insert(source).second ? source : preset + "_log";
    text += fmt::format("  - {{name: {}, files: [{}], preset: {}}}\n", name, list, preset);
    used_presets.insert(preset);
  }
  return RuleFileText{fmt::format("the built-in rules \"{}\"", fmt::join(used_presets, ", ")), std::move(text), ""};
}

}  // namespace tailmeter
