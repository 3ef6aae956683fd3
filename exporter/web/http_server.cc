#include "exporter/web/http_server.h"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include <httplib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tailmeter {
namespace {

using Clock = std::chrono::steady_clock;

// A connection under absolute deadlines: a client that sends or takes a byte now and then does not hold its thread.
class DeadlineStream final : public httplib::Stream {
 public:
  DeadlineStream(int fd, const HttpLimits& limits) : fd_(fd), limits_(limits) {}

  // The next request's head may take its time from now on.
  void expect_request() {
    read_deadline_ = Clock::now() + limits_.head_deadline;
    read_budget_bytes_ = limits_.max_head_bytes;
    write_deadline_.reset();
  }

  // False when the deadline passes or the connection ends first.
  [[nodiscard]] bool wait_for_request() const { return wait(POLLIN, read_deadline_); }

  bool is_readable() const override { return wait(POLLIN, read_deadline_); }
  bool is_writable() const override { return true; }

  ssize_t read(char* bytes, std::size_t size) override {
    size = std::min(size, read_budget_bytes_);
    if (size == 0 || !wait(POLLIN, read_deadline_)) return -1;
    const ssize_t got = ::recv(fd_, bytes, size, 0);
    if (got > 0) read_budget_bytes_ -= static_cast<std::size_t>(got);
    return got;
  }

  ssize_t write(const char* bytes, std::size_t size) override {
    if (!write_deadline_) write_deadline_ = Clock::now() + limits_.response_deadline;
    for (;;) {
      const ssize_t sent = ::send(fd_, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0 || (errno != EAGAIN && errno != EINTR) || !wait(POLLOUT, *write_deadline_)) return sent;
    }
  }

  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override { get_remote_ip_and_port(ip, port); }
  socket_t socket() const override { return fd_; }

 private:
  [[nodiscard]] bool wait(short events, Clock::time_point deadline) const {
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
      if (left <= 0) return false;
      pollfd poll{fd_, events, 0};
      const int ready = ::poll(&poll, 1, static_cast<int>(left));
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) return false;
    }
  }

  int fd_;
  const HttpLimits& limits_;
  Clock::time_point read_deadline_;
  std::size_t read_budget_bytes_ = 0;
  std::optional<Clock::time_point> write_deadline_;
};

}  // namespace

class HttpServer::Impl final : public httplib::Server {
 public:
  Impl(ListenAddress address, const Router& router, HttpLimits limits)
      : address_(std::move(address)), router_(router), limits_(limits) {
    new_task_queue = [this] { return new httplib::ThreadPool(limits_.threads); };
    set_payload_max_length(0);
    // Not the library's SO_REUSEPORT: a second exporter on the same port must be refused, not share the scrapes.
    set_socket_options([](socket_t fd) {
      const int on = 1;
      ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      respond(request, response);
      return HandlerResponse::Handled;
    });
    set_exception_handler([](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
      response.status = 500;
      response.set_content("500 this is a fault of tailmeter; please report it\n", "text/plain");
    });
  }

  ~Impl() override { end(); }

  std::error_code begin() {
    if (address_.is_unix) {
      ::unlink(address_.host.c_str());  // left by a run that was killed; a live owner holds the state lock
      set_address_family(AF_UNIX);
    }
    errno = 0;
    const std::string host = address_.host.empty() ? "::" : address_.host;
    port_ = address_.port;
    // A port of 0 means "any" to bind_to_any_port() and is what a unix socket must not have.
    const bool is_bound = address_.is_unix ? bind_to_port(host, 80)
                          : port_ == 0     ? (port_ = bind_to_any_port(host)) > 0
                                           : bind_to_port(host, port_);
    if (!is_bound) return {errno != 0 ? errno : EADDRNOTAVAIL, std::system_category()};
    if (::listen(svr_sock_, limits_.backlog) != 0) return {errno, std::system_category()};
    thread_ = std::thread([this] { listen_after_bind(); });
    while (!is_running()) std::this_thread::yield();
    return {};
  }

  void end() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      is_ending_ = true;
      for (const int fd : connections_) ::shutdown(fd, SHUT_RDWR);
    }
    stop();
    thread_.join();
    if (address_.is_unix) ::unlink(address_.host.c_str());
  }

  [[nodiscard]] std::string url() const { return address_url(address_, port_); }

 private:
  // In place of the library's own loop, which waits for each byte anew.
  bool process_and_close_socket(socket_t fd) override {
    if (!enter(fd)) {
      ::close(fd);
      return false;
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    DeadlineStream stream(fd, limits_);
    bool is_closed = false;
    while (!is_closed) {
      stream.expect_request();
      if (!stream.wait_for_request()) break;
      const auto strip = [](httplib::Request& request) {
        request.ranges.clear();
        request.headers.erase("Accept-Encoding");
      };
      if (!process_request(stream, false, is_closed, strip)) break;
    }
    leave(fd);
    return true;
  }

  bool enter(int fd) {
    const std::lock_guard lock(mutex_);
    if (is_ending_) return false;
    connections_.insert(fd);
    return true;
  }

  void leave(int fd) {
    const std::lock_guard lock(mutex_);  // held over close(): end() must not shut down a number that was given out anew
    connections_.erase(fd);
    ::shutdown(fd, SHUT_RDWR);
    ::close(fd);
  }

  void respond(const httplib::Request& request, httplib::Response& response) const {
    const WebResponse answer = router_.respond({request.method, request.path});
    response.status = answer.status;
    if (!answer.allow.empty()) response.set_header("Allow", answer.allow);
    const auto body = answer.body;
    response.set_content_provider(body->size(), answer.content_type,
                                  [body](std::size_t offset, std::size_t size, httplib::DataSink& sink) {
                                    return sink.write(body->data() + offset, size);
                                  });
  }

  ListenAddress address_;
  const Router& router_;
  HttpLimits limits_;
  int port_ = 0;
  std::thread thread_;
  std::mutex mutex_;
  std::set<int> connections_;
  bool is_ending_ = false;
};

HttpServer::HttpServer(ListenAddress address, const Router& router, HttpLimits limits)
    : impl_(std::make_unique<Impl>(std::move(address), router, limits)) {}
HttpServer::~HttpServer() = default;
std::error_code HttpServer::start() {
  return impl_->begin();
}
void HttpServer::stop() {
  impl_->end();
}
std::string HttpServer::url() const {
  return impl_->url();
}

}  // namespace tailmeter
