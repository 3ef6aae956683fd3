#include "exporter/exporter.h"

#include <chrono>
#include <list>
#include <system_error>

#include "exporter/log.h"
#include "exporter/loop.h"
#include "exporter/notify.h"
#include "exporter/version.h"

namespace tailmeter {
namespace {

// An answer that cannot be had in time is the one before.
std::shared_ptr<const std::string> metrics(ScrapeQueue& scrapes, std::chrono::milliseconds patience) {
  if (const std::shared_ptr<Scrape> scrape = scrapes.request(patience)) return scrape->text();
  const std::shared_ptr<Scrape> newest = scrapes.newest();
  return newest ? newest->late()->text() : nullptr;
}

Pages make_pages(const ExporterSettings& settings, ScrapeQueue& scrapes, const Loop& loop) {
  Pages pages;
  pages.telemetry_path = settings.telemetry_path;
  pages.version = version();
  pages.metrics = [&scrapes](std::chrono::milliseconds patience) { return metrics(scrapes, patience); };
  pages.is_ready = [&loop] { return loop.is_ready(); };
  pages.unreadable_files = [&loop] { return loop.unreadable_files(); };
  return pages;
}

void warn_of_trouble(const std::string& url, std::error_code error) {
  log(LogLevel::kWarn, "cannot take a connection; trying again", {{"address", url}, {"error", error.message()}});
}

}  // namespace

void run_exporter(RuleSet& rules, const ExporterSettings& settings) {
  Signals signals;
  ScrapeQueue scrapes;
  Loop loop(rules, settings.sources, settings.inputs, settings.state_directory, signals, scrapes);
  const Router router(make_pages(settings, scrapes, loop));
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
  scrapes.close();
  for (HttpServer& server : servers) server.stop();
}

}  // namespace tailmeter
