#include "exporter/cli/recognized_rules.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

#include "exporter/cli/arguments.h"
#include "exporter/cli/log_reader.h"
#include "exporter/cli/recognition.h"
#include "rules/file/print.h"

namespace tailmeter {
namespace {

constexpr std::size_t kShownBytes = 60;  // of a line, around the place where it diverges

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

std::string carried_by(const Recognition& found) {
  return found.prefixes.empty() ? "" : fmt::format(" when prefix: {} is taken off", prefixes_text(found.prefixes));
}

std::string way_out() {
  return fmt::format(
      ", and name that with --config.file=FILE. The presets {} take any line: a log of theirs is recognized when a "
      "line "
      "tells how a run ended, and until then needs a rule file that names the preset",
      fmt::join(presets_of_any_words(), ", "));
}

[[noreturn]] void refuse(const std::string& path, const Recognition& nearest) {
  if (nearest.has_format()) {
    throw UsageError(fmt::format(
        "{}: no preset finds in its lines what it counts. The nearest is {}, which takes {} of the first {} lines{}, "
        "and finds it in {}. Write a rule file with that preset, if they are what it is for, or with their fields{}",
        path, nearest.preset, nearest.matched, nearest.lines, carried_by(nearest), nearest.telling, way_out()));
  }
  throw UsageError(
      fmt::format("{}: no preset takes its lines. The nearest is {}, which takes {} of the first {} lines{}; a line "
                  "diverges at byte {} ({}): {}. Write a rule file with its format{}",
                  path, nearest.preset, nearest.matched, nearest.lines, carried_by(nearest), nearest.nearest_offset + 1,
                  nearest.nearest_reason, excerpt(nearest), way_out()));
}

}  // namespace

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
    const std::string prefix = found.prefixes.empty() ? "" : fmt::format(", prefix: {}", prefixes_text(found.prefixes));
    std::string& list = files[{found.source, found.preset + prefix}];
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
    used_presets.insert(preset.substr(0, preset.find(',')));
  }
  return RuleFileText{fmt::format("the built-in rules \"{}\"", fmt::join(used_presets, ", ")), std::move(text), ""};
}

}  // namespace tailmeter
