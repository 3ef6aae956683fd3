#include "exporter/scrape.h"

#include "exporter/web/text_format.h"

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

std::shared_ptr<const std::string> Scrape::text() {
  const std::lock_guard lock(mutex_);
  if (const std::shared_ptr<const std::string> text = text_.lock()) return text;
  const auto text = std::make_shared<std::string>();
  append_text(*text, snapshot());
  append_text(*text, own_);
  text_ = text;
  return text;
}

}  // namespace tailmeter
