#include "exporter/scrape.h"

#include "exporter/web/exposition/own_families.h"

namespace tailmeter {

std::shared_ptr<Scrape> Scrape::late() {
  std::call_once(late_once_, [this] { late_ = with({{kCatchingUpName, 1}}); });
  return late_;
}

std::shared_ptr<Scrape> Scrape::with(std::initializer_list<OwnGauge> gauges) const {
  std::vector<prometheus::MetricFamily> own = own_;
  for (prometheus::MetricFamily& family : own) {
    for (const OwnGauge& gauge : gauges) {
      if (family.name == gauge.name) family.metric.front().gauge.value = gauge.value;
    }
  }
  return std::shared_ptr<Scrape>(new Scrape(snapshot_, std::move(own)));
}

const std::vector<WorstLabel>& Scrape::labels() {
  std::call_once(labels_once_, [this] { labels_ = worst_labels(snapshot()); });
  return labels_;
}

std::shared_ptr<const std::string> Scrape::page(Exposition exposition) {
  const std::lock_guard lock(mutex_);
  std::weak_ptr<const std::string>& known = pages_[exposition];
  if (const std::shared_ptr<const std::string> page = known.lock()) return page;
  const auto page = std::make_shared<const std::string>(render(exposition, snapshot(), snapshot_of(own_)));
  known = page;
  return page;
}

}  // namespace tailmeter
