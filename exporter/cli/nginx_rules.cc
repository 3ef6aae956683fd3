#include "exporter/cli/nginx_rules.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "parsers/clean_text.h"
#include "rules/file/print.h"

namespace tailmeter {
namespace {

constexpr std::size_t kMaxCommentBytes = 400;
constexpr std::size_t kMaxLeftOutShown = 50;
constexpr std::string_view kNeitherField = "neither method nor status";  // stands for the lack of both

// What an operator's configuration holds cannot leave the comment it is shown in.
std::string comment(std::string_view indentation, std::string_view text) {
  return fmt::format("{}# {}\n", indentation, clean_text(text, kMaxCommentBytes));
}

std::string yaml_list(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "[" : ", ") + yaml_text(text);
  return out + "]";
}

std::string called(const NginxAccessLog& log) {
  using Target = NginxAccessLog::Target;
  std::string what = log.target == Target::kOff      ? "access_log off"
                     : log.target == Target::kSyslog ? "syslog:" + log.path
                                                     : log.path;
  if (!log.place.file.empty()) what += fmt::format(" ({})", to_string(log.place));
  return what;
}

std::string called(const NginxLogLeftOut& left_out) {
  return fmt::format("{} {}", called(*left_out.log), left_out.reason);
}

std::string described(const NginxAccessLog& log) {
  std::string text = called(log);
  if (log.place.file.empty()) text += ", where nginx logs by itself";
  for (std::size_t i = 0; i < log.server_names.size(); ++i) text += (i == 0 ? ": " : ", ") + log.server_names[i];
  return text;
}

void append_notes(std::string& out, const NginxLogFile& file) {
  for (const NginxAccessLog* const log : file.logs) {
    out += comment("  ", described(*log));
    if (!log->condition.empty()) {
      out += comment("  ", fmt::format("  not every request is in it: if={}", log->condition));
    }
    if (!log->buffer.empty()) {
      out += comment("  ", fmt::format("  nginx holds lines back until there are {} of them{}: a scrape sees them then",
                                       log->buffer, log->flush.empty() ? "" : ", or for " + log->flush));
    }
  }
  if (file.is_syslog) {
    out += comment("  ", "  counts at most once: tailmeter listens here in place of a syslog server, and what nobody");
    out += comment("  ", "  takes is lost; a file beside it counts exactly once");
  }
  if (file.is_doubled) out += comment("  ", "  one request writes several lines to " + file.path + ", and each counts");
}

std::string format_text(const NginxLogFormat& format, const std::string& conf_path) {
  if (format.place.line == 0) return "combined";  // the one that is built into nginx
  return fmt::format("{{nginx_conf: {}, name: {}}}", yaml_text(conf_path), yaml_text(format.name));
}

void append_source(std::string& out, const NginxSource& source, const std::string& conf_path) {
  for (const NginxLogFile& file : source.files) append_notes(out, file);
  out += fmt::format("  - name: {}\n", yaml_text(source.name));
  if (source.files.front().is_syslog) {
    out += fmt::format("    syslog: {}\n", yaml_text(source.files.front().path));
  } else {
    out += "    files:\n";
    for (const NginxLogFile& file : source.files) out += fmt::format("      - {}\n", yaml_text(file.path));
  }
  if (!source.exclude.empty()) out += fmt::format("    exclude: {}\n", yaml_list(source.exclude));
  const std::vector<const NginxLogFormat*>& formats = source.files.front().formats;
  out += "    format:";
  if (formats.size() == 1) {
    out += fmt::format(" {}\n", format_text(*formats.front(), conf_path));
  } else {
    for (const NginxLogFormat* const format : formats)
      out += fmt::format("\n      - {}", format_text(*format, conf_path));
    out += '\n';
  }
}

// What a metric is made of: the fields that lines must have, and what it is without them.
struct Metric {
  const char* declaration;
  const char* help;
  std::vector<std::string_view> fields;
  std::string_view absent_field;  // lines must not have it
  const char* body;
  std::vector<const char*> labels;
};

constexpr const char* kRequests = "counter: http_requests_total";
constexpr const char* kRequestsHelp = "Requests served, by method and status.";
constexpr const char* kMethod =
    "method: {from: $request_method, allow: [GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, CONNECT, TRACE]}";
constexpr const char* kNoMethod = "method: ''";  // entries of one metric have the same labels
constexpr const char* kStatus = "status: {from: $status, allow: ['\\d{3}']}";
constexpr const char* kNoStatus = "status: ''";
constexpr const char* kBytes = "counter: http_response_bytes_total";
constexpr const char* kBytesHelp = "Bytes sent in responses.";

// The families are those of the presets for access logs, with their names, labels and help texts.
const Metric kMetrics[] = {
    {kRequests, kRequestsHelp, {"request_method", "status"}, "", "", {kMethod, kStatus}},
    {kRequests, kRequestsHelp, {"status"}, "request_method", "", {kNoMethod, kStatus}},
    {kRequests, kRequestsHelp, {"request_method"}, "status", "", {kMethod, kNoStatus}},
    {kRequests, kRequestsHelp, {kNeitherField}, "", "", {kNoMethod, kNoStatus}},
    {"counter: http_5xx_errors_total",
     "Requests answered with a server error.",
     {"status"},
     "",
     "    when: {status: '5..'}\n",
     {}},
    {"counter: http_errors_total",
     "Requests answered with an error, by class of status.",
     {"status"},
     "",
     "    when: {status: '[45]..'}\n",
     {"class: {from: $status, regex: '(.)..', replace: '${1}xx'}"}},
    {kBytes, kBytesHelp, {"body_bytes_sent"}, "", "    value: $body_bytes_sent\n", {}},
    {kBytes,
     kBytesHelp,
     {"bytes_sent"},
     "body_bytes_sent",
     "    value: $bytes_sent  # with the headers: without them nothing is in these logs\n",
     {}},
    {"histogram: http_request_duration_seconds",
     "Time from the first byte of a request to the last byte of its response.",
     {"request_time"},
     "",
     "    value: $request_time\n    buckets: latency\n",
     {}},
    {"histogram: http_upstream_duration_seconds",
     "Time that upstream took for a request, its last attempt.",
     {"upstream_response_time"},
     "",
     "    value: {from: $upstream_response_time, list: last}\n    buckets: latency\n",
     {}},
    {"counter: cache_hits_total",
     "Requests answered from the cache, fresh or stale.",
     {"upstream_cache_status"},
     "",
     "    when: {upstream_cache_status: 'HIT|STALE|UPDATING|REVALIDATED'}\n",
     {}},
    {"counter: cache_misses_total",
     "Requests that the cache could have answered and that went upstream.",
     {"upstream_cache_status"},
     "",
     "    when: {upstream_cache_status: 'MISS|EXPIRED|BYPASS|SCARCE'}\n",
     {}},
    {"counter: http_cache_requests_total",
     "Requests that a cache was asked for, by what it had.",
     {"upstream_cache_status"},
     "",
     "    when: {upstream_cache_status: '.+'}\n",
     {"status: {from: $upstream_cache_status, allow: "
      "[MISS, BYPASS, EXPIRED, STALE, UPDATING, REVALIDATED, HIT, SCARCE]}"}},
};

// What lines of the source have, with what the rules find in $request.
std::set<std::string, std::less<>> fields_of(const NginxSource& source) {
  const std::vector<std::string> names = field_names(source);
  std::set<std::string, std::less<>> fields(names.begin(), names.end());
  if (fields.count("request") > 0) fields.insert("request_method");
  if (fields.count("request_method") == 0 && fields.count("status") == 0) fields.emplace(kNeitherField);
  return fields;
}

void append_metric(std::string& out, const Metric& metric, const std::vector<NginxSource>& all) {
  std::vector<std::string> names;
  for (const NginxSource& source : all) {
    const auto fields = fields_of(source);
    const bool has_all = std::all_of(metric.fields.begin(), metric.fields.end(),
                                     [&](std::string_view field) { return fields.count(field) > 0; });
    if (has_all && fields.count(metric.absent_field) == 0) names.push_back(source.name);
  }
  if (names.empty()) return;
  out += fmt::format("\n  - {}\n    help: {}\n    source: {}\n{}", metric.declaration, yaml_text(metric.help),
                     yaml_list(names), metric.body);
  std::vector<const char*> labels = metric.labels;
  if (all.size() > 1) labels.push_back("source: $source");
  if (!labels.empty()) out += "    labels:\n";
  for (const char* const label : labels) out += fmt::format("      {}\n", label);
}

void append_left_out(std::string& out, const NginxSources& sources) {
  if (sources.left_out.empty()) return;
  out += "#\n# Not counted:\n";
  for (std::size_t i = 0; i < std::min(sources.left_out.size(), kMaxLeftOutShown); ++i) {
    out += comment("", "  " + called(sources.left_out[i]));
  }
  if (sources.left_out.size() > kMaxLeftOutShown) {
    out += fmt::format("#   and {} more\n", sources.left_out.size() - kMaxLeftOutShown);
  }
}

}  // namespace

