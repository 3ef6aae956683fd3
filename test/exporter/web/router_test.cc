#include "exporter/web/router.h"

#include <catch2/catch.hpp>

namespace tailmeter {
namespace {

struct Site {
  bool is_ready = true;
  std::shared_ptr<const std::string> metrics = std::make_shared<const std::string>("x 1\n");
  Exposition asked;
  std::vector<WorstLabel> labels;
  std::size_t unreadable_files = 0;
  int reloads = 0;
  Pages::Outcome reloaded;
  Router router{Pages{.telemetry_path = "/metrics",
                      .version = "1.2.3",
                      .metrics =
                          [this](Exposition form, auto) {
                            asked = form;
                            return metrics;
                          },
                      .labels = [this] { return labels; },
                      .status = [](auto) { return std::make_shared<const std::string>("{}\n"); },
                      .series =
                          [](const std::string& metric, auto) {
                            return Pages::Series{metric != "unknown_total",
                                                 std::make_shared<const std::string>("[\"" + metric + "\"]\n")};
                          },
                      .is_ready = [this] { return is_ready; },
                      .unreadable_files = [this] { return unreadable_files; },
                      .reload =
                          [this] {
                            ++reloads;
                            return reloaded;
                          }}};

  std::string get(const std::string& path, const std::string& method = "GET") {
    WebRequest request{method, path};
    request.is_local = true;
    return answer_to(request);
  }

