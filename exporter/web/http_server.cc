#include "exporter/web/http_server.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

#include <httplib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace tailmeter {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kAcceptPause{100};

// What the library would negotiate or refuse, and we do not look at.
constexpr std::string_view kIgnoredHeaders[] = {"range", "if-range", "accept-encoding", "expect"};
constexpr std::string_view kBodyHeaders[] = {"content-length", "transfer-encoding"};

bool is_header_among(std::string_view line, std::span<const std::string_view> names) {
  const std::string_view name = line.substr(0, line.find(':'));
  return std::any_of(names.begin(), names.end(), [&](std::string_view other) {
    return std::equal(name.begin(), name.end(), other.begin(), other.end(), [](char left, char right) {
      return (left >= 'A' && left <= 'Z' ? left - 'A' + 'a' : left) == right;
    });
  });
}

// A connection that gives the library one request head at a time, and only when it is complete: a client that sends a
// byte now and then does not hold a request open, and what follows a request that is refused is never taken for
// another.
class RequestStream final : public httplib::Stream {
 public:
  RequestStream(int fd, const HttpLimits& limits) : fd_(fd), limits_(limits) {}

  // Waits for the next head. False when it does not come in time, is too long, or must not come any more.
  [[nodiscard]] bool next_request() {
    if (is_last_) return false;
    const Clock::time_point deadline = Clock::now() + limits_.head_deadline;
    received_.clear();
    head_.clear();
    handed_over_bytes_ = 0;
    write_deadline_.reset();
    std::size_t end = std::string::npos;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      char bytes[4096];
      if (received_.size() > limits_.max_head_bytes || !wait(POLLIN, deadline)) return false;
      const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
      if (got <= 0) return false;
      received_.append(bytes, static_cast<std::size_t>(got));
    }
    const std::size_t head_bytes = end + 4;
    if (head_bytes > limits_.max_head_bytes) return false;
    is_last_ = received_.size() > head_bytes;  // a body, or a request sent without waiting for the answer to this one
    take_head(std::string_view(received_).substr(0, head_bytes));
    return true;
  }

  bool is_readable() const override { return handed_over_bytes_ < head_.size(); }
  bool is_writable() const override { return true; }

  ssize_t read(char* bytes, std::size_t size) override {
    const std::size_t given = head_.copy(bytes, size, handed_over_bytes_);
    handed_over_bytes_ += given;
    return static_cast<ssize_t>(given);
  }

  ssize_t write(const char* bytes, std::size_t size) override {
    if (!write_deadline_) {
      write_deadline_ = Clock::now() + limits_.response_deadline;
      if (!std::string_view(bytes, size).starts_with("HTTP/1.1 2")) is_last_ = true;
    }
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
  void take_head(std::string_view head) {
    while (!head.empty()) {
      const std::size_t line_bytes = head.find("\r\n") + 2;
      const std::string_view line = head.substr(0, line_bytes);
      head.remove_prefix(line_bytes);
      if (is_header_among(line, kBodyHeaders)) is_last_ = true;
      if (!is_header_among(line, kIgnoredHeaders) && !is_header_among(line, kBodyHeaders)) head_ += line;
    }
  }

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
  std::string received_;
  std::string head_;  // as the library gets it
  std::size_t handed_over_bytes_ = 0;
  bool is_last_ = false;  // the connection ends after this answer
  std::optional<Clock::time_point> write_deadline_;
};

// A socket that a run left which was killed. False if something else has the name: that is not ours to remove.
bool remove_socket(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return true;
  return S_ISSOCK(status.st_mode) && ::unlink(path.c_str()) == 0;
}

// True if somebody listens on the unix socket at `path`.
bool is_answered(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  path.copy(address.sun_path, path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool is_answered = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return is_answered;
}

}  // namespace

class HttpServer::Impl final : public httplib::Server {
 public:
  Impl(ListenAddress address, const Router& router, HttpLimits limits, TroubleListener on_trouble)
      : address_(std::move(address)), router_(router), limits_(limits), on_trouble_(std::move(on_trouble)) {
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
      if (is_answered(address_.host)) return {EADDRINUSE, std::system_category()};
      if (!remove_socket(address_.host)) return {EEXIST, std::system_category()};
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
    try {
      while (threads_.size() < limits_.threads) threads_.emplace_back([this] { accept_connections(); });
    } catch (const std::system_error& error) {
      return error.code();
    }
    return {};
  }

  void end() {
    if (svr_sock_ == INVALID_SOCKET) return;
    {
      const std::lock_guard lock(mutex_);
      is_ending_ = true;
      for (const int fd : connections_) ::shutdown(fd, SHUT_RDWR);
    }
    ending_.notify_all();
    ::shutdown(svr_sock_, SHUT_RDWR);  // ends accept(2) in all threads
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    ::close(svr_sock_.exchange(INVALID_SOCKET));
    if (address_.is_unix) ::unlink(address_.host.c_str());
  }

  [[nodiscard]] std::string url() const { return address_url(address_, port_); }

 private:
  // In place of the library's own loop, which ends for ever when accept(2) fails once.
  void accept_connections() {
    while (!is_ending()) {
      const int fd = ::accept(svr_sock_, nullptr, nullptr);
      if (fd >= 0) {
        cannot_accept_ = false;
        serve(fd);
      } else if (errno != EINTR) {
        pause_accepting(errno);
      }
    }
  }

  // For want of descriptors or memory, mostly.
  void pause_accepting(int error) {
    std::unique_lock lock(mutex_);
    if (is_ending_) return;
    if (!cannot_accept_.exchange(true) && on_trouble_) on_trouble_(url(), {error, std::system_category()});
    ending_.wait_for(lock, kAcceptPause, [this] { return is_ending_; });
  }

  bool is_ending() {
    const std::lock_guard lock(mutex_);
    return is_ending_;
  }

  // In place of the library's own loop, which waits for each byte anew.
  void serve(int fd) {
    if (!enter(fd)) {
      ::close(fd);
      return;
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    RequestStream stream(fd, limits_);
    bool is_closed = false;
    while (!is_closed && stream.next_request()) {
      if (!process_request(stream, false, is_closed, nullptr)) break;
    }
    leave(fd);
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
    const WebResponse answer = router_.respond(
        {request.method, request.path, request.get_header_value("X-Prometheus-Scrape-Timeout-Seconds")});
    response.status = answer.status;
    if (!answer.allow.empty()) response.set_header("Allow", answer.allow);
    response.set_header("Accept-Ranges", "none");
    const auto body = answer.body;
    response.set_content_provider(body->size(), answer.content_type,
                                  [body](std::size_t offset, std::size_t size, httplib::DataSink& sink) {
                                    return sink.write(body->data() + offset, size);
                                  });
  }

  ListenAddress address_;
  const Router& router_;
  HttpLimits limits_;
  const TroubleListener on_trouble_;
  int port_ = 0;
  std::vector<std::thread> threads_;
  std::atomic<bool> cannot_accept_ = false;  // since the last connection that was taken; logged
  std::mutex mutex_;
  std::condition_variable ending_;
  std::set<int> connections_;
  bool is_ending_ = false;
};

HttpServer::HttpServer(ListenAddress address, const Router& router, HttpLimits limits, TroubleListener on_trouble)
    : impl_(std::make_unique<Impl>(std::move(address), router, limits, std::move(on_trouble))) {}
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
