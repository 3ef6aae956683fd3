#include "exporter/scrape.h"

#include <algorithm>

#include "exporter/web/exposition/json_format.h"
#include "exporter/web/exposition/own_families.h"

namespace tailmeter {
namespace {

// The page that somebody has yet, or a new one.
template <typename Make>
std::shared_ptr<const std::string> shared(std::weak_ptr<const std::string>& kept, const Make& make) {
  std::shared_ptr<const std::string> page = kept.lock();
  if (page == nullptr) kept = page = std::make_shared<const std::string>(make());
  return page;
}

}  // namespace

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

std::shared_ptr<const std::string> Scrape::page(Exposition exposition) {
  const std::lock_guard lock(mutex_);
  return shared(pages_[exposition], [&] { return render(exposition, snapshot(), snapshot_of(own_)); });
}

std::shared_ptr<const std::string> Scrape::json(const std::string& metric) {
  const bool is_known = metric.empty() || std::any_of(snapshot().begin(), snapshot().end(), [&](const auto& family) {
                          return family.description().name == metric;
                        });
  if (!is_known) return nullptr;
  const std::lock_guard lock(mutex_);
  return shared(json_[metric], [&] {
    std::string page = "{\"metrics\":";
    append_json(page, snapshot(), metric);
    page += "}\n";
    return page;
  });
}

}  // namespace tailmeter
