#include "exporter/cli/nginx_sources.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>
#include <fnmatch.h>

#include "parsers/clean_text.h"
#include "parsers/formats.h"
#include "parsers/log_format.h"
#include "rules/file/diagnostics.h"
#include "rules/file/syslog_address.h"

namespace tailmeter {
namespace {

// A rule file is text without control characters.
bool is_writable(const std::string& text) {
  return clean_text(text, text.size() * 4) == text;
}

const NginxLogFormat* find_format(const NginxLogs& logs, const NginxAccessLog& log) {
  const auto found = std::find_if(logs.formats.begin(), logs.formats.end(), [&](const NginxLogFormat& format) {
    return format.name == log.format && format.is_of_stream == log.is_of_stream;
  });
  return found == logs.formats.end() ? nullptr : &*found;
}

// Why a format's lines cannot be read, or "".
std::string fault_of(const NginxLogFormat& format) {
  try {
    static_cast<void>(make_log_format_parser(format.text, format.escaping));
    return is_writable(format.name) ? "" : "its name holds bytes that a rule file may not";
  } catch (const FormatError& error) {
    return fmt::format("{}: {}", to_string(format.place_of(error.offset())), error.what());
  }
}

std::string unknown_format(const NginxLogs& logs, const std::string& name) {
  std::vector<std::string> names;
  for (const NginxLogFormat& format : logs.formats) names.push_back(format.name);
  return fmt::format("has the format {}, which there is not{}", quoted(name), did_you_mean(name, names));
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

// What a source has as "syslog:" to be where nginx sends a log with these parameters to. Nothing if that is another
// machine, or the socket of the system's own syslog.
std::optional<std::string> syslog_address(std::string_view parameters) {
  constexpr std::string_view kServer = "server=";
  constexpr std::string_view kUnix = "unix:";
  constexpr std::string_view kDefaultPort = "514";  // ngx_http_log_module.html
  const std::size_t begin = parameters.starts_with(kServer) ? 0 : parameters.find(",server=");
  if (begin == std::string_view::npos) return std::nullopt;
  std::string_view server = parameters.substr(parameters.find('=', begin) + 1);
  server = server.substr(0, server.find(','));
  std::string address;
  if (server.starts_with(kUnix)) {
    if (server == "unix:/dev/log") return std::nullopt;
    address = std::string(server);
  } else {
    const std::size_t colon = server.ends_with(']') ? std::string_view::npos : server.rfind(':');
    const std::string_view host = server.substr(0, colon);
    if (!is_loopback(host)) return std::nullopt;
    address = fmt::format("udp://{}:{}", host == "localhost" ? "127.0.0.1" : host,
                          colon == std::string_view::npos ? kDefaultPort : server.substr(colon + 1));
  }
  return parse_syslog_address({address, {}}) ? std::optional(address) : std::nullopt;
}

// Why the log cannot be followed, or "".
std::string obstacle_of(const NginxLogs& logs, const NginxAccessLog& log) {
  using Target = NginxAccessLog::Target;
  if (log.target == Target::kOff) return "writes no line; to count its requests, name a file instead of \"off\"";
  if (log.target == Target::kSyslog && !is_writable(log.path)) return "has an address that a rule file may not hold";
  if (log.target == Target::kSyslog && !syslog_address(log.path)) {
    return "goes to a syslog that tailmeter cannot be; to count it, send it to one of its own, "
           "\"syslog:server=unix:/run/tailmeter/nginx.sock\"";
  }
  if (log.is_compressed)
    return "is compressed by nginx as it is written; take \"gzip\" away, logrotate can compress it";
  if (log.path.starts_with("/dev/"))
    return "is a device, not a file; to count it, add an access_log with a file beside it";
  if (log.is_of_stream) return "is of connections, not of requests; write rules for it by hand";
  if (!is_writable(log.path)) return "has a name with bytes that a rule file may not hold; rename it";
  const NginxLogFormat* const format = find_format(logs, log);
  if (format == nullptr) return unknown_format(logs, log.format);
  const std::string fault = fault_of(*format);
  return fault.empty() ? "" : fmt::format("has a format that cannot be read: {}", fault);
}

class Planner {
 public:
  explicit Planner(const NginxLogs& logs) : logs_(logs), file_of_log_(logs.logs.size(), kNone) {}

  NginxSources plan() {
    for (std::size_t i = 0; i < logs_.logs.size(); ++i) {
      if (logs_.logs[i].is_used) place(i);
    }
    find_partners();
    for (std::size_t i = 0; i < files_.size(); ++i) assign(i);
    for (NginxSource& source : result_.sources) exclude_others(source);
    return std::move(result_);
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  void place(std::size_t index) {
    const NginxAccessLog& log = logs_.logs[index];
    std::string obstacle = obstacle_of(logs_, log);
    if (!obstacle.empty()) {
      if (log.target == NginxAccessLog::Target::kFile) other_paths_.insert(log.path);
      result_.left_out.push_back({&log, std::move(obstacle)});
      return;
    }
    const bool is_syslog = log.target == NginxAccessLog::Target::kSyslog;
    const std::string path = is_syslog ? *syslog_address(log.path) : log.path;
    const auto [known, is_new] = file_by_path_.try_emplace(path, files_.size());
    if (is_new) files_.push_back({path, {}, {}, false, is_syslog});
    NginxLogFile& file = files_[known->second];
    file_of_log_[index] = known->second;
    file.logs.push_back(&log);
    const NginxLogFormat* const format = find_format(logs_, log);
    if (std::find(file.formats.begin(), file.formats.end(), format) == file.formats.end()) {
      file.formats.push_back(format);
    }
  }

  void find_partners() {
    partners_.resize(files_.size());
    for (const std::vector<std::size_t>& together : logs_.together) {
      std::set<std::size_t> files;
      for (const std::size_t log : together) {
        const std::size_t file = file_of_log_[log];
        if (file != kNone && !files.insert(file).second) files_[file].is_doubled = result_.are_doubled = true;
      }
      if (files.size() > 1) result_.are_doubled = true;
      for (const std::size_t file : files) partners_[file].insert(files.begin(), files.end());
    }
  }

  // To the first source of its formats that holds no log beside which it is written.
  void assign(std::size_t index) {
    const NginxLogFile& file = files_[index];
    std::string name;
    for (const NginxLogFormat* format : file.formats) name += (name.empty() ? "" : "_") + format->name;
    for (std::size_t i = 0; i < result_.sources.size(); ++i) {
      const NginxLogFile& first = result_.sources[i].files.front();
      const bool is_same = first.formats == file.formats && !first.is_syslog && !file.is_syslog;
      const bool is_partner = std::any_of(partners_[index].begin(), partners_[index].end(),
                                          [&](std::size_t partner) { return members_[i].count(partner) > 0; });
      if (!is_same || is_partner) continue;
      result_.sources[i].files.push_back(file);
      members_[i].insert(index);
      return;
    }
    std::string unique = name;
    for (int number = 2; !source_names_.insert(unique).second; ++number) unique = fmt::format("{}_{}", name, number);
    result_.sources.push_back({unique, {file}, {}});
    members_.push_back({index});
  }

  void exclude_others(NginxSource& source) {
    std::set<std::string> own;
    for (const NginxLogFile& file : source.files) own.insert(file.path);
    std::set<std::string> others(other_paths_);
    others.insert(logs_.error_logs.begin(), logs_.error_logs.end());
    for (const NginxLogFile& file : files_) others.insert(file.path);
    for (const std::string& other : others) {
      const bool is_matched =
          own.count(other) == 0 && is_writable(other) &&
          std::any_of(source.files.begin(), source.files.end(), [&](const NginxLogFile& file) {
            return file.logs.front()->has_variables && ::fnmatch(file.path.c_str(), other.c_str(), FNM_PATHNAME) == 0;
          });
      if (is_matched) source.exclude.push_back(other);
    }
  }

  const NginxLogs& logs_;
  std::vector<NginxLogFile> files_;
  std::map<std::string, std::size_t> file_by_path_;
  std::vector<std::size_t> file_of_log_;         // by position in logs_.logs
  std::vector<std::set<std::size_t>> partners_;  // of each file: those that a request is written to as well
  std::vector<std::set<std::size_t>> members_;   // the files of each source
  std::set<std::string> source_names_;
  std::set<std::string> other_paths_;  // of files that are left out
  NginxSources result_;
};

}  // namespace

NginxSources nginx_sources(const NginxLogs& logs) {
  return Planner(logs).plan();
}

std::vector<std::string> field_names(const NginxSource& source) {
  std::vector<std::string> names;
  for (const NginxLogFormat* const format : source.files.front().formats) {
    const LogFormat parsed = parse_log_format(format->text, format->escaping);
    names.insert(names.end(), parsed.field_names.begin(), parsed.field_names.end());
  }
  return names;
}

}  // namespace tailmeter
