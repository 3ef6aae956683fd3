// What a scraper is answered, and the queue by which it asks.
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <prometheus/metric_family.h>

#include "exporter/request_queue.h"
#include "exporter/web/exposition/exposition.h"
#include "rules/series/snapshot.h"

namespace tailmeter {

// One of the program's own metrics without labels, and what it is set to.
struct OwnGauge {
  const char* name;
  double value;
};
// 1 while the series lack lines that were written before the scrape.
inline constexpr const char* kCatchingUpName = "tailmeter_catching_up";
// 0 while the disk does not take what is counted.
inline constexpr const char* kDurableName = "tailmeter_durable";

// One moment's answer: in each form rendered by the first thread that wants it, shared by all that send it meanwhile.
// Any thread.
class Scrape {
 public:
  Scrape(Snapshot snapshot, std::vector<prometheus::MetricFamily> own)
      : Scrape(std::make_shared<const Snapshot>(std::move(snapshot)), std::move(own)) {}

  // The same values, for one who asks when the next ones cannot be had: says that it is catching up. Made once.
  [[nodiscard]] std::shared_ptr<Scrape> late();

  // The same values with some of the program's own metrics set anew.
  [[nodiscard]] std::shared_ptr<Scrape> with(std::initializer_list<OwnGauge> gauges) const;

  [[nodiscard]] std::shared_ptr<const std::string> page(Exposition exposition);
  // The samples as JSON, of one metric alone if its name is not empty; null if there is none of that name.
  [[nodiscard]] std::shared_ptr<const std::string> json(const std::string& metric);
  [[nodiscard]] const Snapshot& snapshot() const { return *snapshot_; }
  [[nodiscard]] const std::vector<prometheus::MetricFamily>& own() const { return own_; }

 private:
  Scrape(std::shared_ptr<const Snapshot> snapshot, std::vector<prometheus::MetricFamily> own)
      : snapshot_(std::move(snapshot)), own_(std::move(own)) {}

  std::shared_ptr<const Snapshot> snapshot_;
  std::vector<prometheus::MetricFamily> own_;
  std::mutex mutex_;
  // Of many series they are large: nobody keeps them until the next scrape.
  using KeptPage = std::weak_ptr<const std::string>;
  std::map<Exposition, KeptPage> pages_;
  std::map<std::string, KeptPage> json_;  // by the metric
  std::once_flag late_once_;
  std::shared_ptr<Scrape> late_;
};

using ScrapeQueue = RequestQueue<Scrape>;

}  // namespace tailmeter
