#include "exporter/web/router.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include <fmt/format.h>

#include "exporter/web/exposition/negotiation.h"

namespace tailmeter {
namespace {

WebResponse refuse_method(std::string text, std::string allowed) {
  WebResponse response = plain_response(405, std::move(text));
  response.headers.emplace_back("Allow", std::move(allowed));
  return response;
}

constexpr std::string_view kLandingPage = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>tailmeter</title>
<style>
body {{ font-family: system-ui, sans-serif; margin: 0; color: #222; }}
header {{ background: #e6522c; color: #fff; padding: 1rem 2rem; }}
main {{ padding: 1rem 2rem; line-height: 1.6; }}
th, td {{ padding-right: 2rem; text-align: left; }}
</style>
</head>
<body>
<header><h1>tailmeter</h1></header>
<main>
<p>Log lines in, exact Prometheus series out. Version {version}.</p>
<ul>
<li><a href="{path}">Metrics</a></li>
<li><a href="/api/v1/status">Status</a> and <a href="/api/v1/series">series</a> as JSON</li>
<li><a href="/-/healthy">Health</a></li>
<li><a href="/-/ready">Readiness</a></li>
</ul>
{series}</main>
</body>
</html>
)";

// Names are the rule file's, and hold nothing that HTML knows.
std::string series_table(const std::vector<WorstLabel>& labels) {
  if (labels.empty()) return {};
  std::string table =
      "<h2>Series</h2>\n<table>\n<tr><th>metric</th><th>series</th><th>at most</th><th>label with the most values</th>"
      "<th>values</th></tr>\n";
  for (const WorstLabel& worst : labels) {
    table += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", worst.metric,
                         worst.series, worst.max_series, worst.label, worst.values);
  }
  return table + "</table>\n";
}

constexpr const char* kNotReady = "tailmeter is not ready: it is still counting what was in the logs at its start.\n";

constexpr const char* kNotTrusted =
    "403 only who is on this machine, or has a password or a verified certificate, may do this\n";

constexpr const char* kNoAnswer = "503 the logs could not be read in time; try again\n";

WebResponse json_response(std::shared_ptr<const std::string> body) {
  if (body == nullptr) return plain_response(503, kNoAnswer);
  WebResponse response;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

// As Prometheus has them; a client need not escape any of it.
bool is_metric_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
  });
}

std::chrono::milliseconds patience_of(const WebRequest& request) {
  return scrape_patience(request.header("x-prometheus-scrape-timeout-seconds"));
}

}  // namespace

std::chrono::milliseconds scrape_patience(std::string_view scrape_timeout) {
  constexpr double kDefaultSeconds = 5;
  constexpr double kLargestSeconds = 120;
  constexpr double kPart = 0.9;  // the rest is for the way
  double seconds = 0;
  const char* const end = scrape_timeout.data() + scrape_timeout.size();
  const auto read = std::from_chars(scrape_timeout.data(), end, seconds);
  if (read.ec != std::errc() || read.ptr != end || !(seconds > 0)) seconds = kDefaultSeconds;
  return std::chrono::milliseconds(static_cast<std::int64_t>(1000 * kPart * std::min(seconds, kLargestSeconds)));
}

WebResponse Router::respond(const WebRequest& request) const {
  if (request.path == "/-/reload") return reload(request);
  if (request.method != "GET" && request.method != "HEAD") {
    return refuse_method("405 only GET and HEAD are answered here; POST is for /-/reload\n", "GET, HEAD");
  }
  if (request.path == pages_.telemetry_path) return metrics(request);
  if (request.path == "/api/v1/status") return status(request);
  if (request.path == "/api/v1/series") return series(request);
  if (request.path == "/-/healthy") return plain_response(200, "tailmeter is healthy.\n");
  if (request.path == "/-/ready") return readiness();
  if (request.path == "/") return landing_page();
  return plain_response(404, fmt::format("404 nothing here; the metrics are at {}\n", pages_.telemetry_path));
}

WebResponse Router::metrics(const WebRequest& request) const {
  if (!pages_.is_ready()) return plain_response(503, kNotReady);
  const Negotiated chosen = negotiate_format(request.header("accept"), pages_.with_created);
  const ContentCoding coding = negotiate_coding(request.header("accept-encoding"));
  WebResponse response;
  response.body = pages_.metrics({chosen.format, coding}, patience_of(request));
  if (response.body == nullptr) return plain_response(503, kNoAnswer);
  response.content_type = chosen.content_type;
  response.headers.emplace_back("Vary", "Accept, Accept-Encoding");
  if (coding != ContentCoding::kIdentity) {
    response.headers.emplace_back("Content-Encoding", coding == ContentCoding::kGzip ? "gzip" : "zstd");
  }
  return response;
}

WebResponse Router::status(const WebRequest& request) const {
  return json_response(pages_.status(patience_of(request)));
}

// What logs contain is for who may see it. Whoever scrapes the metrics sees it too: that is what they are for.
WebResponse Router::series(const WebRequest& request) const {
  if (!request.is_trusted()) return plain_response(403, kNotTrusted);
  constexpr std::string_view kMetric = "metric=";
  std::string_view metric = request.query;
  if (metric.starts_with(kMetric)) metric.remove_prefix(kMetric.size());
  const bool is_asked_for_one = metric.size() < request.query.size();
  if (is_asked_for_one ? !is_metric_name(metric) : !metric.empty()) {
    return plain_response(400, "400 write /api/v1/series, or /api/v1/series?metric=NAME\n");
  }
  if (!pages_.is_ready()) return plain_response(503, kNotReady);
  Pages::Series series = pages_.series(std::string(metric), patience_of(request));
  if (!series.is_known) {
    return plain_response(404, "404 no metric of the rule file has this name; /api/v1/status lists them\n");
  }
  return json_response(std::move(series.page));
}

WebResponse Router::readiness() const {
  if (!pages_.is_ready()) return plain_response(503, kNotReady);
  const std::size_t unreadable = pages_.unreadable_files();
  if (unreadable == 0) return plain_response(200, "tailmeter is ready.\n");
  return plain_response(
      200, fmt::format("tailmeter is ready, but for {} files or directories that it cannot read; its log names "
                       "them.\n",
                       unreadable));
}

WebResponse Router::reload(const WebRequest& request) const {
  if (request.method != "POST") return refuse_method("405 only POST takes over the rule file\n", "POST");
  if (!request.header("origin").empty()) {
    return plain_response(403, "403 a page in a browser may not do this; use curl -X POST\n");
  }
  if (!request.is_trusted()) {
    return plain_response(403, kNotTrusted);
  }
  if (!pages_.is_ready()) return plain_response(503, kNotReady);
  const Pages::Outcome outcome = pages_.reload();
  return plain_response(outcome.status, outcome.text + '\n');
}

WebResponse Router::landing_page() const {
  WebResponse response = plain_response(
      200, fmt::format(kLandingPage, fmt::arg("version", pages_.version), fmt::arg("path", pages_.telemetry_path),
                       fmt::arg("series", series_table(pages_.labels()))));
  response.content_type = "text/html; charset=utf-8";
  return response;
}

}  // namespace tailmeter
