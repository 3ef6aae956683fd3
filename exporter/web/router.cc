#include "exporter/web/router.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include <fmt/format.h>

#include "exporter/web/text_format.h"

namespace tailmeter {
namespace {

WebResponse plain(int status, std::string text) {
  WebResponse response;
  response.status = status;
  response.body = std::make_shared<const std::string>(std::move(text));
  return response;
}

WebResponse refuse_method(std::string text, std::string allowed) {
  WebResponse response = plain(405, std::move(text));
  response.allow = std::move(allowed);
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

}  // namespace

std::chrono::milliseconds scrape_patience(const std::string& scrape_timeout) {
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
  if (request.path == "/-/reload") return reload(request.method);
  if (request.method != "GET" && request.method != "HEAD") {
    return refuse_method("405 only GET and HEAD are answered here\n", "GET, HEAD");
  }
  if (request.path == pages_.telemetry_path) {
    if (!pages_.is_ready()) return plain(503, kNotReady);
    WebResponse response;
    response.body = pages_.metrics(scrape_patience(request.scrape_timeout));
    if (response.body == nullptr) return plain(503, "503 the logs could not be read in time; try again\n");
    response.content_type = kTextContentType;
    return response;
  }
  if (request.path == "/-/healthy") return plain(200, "tailmeter is healthy.\n");
  if (request.path == "/-/ready") return readiness();
  if (request.path == "/") return landing_page();
  return plain(404, fmt::format("404 nothing here; the metrics are at {}\n", pages_.telemetry_path));
}

WebResponse Router::readiness() const {
  if (!pages_.is_ready()) return plain(503, kNotReady);
  const std::size_t unreadable = pages_.unreadable_files();
  if (unreadable == 0) return plain(200, "tailmeter is ready.\n");
  return plain(200,
               fmt::format("tailmeter is ready, but for {} files or directories that it cannot read; its log names "
                           "them.\n",
                           unreadable));
}

WebResponse Router::reload(const std::string& method) const {
  if (method != "POST") return refuse_method("405 only POST takes over the rule file\n", "POST");
  if (!pages_.is_ready()) return plain(503, kNotReady);
  const Pages::Outcome outcome = pages_.reload();
  return plain(outcome.status, outcome.text + '\n');
}

WebResponse Router::landing_page() const {
  WebResponse response =
      plain(200, fmt::format(kLandingPage, fmt::arg("version", pages_.version), fmt::arg("path", pages_.telemetry_path),
                             fmt::arg("series", series_table(pages_.labels()))));
  response.content_type = "text/html; charset=utf-8";
  return response;
}

}  // namespace tailmeter
