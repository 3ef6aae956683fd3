#include "exporter/exporter.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <system_error>

#include "exporter/label_census.h"
#include "exporter/log.h"
#include "exporter/loop.h"
#include "exporter/notify.h"
#include "exporter/open_files.h"
#include "exporter/version.h"
#include "exporter/web/access/access.h"
#include "exporter/web/router.h"
#include "exporter/web/status_json.h"

namespace tailmeter {
namespace {

constexpr std::chrono::seconds kReloadPatience{30};
// Web threads that may wait for a reload at once: the others are for scrapes.
constexpr int kReloadsMax = 2;

// An answer that cannot be had in time is the one before; null if there is none.
std::shared_ptr<Scrape> scrape(ScrapeQueue& scrapes, std::chrono::milliseconds patience) {
  if (std::shared_ptr<Scrape> scrape = scrapes.request(patience)) return scrape;
  const std::shared_ptr<Scrape> newest = scrapes.newest();
  return newest ? newest->late() : nullptr;
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

Pages make_pages(const ExporterSettings& settings, Requests& requests, std::atomic<int>& waiting, LabelCensus& census,
                 const Loop& loop) {
  Pages pages;
  pages.telemetry_path = settings.telemetry_path;
  pages.version = version();
  pages.with_created = settings.with_created;
  pages.metrics = [&](Exposition form, std::chrono::milliseconds patience) {
    const std::shared_ptr<Scrape> answer = scrape(requests.scrapes, patience);
    return answer ? answer->page(form) : nullptr;
  };
  pages.series = [&](const std::string& metric, std::chrono::milliseconds patience) -> Pages::Series {
    const std::shared_ptr<Scrape> answer = scrape(requests.scrapes, patience);
    if (!answer) return {.is_known = true, .page = nullptr};
    std::shared_ptr<const std::string> page = answer->json(metric);
    return {.is_known = page != nullptr, .page = std::move(page)};
  };
  pages.status = [&](std::chrono::milliseconds patience) -> Pages::JsonPage {
    if (!loop.is_ready()) return std::make_shared<const std::string>(status_json(version(), false, {}, {}));
    const std::shared_ptr<Scrape> answer = scrape(requests.scrapes, patience);
    if (!answer) return nullptr;
    return std::make_shared<const std::string>(
        status_json(version(), true, answer->own(), census.worst_labels(answer->snapshot())));
  };
  pages.labels = [&] {
    const std::shared_ptr<Scrape> newest = requests.scrapes.newest();
    return newest ? census.worst_labels(newest->snapshot()) : std::vector<WorstLabel>();
  };
  pages.is_ready = [&] { return loop.is_ready(); };
  pages.unreadable_files = [&] { return loop.unreadable_files(); };
  pages.reload = [&] { return reload(requests.reloads, waiting); };
  return pages;
}

void tell_of_web_config(const Access::News& news, HttpCounts& counts) {
  counts.is_web_config_in_force = news.is_in_force;
  if (news.is_in_force) return log(LogLevel::kInfo, "the web configuration is taken over");
  log(LogLevel::kError, "the web configuration is not taken over; the one before stays in force",
      {{"why", news.why_not}});
}

// Null for an empty path.
std::unique_ptr<Access> read_access(const std::string& path, HttpCounts& counts) {
  if (path.empty()) return nullptr;
  auto access =
      std::make_unique<Access>(path, [&counts](const Access::News& news) { tell_of_web_config(news, counts); });
  if (!access->warnings().empty()) log(LogLevel::kWarn, "the web configuration", {{"warnings", access->warnings()}});
  return access;
}

TlsSupplier tls_supplier(Access* access) {
  if (access == nullptr || !access->uses_tls()) return {};
  return [access] { return access->tls_context(); };
}

void warn_of_trouble(const std::string& url, std::error_code error) {
  log(LogLevel::kWarn, "cannot take a connection; trying again", {{"address", url}, {"error", error.message()}});
}

HttpLimits http_limits(const ExporterSettings& settings) {
  HttpLimits limits;
  limits.connections = take_open_files().connections;
  limits.requests = settings.max_requests;
  return limits;
}

void listen(HttpServer& server, ExporterSettings& settings) {
  for (const ListenAddress& address : settings.listen_addresses) {
    if (const std::error_code error = server.listen(address)) {
      throw std::system_error(error, "cannot listen on " + address_url(address, address.port));
    }
  }
  for (Descriptor& socket : settings.systemd_sockets) server.listen(std::move(socket));
  if (const std::error_code error = server.start()) {
    throw std::system_error(error, "cannot start the threads of the web server");
  }
  for (const std::string& url : server.urls()) log(LogLevel::kInfo, "listening", {{"address", url}});
}

}  // namespace

void run_exporter(LoadedRules rules, ExporterSettings settings) {
  HttpCounts counts;
  const std::unique_ptr<Access> access = read_access(settings.web_config_file, counts);
  Signals signals;
  Requests requests;
  std::atomic<int> waiting = 0;  // for a reload
  Loop loop(std::move(rules), settings.load_rules, settings.state_directory, signals, requests, counts);
  LabelCensus census;
  const Router router(make_pages(settings, requests, waiting, census, loop));
  const WebHandler page = [&](const WebRequest& request) { return router.respond(request); };
  const WebHandler guarded = [&](const WebRequest& request) { return access->respond(request, page); };
  HttpServer server(
      access ? guarded : page, counts,
      {.limits = http_limits(settings), .tls = tls_supplier(access.get()), .on_trouble = warn_of_trouble});
  listen(server, settings);
  loop.run();
  log(LogLevel::kInfo, "stopping");
  notify_systemd("STOPPING=1");
  requests.scrapes.close();
  requests.reloads.close();
  server.stop();
}

}  // namespace tailmeter
