#include "exporter/exporter.h"

#include <atomic>
#include <chrono>
#include <list>
#include <system_error>

#include "exporter/log.h"
#include "exporter/loop.h"
#include "exporter/notify.h"
#include "exporter/version.h"

namespace tailmeter {
namespace {

constexpr std::chrono::seconds kReloadPatience{30};
// Web threads that may wait for a reload at once: the others are for scrapes.
constexpr int kReloadsMax = 2;

// An answer that cannot be had in time is the one before.
std::shared_ptr<const std::string> metrics(ScrapeQueue& scrapes, std::chrono::milliseconds patience) {
  if (const std::shared_ptr<Scrape> scrape = scrapes.request(patience)) return scrape->text();
  const std::shared_ptr<Scrape> newest = scrapes.newest();
  return newest ? newest->late()->text() : nullptr;
}

Pages::Outcome reload(ReloadQueue& reloads, std::atomic<int>& waiting) {
  const bool may_wait = ++waiting <= kReloadsMax;
  const std::shared_ptr<const ReloadResult> result = may_wait ? reloads.request(kReloadPatience) : nullptr;
  --waiting;
  if (!may_wait) return {503, "503 others wait for a reload already; try again"};
  if (!result) return {503, "503 the rule file was not taken over in time; it will be, if it is right"};
  switch (result->outcome) {
    case ReloadResult::Outcome::kDone:
      return {200, "the rule file is taken over"};
    case ReloadResult::Outcome::kWrongRules:
      return {400, result->message};
    case ReloadResult::Outcome::kFailed:
      break;
  }
  return {500, result->message};
}

Pages make_pages(const ExporterSettings& settings, Requests& requests, std::atomic<int>& waiting, const Loop& loop) {
  Pages pages;
  pages.telemetry_path = settings.telemetry_path;
  pages.version = version();
  pages.metrics = [&](std::chrono::milliseconds patience) { return metrics(requests.scrapes, patience); };
  pages.labels = [&] {
    const std::shared_ptr<Scrape> newest = requests.scrapes.newest();
    return newest ? newest->labels() : std::vector<WorstLabel>();
  };
  pages.is_ready = [&] { return loop.is_ready(); };
  pages.unreadable_files = [&] { return loop.unreadable_files(); };
  pages.reload = [&] { return reload(requests.reloads, waiting); };
  return pages;
}

void warn_of_trouble(const std::string& url, std::error_code error) {
  log(LogLevel::kWarn, "cannot take a connection; trying again", {{"address", url}, {"error", error.message()}});
}

}  // namespace

void run_exporter(LoadedRules rules, const ExporterSettings& settings) {
  Signals signals;
  Requests requests;
  std::atomic<int> waiting = 0;  // for a reload
  Loop loop(std::move(rules), settings.load_rules, settings.state_directory, signals, requests);
  const Router router(make_pages(settings, requests, waiting, loop));
  std::list<HttpServer> servers;
  for (const ListenAddress& address : settings.listen_addresses) {
    HttpServer& server = servers.emplace_back(address, router, HttpLimits{}, warn_of_trouble);
    if (const std::error_code error = server.start()) {
      throw std::system_error(error, "cannot listen on " + address_url(address, address.port));
    }
    log(LogLevel::kInfo, "listening", {{"address", server.url()}});
  }
  loop.run();
  log(LogLevel::kInfo, "stopping");
  notify_systemd("STOPPING=1");
  requests.scrapes.close();
  requests.reloads.close();
  for (HttpServer& server : servers) server.stop();
}

}  // namespace tailmeter
