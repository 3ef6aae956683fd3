#include "parsers/nginx_conf/logs.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "parsers/clean_text.h"
#include "parsers/formats.h"

namespace tailmeter {
namespace {

constexpr std::string_view kKept[] = {"http",         "stream",     "server",     "location",    "if",
                                      "limit_except", "access_log", "log_format", "server_name", "error_log"};
constexpr std::string_view kLevels[] = {"server", "location", "if", "limit_except"};
constexpr std::size_t kMaxShownBytes = 80;
constexpr std::size_t kMaxServerNames = 20;  // of a server and of a log: they are only shown
constexpr std::size_t kMaxLogsOfABlock = 64;

bool is_level(const NginxDirective& directive) {
  return std::find(std::begin(kLevels), std::end(kLevels), directive.name()) != std::end(kLevels);
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// nginx compiles each piece by itself: '$a' 'b' is the variable a and a "b".
void brace_last_variable(std::string& text, std::string_view next) {
  const std::size_t dollar = text.rfind('$');
  if (dollar == std::string::npos || dollar + 1 == text.size() || next.empty() || !is_name_character(next.front())) {
    return;
  }
  if (!std::all_of(text.begin() + static_cast<std::ptrdiff_t>(dollar) + 1, text.end(), is_name_character)) return;
  text.insert(dollar + 1, "{");
  text += '}';
}

Escaping escaping_of(std::string_view name, const NginxPlace& place) {
  if (name == "default") return Escaping::kDefault;
  if (name == "json") return Escaping::kJson;
  if (name == "none") return Escaping::kNone;
  throw NginxConfError(place, fmt::format("unknown log format escaping \"{}\"", clean_text(name, kMaxShownBytes)));
}

NginxLogFormat read_format(const NginxDirective& directive) {
  constexpr std::string_view kEscape = "escape=";
  NginxLogFormat format;
  format.place = directive.place;
  std::span<const NginxWord> words(directive.words);
  if (words.size() < 3) throw NginxConfError(directive.place, "log_format takes a name and a text");
  format.name = words[1].text;
  words = words.subspan(2);
  if (const std::string_view first = words.front().text; first.starts_with(kEscape)) {
    format.escaping = escaping_of(first.substr(kEscape.size()), directive.place);
    words = words.subspan(1);
  }
  for (const NginxWord& word : words) {
    brace_last_variable(format.text, word.text);
    format.pieces.push_back({format.text.size(), word.line});
    format.text += word.text;
  }
  return format;
}

// "$name" and "${name}" become "*"; so do two in a row, for "**" would mean any number of folders. What a pattern
// would take for a wildcard becomes "?", for patterns have no escapes.
void set_path(NginxAccessLog& log, std::string_view word, const std::string& prefix) {
  std::string path;
  for (std::size_t at = 0; at < word.size(); ++at) {
    const std::size_t begin = at + (word.substr(at, 2) == "${" ? 2 : 1);
    std::size_t end = begin;
    while (end < word.size() && is_name_character(word[end])) ++end;
    if (word[at] == '$' && end > begin) {
      log.has_variables = true;
      if (!path.ends_with('*')) path += '*';
      at = word[begin - 1] == '{' && end < word.size() ? end : end - 1;
    } else {
      path += std::string_view("*?[").find(word[at]) == std::string_view::npos ? word[at] : '?';
    }
  }
  log.path = word.starts_with('/') ? path : prefix + "/" + path;
}

void read_option(NginxAccessLog& log, std::string_view option) {
  const auto value_of = [&](std::string_view name) { return std::string(option.substr(name.size())); };
  if (option.starts_with("if=")) {
    log.condition = value_of("if=");
  } else if (option.starts_with("buffer=")) {
    log.buffer = value_of("buffer=");
  } else if (option.starts_with("flush=")) {
    log.flush = value_of("flush=");
  } else if (option == "gzip" || option.starts_with("gzip=")) {
    log.is_compressed = true;
  } else {
    throw NginxConfError(log.place,
                         fmt::format("access_log: invalid parameter \"{}\"", clean_text(option, kMaxShownBytes)));
  }
}

NginxAccessLog read_access_log(const NginxDirective& directive, bool is_of_stream, const std::string& prefix) {
  constexpr std::string_view kSyslog = "syslog:";
  NginxAccessLog log;
  log.place = directive.place;
  log.is_of_stream = is_of_stream;
  const std::vector<NginxWord>& words = directive.words;
  if (words.size() < 2) throw NginxConfError(directive.place, "access_log takes a path, or \"off\"");
  const std::string& target = words[1].text;
  if (target == "off") {
    log.target = NginxAccessLog::Target::kOff;
    return log;
  }
  log.format = words.size() > 2 ? words[2].text : "combined";
  for (std::size_t i = 3; i < words.size(); ++i) read_option(log, words[i].text);
  if (log.is_compressed && log.buffer.empty()) log.buffer = "64k";
  if (target.starts_with(kSyslog)) {
    log.target = NginxAccessLog::Target::kSyslog;
    log.path = target.substr(kSyslog.size());
  } else {
    set_path(log, target, prefix);
  }
  return log;
}

// Walks the blocks with the logs that hold in each: its own, or, if it has none, those of the block around it.
class Collector {
 public:
  Collector(NginxLogs& result, const NginxBuild& build) : result_(result), build_(build) {}

  void take_module(const NginxDirective& module) {
    is_of_stream_ = module.name() == "stream";
    default_log_.reset();
    take_error_logs(module.block);
    take_formats(module.block);
    const std::vector<std::size_t> logs = own_logs(module.block);
    take_levels(module.block, logs);
  }

  void take_error_logs(const std::vector<NginxDirective>& block) {
    for (const NginxDirective& directive : block) {
      if (directive.name() != "error_log" || directive.words.size() < 2) continue;
      const std::string& path = directive.words[1].text;
      result_.error_logs.push_back(path.starts_with('/') ? path : build_.prefix + "/" + path);
    }
  }

 private:
  void take_formats(const std::vector<NginxDirective>& block) {
    for (const NginxDirective& directive : block) {
      if (directive.name() != "log_format") continue;
      NginxLogFormat format = read_format(directive);
      format.is_of_stream = is_of_stream_;
      const auto [other, is_new] = known_formats_.try_emplace({format.name, is_of_stream_}, format.place);
      if (!is_new || (!is_of_stream_ && format.name == "combined")) {
        throw NginxConfError(format.place, fmt::format("there is a log_format \"{}\" already: {}",
                                                       clean_text(format.name, kMaxShownBytes),
                                                       is_new ? "it is built into nginx" : to_string(other->second)));
      }
      result_.formats.push_back(std::move(format));
    }
  }

  // Positions in result_.logs. One "off" puts all of a block off.
  std::vector<std::size_t> own_logs(const std::vector<NginxDirective>& block) {
    std::vector<std::size_t> logs;
    for (const NginxDirective& directive : block) {
      if (directive.name() != "access_log") continue;
      if (logs.size() == kMaxLogsOfABlock) {
        throw NginxConfError(directive.place, fmt::format("more than {} access_log in one block", kMaxLogsOfABlock));
      }
      logs.push_back(result_.logs.size());
      result_.logs.push_back(read_access_log(directive, is_of_stream_, build_.prefix));
    }
    for (const std::size_t log : logs) {
      if (result_.logs[log].target == NginxAccessLog::Target::kOff) return {log};
    }
    return logs;
  }

  void take_levels(const std::vector<NginxDirective>& block, const std::vector<std::size_t>& outer) {
    for (const NginxDirective& directive : block) {
      if (!is_level(directive)) continue;
      const bool is_server = directive.name() == "server";
      if (is_server) take_server_names(directive.block);
      take_error_logs(directive.block);
      std::vector<std::size_t> logs = own_logs(directive.block);
      if (logs.empty()) logs = outer;
      if (logs.empty() && is_server && !is_of_stream_) logs = {default_log()};
      use(logs);
      take_levels(directive.block, logs);
    }
  }

  void take_server_names(const std::vector<NginxDirective>& server) {
    server_names_.clear();
    for (const NginxDirective& directive : server) {
      if (directive.name() != "server_name") continue;
      for (std::size_t i = 1; i < directive.words.size() && server_names_.size() < kMaxServerNames; ++i) {
        server_names_.push_back(directive.words[i].text);
      }
    }
  }

  void use(const std::vector<std::size_t>& logs) {
    for (const std::size_t index : logs) {
      NginxAccessLog& log = result_.logs[index];
      log.is_used = true;
      for (const std::string& name : server_names_) {
        std::vector<std::string>& names = log.server_names;
        if (names.size() == kMaxServerNames) break;
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      }
    }
    if (logs.size() > 1 && known_sets_.insert(logs).second) result_.together.push_back(logs);
  }

  std::size_t default_log() {
    if (!default_log_) {
      default_log_ = result_.logs.size();
      NginxAccessLog log;
      log.path = build_.access_log;
      log.format = "combined";
      result_.logs.push_back(std::move(log));
    }
    return *default_log_;
  }

  NginxLogs& result_;
  const NginxBuild& build_;
  bool is_of_stream_ = false;
  std::optional<std::size_t> default_log_;
  std::vector<std::string> server_names_;                             // of the server that is walked
  std::map<std::pair<std::string, bool>, NginxPlace> known_formats_;  // by name and module
  std::set<std::vector<std::size_t>> known_sets_;
};

}  // namespace

NginxPlace NginxLogFormat::place_of(std::size_t offset) const {
  NginxPlace found = place;
  for (const Piece& piece : pieces) {
    if (piece.offset <= offset) found.line = piece.line;
  }
  return found;
}

const NginxLogFormat* NginxLogs::find_format(std::string_view name) const {
  for (const bool is_of_stream : {false, true}) {
    for (const NginxLogFormat& format : formats) {
      if (format.name == name && format.is_of_stream == is_of_stream) return &format;
    }
  }
  return nullptr;
}

NginxLogs read_nginx_logs(const std::string& file, const NginxFiles& files, const NginxBuild& build,
                          const NginxConfLimits& limits) {
  const std::vector<NginxDirective> directives = read_nginx_directives(file, files, kKept, limits);
  NginxLogs logs;
  NginxLogFormat combined;
  combined.name = "combined";
  combined.text = kCombinedFormat;
  combined.place = {"nginx itself", 0};
  logs.formats.push_back(std::move(combined));
  logs.error_logs.push_back(build.error_log);
  Collector collector(logs, build);
  collector.take_error_logs(directives);
  for (const NginxDirective& directive : directives) {
    if (directive.name() == "http" || directive.name() == "stream") collector.take_module(directive);
  }
  return logs;
}

}  // namespace tailmeter