std::string nginx_rules(const NginxSources& sources, const std::string& conf_path) {
  std::string out =
      comment("", fmt::format("Written by \"tailmeter init\" from {}. Formats that it names are read there "
                              "when this file is loaded.",
                              conf_path));
  append_left_out(out, sources);
  out += "\nsources:\n";
  for (const NginxSource& source : sources.sources) append_source(out, source, conf_path);
  out += "\nmetrics:";
  if (sources.are_doubled) {
    out += sources.sources.size() > 1
               ? "\n  # Some requests are in more than one log: sums over the label \"source\" count them as often."
               : "\n  # Some requests are in the log more than once, and count as often.";
  }
  for (const Metric& metric : kMetrics) append_metric(out, metric, sources.sources);
  return out;
}

std::string nginx_summary(const NginxSources& sources) {
  std::string out;
  for (const NginxSource& source : sources.sources) {
    for (const NginxLogFile& file : source.files) out += fmt::format("{}: {}\n", source.name, file.path);
  }
  for (std::size_t i = 0; i < std::min(sources.left_out.size(), kMaxLeftOutShown); ++i) {
    out += fmt::format("left out: {}\n", clean_text(called(sources.left_out[i]), kMaxCommentBytes));
  }
  if (sources.left_out.size() > kMaxLeftOutShown) {
    out += fmt::format("and {} more\n", sources.left_out.size() - kMaxLeftOutShown);
  }
  return out;
}

}  // namespace tailmeter
