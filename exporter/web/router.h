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

#include "exporter/web/exposition/exposition.h"
#include "exporter/web/message.h"
#include "rules/series/worst_labels.h"

namespace tailmeter {

// How long an answer may take: a little less than the scraper waits, five seconds for one that does not say.
[[nodiscard]] std::chrono::milliseconds scrape_patience(std::string_view scrape_timeout);

// What the pages show. The functions are called on web threads.
struct Pages {
  std::string telemetry_path = "/metrics";
  std::string version;
  bool with_created = false;  // what OpenMetrics is to hold
  using MetricsPage = std::function<std::shared_ptr<const std::string>(Exposition, std::chrono::milliseconds patience)>;
  MetricsPage metrics;                              // null: no answer
  std::function<std::vector<WorstLabel>()> labels;  // of the newest answer
  // JSON: the program's own metrics; the samples of one metric, of all if its name is empty. Null: no answer.
  using JsonPage = std::shared_ptr<const std::string>;
  std::function<JsonPage(std::chrono::milliseconds patience)> status;
  struct Series {
    bool is_known = true;  // there is such a metric
    JsonPage page;
  };
  std::function<Series(const std::string& metric, std::chrono::milliseconds patience)> series;
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
  [[nodiscard]] WebResponse metrics(const WebRequest& request) const;
  [[nodiscard]] WebResponse status(const WebRequest& request) const;
  [[nodiscard]] WebResponse series(const WebRequest& request) const;
  [[nodiscard]] WebResponse readiness() const;
  [[nodiscard]] WebResponse reload(const WebRequest& request) const;
  [[nodiscard]] WebResponse landing_page() const;

  Pages pages_;
};

}  // namespace tailmeter