  std::string answer_to(const WebRequest& request) {
    const WebResponse response = router.respond(request);
    std::string answer = std::to_string(response.status) + " " + response.content_type;
    for (const auto& [name, value] : response.headers) answer += " " + name + ": " + value;
    return answer + "\n" + *response.body;
  }
};

TEST_CASE("each path has its answer", "[web]") {
  Site site;
  CHECK(site.get("/metrics") == "200 text/plain; version=0.0.4; charset=utf-8 Vary: Accept, Accept-Encoding\nx 1\n");
  CHECK(site.get("/metrics", "HEAD") ==
        "200 text/plain; version=0.0.4; charset=utf-8 Vary: Accept, Accept-Encoding\nx 1\n");
  CHECK(site.get("/-/healthy") == "200 text/plain; charset=utf-8\ntailmeter is healthy.\n");
  CHECK(site.get("/-/ready") == "200 text/plain; charset=utf-8\ntailmeter is ready.\n");
  CHECK(site.get("/").find("200 text/html; charset=utf-8\n<!DOCTYPE html>") == 0);
  CHECK(site.get("/").find("Version 1.2.3") != std::string::npos);
  CHECK(site.get("/").find("<a href=\"/metrics\">") != std::string::npos);
}

TEST_CASE("the metrics are of the form that the client asks for", "[web]") {
  Site site;
  const WebResponse response = site.router.respond(
      {"GET", "/metrics", "", {{"accept", "application/openmetrics-text"}, {"accept-encoding", "gzip"}}});
  CHECK(site.asked == Exposition{ExpositionFormat::kOpenMetrics, ContentCoding::kGzip});
  CHECK(response.content_type == "application/openmetrics-text; version=1.0.0; charset=utf-8");
  CHECK(response.headers == std::vector<std::pair<std::string, std::string>>{{"Vary", "Accept, Accept-Encoding"},
                                                                             {"Content-Encoding", "gzip"}});
}

TEST_CASE("the API gives JSON, and of series all or those of one metric", "[web]") {
  Site site;
  const auto ask = [&](const std::string& path, const std::string& query) {
    WebRequest request{"GET", path, query};
    request.is_local = true;
    const WebResponse response = site.router.respond(request);
    return std::to_string(response.status) + " " + response.content_type + "\n" + *response.body;
  };
  CHECK(ask("/api/v1/status", "") == "200 application/json\n{}\n");
  CHECK(ask("/api/v1/series", "") == "200 application/json\n[\"\"]\n");
  CHECK(ask("/api/v1/series", "metric=a_total") == "200 application/json\n[\"a_total\"]\n");
  for (const char* query : {"x=a_total", "metric=", "metric=a%5ftotal", "metric=a_total&x=1", "metric"}) {
    CAPTURE(query);
    CHECK(ask("/api/v1/series", query) ==
          "400 text/plain; charset=utf-8\n400 write /api/v1/series, or /api/v1/series?metric=NAME\n");
  }
  CHECK(ask("/api/v1/series", "metric=unknown_total") ==
        "404 text/plain; charset=utf-8\n404 no metric of the rule file has this name; /api/v1/status lists them\n");
  CHECK(ask("/api/v1/", "").substr(0, 3) == "404");
  site.is_ready = false;
  CHECK(ask("/api/v1/series", "").substr(0, 3) == "503");
}

TEST_CASE("the landing page shows what metrics have how many series, and by which label", "[web]") {
  Site site;
  CHECK(site.get("/").find("<table>") == std::string::npos);
  site.labels = {{"requests_total", 6, 500, "uri", 4}};
  CHECK(site.get("/").find("<tr><td>requests_total</td><td>6</td><td>500</td><td>uri</td><td>4</td></tr>\n") !=
        std::string::npos);
}

TEST_CASE("an answer takes a little less than the scraper waits", "[web]") {
  const auto [header, milliseconds] = GENERATE(table<std::string, int>({{"10.000000", 9'000},
                                                                        {"10", 9'000},
                                                                        {"0.5", 450},
                                                                        {"", 4'500},
                                                                        {"soon", 4'500},
                                                                        {"10s", 4'500},
                                                                        {"0", 4'500},
                                                                        {"-3", 4'500},
                                                                        {"nan", 4'500},
                                                                        {"inf", 108'000},
                                                                        {"1e9", 108'000}}));
  CAPTURE(header);
  CHECK(scrape_patience(header) == std::chrono::milliseconds(milliseconds));
}

TEST_CASE("what is not there is said without a word of the client's own", "[web]") {
  Site site;
  for (const char* path : {"/metrics/", "/METRICS", "/../etc/passwd", "/<script>", "", "/metrics%20"}) {
    CAPTURE(path);
    CHECK(site.get(path) == "404 text/plain; charset=utf-8\n404 nothing here; the metrics are at /metrics\n");
  }
  CHECK(site.get("/metrics", "POST") ==
        "405 text/plain; charset=utf-8 Allow: GET, HEAD\n405 only GET and HEAD are answered here; POST is for "
        "/-/reload\n");
}

TEST_CASE("before all is counted the program is healthy but not ready, and a late answer is an error", "[web]") {
  Site site;
  site.is_ready = false;
  site.metrics = nullptr;
  CHECK(site.get("/-/healthy").substr(0, 3) == "200");
  CHECK(site.get("/-/ready").substr(0, 3) == "503");
  const std::string not_ready =
      "503 text/plain; charset=utf-8\ntailmeter is not ready: it is still counting what was in the logs at its "
      "start.\n";
  CHECK(site.get("/metrics") == not_ready);
  site.is_ready = true;
  CHECK(site.get("/metrics") == "503 text/plain; charset=utf-8\n503 the logs could not be read in time; try again\n");
}

TEST_CASE("ready says how much cannot be read", "[web]") {
  Site site;
  site.unreadable_files = 2;
  CHECK(
      site.get("/-/ready") ==
      "200 text/plain; charset=utf-8\ntailmeter is ready, but for 2 files or directories that it cannot read; its log "
      "names them.\n");
}

TEST_CASE("the rule file is taken over, and samples shown as JSON, for who is on this machine, or is known", "[web]") {
  struct Row {
    bool is_local, is_authenticated;
    std::string header;
    bool is_trusted;
  };
  const Row row = GENERATE(values<Row>({{false, false, "", false},
                                        {true, false, "", true},
                                        {false, true, "", true},
                                        {true, false, "x-forwarded-for", false},
                                        {true, false, "forwarded", false},
                                        {true, false, "x-real-ip", false},
                                        {true, false, "via", false},
                                        {true, false, "user-agent", true},
                                        {true, true, "x-forwarded-for", true}}));
  CAPTURE(row.is_local, row.is_authenticated, row.header);
  Site site;
  site.reloaded = {200, "the rule file is taken over"};
  WebRequest request{"POST", "/-/reload"};
  request.is_local = row.is_local;
  request.is_authenticated = row.is_authenticated;
  if (!row.header.empty()) request.headers[row.header] = "192.0.2.1";
  const std::string refused =
      "403 text/plain; charset=utf-8\n403 only who is on this machine, or has a password or a verified certificate, "
      "may do this\n";
  CHECK(site.answer_to(request) ==
        (row.is_trusted ? "200 text/plain; charset=utf-8\nthe rule file is taken over\n" : refused));
  CHECK(site.reloads == (row.is_trusted ? 1 : 0));
  request.method = "GET";
  request.path = "/api/v1/series";
  CHECK(site.answer_to(request) == (row.is_trusted ? "200 application/json\n[\"\"]\n" : refused));
}

TEST_CASE("no page of a browser on this machine takes over the rule file, whatever it calls itself", "[web]") {
  Site site;
  WebRequest request{"POST", "/-/reload"};
  request.is_local = request.is_authenticated = true;
  for (const char* origin : {"http://evil.example", "http://127.0.0.1:10564", "null"}) {
    request.headers = {{"host", "evil.example"}, {"origin", origin}};
    CHECK(site.answer_to(request) ==
          "403 text/plain; charset=utf-8\n403 a page in a browser may not do this; use curl -X POST\n");
  }
  CHECK(site.reloads == 0);
}

TEST_CASE("the rule file is taken over by POST alone, and only when all is counted", "[web]") {
  Site site;
  for (const char* method : {"GET", "HEAD", "PUT"}) {
    CHECK(site.get("/-/reload", method) ==
          "405 text/plain; charset=utf-8 Allow: POST\n405 only POST takes over the rule file\n");
  }
  site.is_ready = false;
  CHECK(site.get("/-/reload", "POST").substr(0, 3) == "503");
  CHECK(site.reloads == 0);
  site.is_ready = true;
  site.reloaded = {200, "the rule file is taken over"};
  CHECK(site.get("/-/reload", "POST") == "200 text/plain; charset=utf-8\nthe rule file is taken over\n");
  site.reloaded = {400, "r.yml:1:1: no"};
  CHECK(site.get("/-/reload", "POST") == "400 text/plain; charset=utf-8\nr.yml:1:1: no\n");
  CHECK(site.reloads == 2);
}

}  // namespace
}  // namespace tailmeter
