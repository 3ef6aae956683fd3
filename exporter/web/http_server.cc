#include "exporter/web/http_server.h"

#include <csignal>
#include <optional>
#include <thread>
#include <utility>

#include "exporter/web/listen_error.h"

namespace tailmeter {

class HttpServer::Impl {
 public:
  Impl(WebHandler handler, HttpCounts& counts, HttpSettings settings)
      : limits_(settings.limits),
        workers_(std::move(handler), limits_.requests),
        front_(std::in_place, limits_, counts, workers_, std::move(settings.tls), std::move(settings.on_trouble)) {
    std::signal(SIGPIPE, SIG_IGN);
  }
  ~Impl() { stop(); }

  std::error_code listen(const ListenAddress& address) {
    std::error_code missing = ListenError::kNoAddress;
    bool listens = false;
    for (const ListenAddress& one : resolve(address)) {
      auto socket = std::make_unique<ListeningSocket>(one);
      const std::error_code error = socket->open(limits_.backlog);
      if (error == std::errc::address_not_available || error == std::errc::address_family_not_supported) {
        missing = error;
        continue;
      }
      if (error) return error;
      front_->add(std::move(socket));
      listens = true;
    }
    return listens ? std::error_code() : missing;
  }

  void listen(Descriptor socket) { front_->add(std::make_unique<ListeningSocket>(std::move(socket))); }

  [[nodiscard]] std::vector<std::string> urls() const { return front_->urls(); }

  std::error_code start() {
    try {
      workers_.start(limits_.workers);
      thread_ = std::thread([this] { front_->run(); });
    } catch (const std::system_error& error) {
      return error.code();
    }
    return {};
  }

  void stop() {
    if (!front_) return;
    front_->stop();
    if (thread_.joinable()) thread_.join();
    workers_.stop();
    front_.reset();  // the addresses are free
  }

 private:
  const HttpLimits limits_;
  Workers workers_;
  std::optional<HttpFront> front_;
  std::thread thread_;
};

HttpServer::HttpServer(WebHandler handler, HttpCounts& counts, HttpSettings settings)
    : impl_(std::make_unique<Impl>(std::move(handler), counts, std::move(settings))) {}
HttpServer::~HttpServer() = default;
std::error_code HttpServer::listen(const ListenAddress& address) {
  return impl_->listen(address);
}
void HttpServer::listen(Descriptor socket) {
  impl_->listen(std::move(socket));
}
std::vector<std::string> HttpServer::urls() const {
  return impl_->urls();
}
std::error_code HttpServer::start() {
  return impl_->start();
}
void HttpServer::stop() {
  impl_->stop();
}

}  // namespace tailmeter
