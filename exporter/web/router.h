// What is answered on which path. Knows nothing of sockets.
//
// Routes are compared as plain strings; nothing that a client sends is echoed, and there is no page of files. Any
// thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rules/series/worst_labels.h"

namespace tailmeter {

struct WebRequest {
  std::string method;
  std::string path;              // without the query
  std::string scrape_timeout{};  // the header X-Prometheus-Scrape-Timeout-Seconds: when the scraper gives up
};

// How long an answer may take: a little less than the scraper waits, five seconds for one that does not say.
[[nodiscard]] std::chrono::milliseconds scrape_patience(const std::string& scrape_timeout);

struct WebResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::shared_ptr<const std::string> body;  // shared: a page of metrics goes to everyone who waits for it
  std::string allow;                        // the Allow header of a 405
};

// What the pages show. The functions are called on web threads.
struct Pages {
  std::string telemetry_path = "/metrics";
  std::string version;
  std::function<std::shared_ptr<const std::string>(std::chrono::milliseconds patience)> metrics;  // null: no answer
  std::function<std::vector<WorstLabel>()> labels;  // of the newest answer
  std::function<bool()> is_ready;
  std::function<std::size_t()> unreadable_files;  // also directories
  struct Outcome {
    int status = 200;
    std::string text;  // without the newline
  };
  std::function<Outcome()> reload;  // takes over the rule file; called when ready
};

class Router {
 public:
  explicit Router(Pages pages) : pages_(std::move(pages)) {}

  [[nodiscard]] WebResponse respond(const WebRequest& request) const;

 private:
  [[nodiscard]] WebResponse readiness() const;
  [[nodiscard]] WebResponse reload(const std::string& method) const;
  [[nodiscard]] WebResponse landing_page() const;

  Pages pages_;
};

}  // namespace tailmeter
