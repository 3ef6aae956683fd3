#include "exporter/cli/recognized_rules.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

#include "exporter/cli/arguments.h"
#include "exporter/tail/rotated_name.h"
#include "parsers/clean_text.h"
#include "rules/file/print.h"

namespace tailmeter {
namespace {

constexpr std::size_t kShownPathBytes = 4096;  // PATH_MAX
constexpr std::size_t kShownBytes = 60;        // of a line, around the place where it diverges

constexpr const char* kNameRules = "name a rule file with --config.file=FILE";

// Keeps the first lines.
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

  [[nodiscard]] std::vector<std::string>& lines() { return lines_; }

 private:
  std::vector<std::string> lines_;
};

// The first lines of a log, or why there are none.
struct FirstLook {
  std::vector<std::string> lines;
  std::string cause;
  bool has_failed = false;  // the cause is an error of the system
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
  return yaml_text(clean_text(std::string_view(recognition.nearest_line).substr(begin), kShownBytes));
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

std::string name_of_log(const std::string& path) {
  return path == "-" ? "standard input" : path;
}

[[noreturn]] void refuse(const std::string& path, const FirstLook& look) {
  const std::string text = fmt::format("{}: {}, so that the format of its lines cannot be recognized: {}",
                                       name_of_log(path), look.cause, kNameRules);
  if (look.has_failed) throw WorkError(text);
  throw UsageError(text);
}

FirstLook look_at(const std::string& path, LogReader* pipes) {
  struct stat status {};
  if (path != "-" && ::stat(path.c_str(), &status) != 0)
    return {{}, std::error_code(errno, std::generic_category()).message(), true};
  const bool is_pipe = path == "-" || !S_ISREG(status.st_mode);
  if (is_pipe && pipes == nullptr)
    return {{}, "it is no file, and lines that are looked at would be taken from it, and not counted"};
  LogReader files;
  FirstLines first;
  const LogReader::Beginning beginning = (is_pipe ? *pipes : files).read_beginning(path, kRecognitionBytes, first);
  if (!first.lines().empty()) return {std::move(first.lines()), ""};
  if (beginning.error) return {{}, beginning.error.message(), true};
  if (beginning.bytes == 0) return {{}, "it is empty"};
  if (beginning.is_whole) return {{}, "its lines are empty"};
  return {{}, fmt::format("it has no line that ends within the first {} bytes", kRecognitionBytes)};
}

// Of the log at `path`, the newest first.
std::vector<std::string> rotated_logs(const std::string& path) {
  const std::filesystem::path log(path);
  const std::filesystem::path directory = log.has_parent_path() ? log.parent_path() : ".";
  std::vector<std::pair<RotatedName, std::string>> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    auto name = parse_rotated_name(entry->path().filename().string());
    if (name && name->base == log.filename()) found.emplace_back(std::move(*name), entry->path().string());
  }
  std::sort(found.begin(), found.end(), [](const auto& left, const auto& right) {
    if (right.first.is_older_than(left.first)) return true;
    return !left.first.is_older_than(right.first) && left.second < right.second;
  });
  std::vector<std::string> paths;
  for (auto& [name, rotated] : found) paths.push_back(std::move(rotated));
  return paths;
}

RecognizedLog recognize_log(const std::string& path, const RecognizedLogs& known, LogReader* pipes) {
  const FirstLook look = look_at(path, pipes);
  Recognition found;
  if (!look.lines.empty()) found = recognize(look.lines);
  if (found.is_sure()) return {std::move(found), path};
  if (const auto before = known.find(path); before != known.end()) return before->second;
  if (!look.lines.empty()) refuse(path, found);
  std::vector<std::string> rotated = rotated_logs(path);
  rotated.resize(std::min(rotated.size(), kRecognitionRotated));
  for (const std::string& older : rotated) {
    const FirstLook older_look = look_at(older, nullptr);
    if (older_look.lines.empty()) continue;
    found = recognize(older_look.lines);
    if (found.is_sure()) return {std::move(found), older};
  }
  refuse(path, look);
}

// What distinguishes one source of the rules from another.
struct Origin {
  std::string name;
  std::string preset;
  std::string prefix;  // YAML
  auto operator<=>(const Origin&) const = default;
};

// A preset with several sources goes by their names, one with a single source by any.
Origin origin_of(const Recognition& found) {
  Origin origin{found.source, found.preset, ""};
  if (found.is_only_source) origin.name = found.preset + "_log";
  if (found.prefixes.empty()) return origin;
  origin.prefix = ", prefix: " + prefixes_text(found.prefixes);
  if (!found.is_only_source) return origin;
  for (const Carrier carrier : found.prefixes) origin.name += fmt::format("_{}", carrier_name(carrier));
  return origin;
}

}  // namespace

RuleFileText recognized_rules(const std::vector<std::string>& logs, RecognizedLogs& known, LogReader* pipes) {
  std::map<Origin, std::vector<std::string>> files;
  for (const std::string& path : std::set<std::string>(logs.begin(), logs.end())) {
    RecognizedLog log = recognize_log(path, known, pipes);
    files[origin_of(log.recognition)].push_back(path);
    known.insert_or_assign(path, std::move(log));
  }
  std::string text = "sources:\n";
  std::map<std::string, std::string> first_logs;  // by the name of the source
  std::set<std::string> used_presets;
  for (const auto& [origin, paths] : files) {
    const auto [other, is_new] = first_logs.emplace(origin.name, paths.front());
    if (!is_new) {
      throw UsageError(fmt::format(
          "{}: its lines are for the same source of the preset {} as those of {}, which something else carries: count "
          "them apart, or {}",
          name_of_log(paths.front()), origin.preset, name_of_log(other->second), kNameRules));
    }
    std::vector<std::string> patterns;
    for (const std::string& path : paths) patterns.push_back(yaml_text(as_pattern(path)));
    text += fmt::format("  - {{name: {}, files: [{}], preset: {}{}}}\n", origin.name, fmt::join(patterns, ", "),
                        origin.preset, origin.prefix);
    used_presets.insert(origin.preset);
  }
  return RuleFileText{fmt::format("the built-in rules \"{}\"", fmt::join(used_presets, ", ")), std::move(text), ""};
}

std::string recognition_text(const std::string& path, const RecognizedLog& log) {
  const Recognition& found = log.recognition;
  const std::string prefix = found.prefixes.empty() ? "" : " with prefix: " + prefixes_text(found.prefixes);
  const std::string where = log.looked_at == path ? "" : " of " + clean_text(log.looked_at, kShownPathBytes);
  return fmt::format("preset {}{}, {} of the first {} lines{}", found.preset, prefix, found.telling, found.lines,
                     where);
}

}  // namespace tailmeter
