// A socket that is listened on, watched by the front thread: when connections cannot be taken, that is told, and tried
// again after a while.
//
// Belongs to the front thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <system_error>

#include "exporter/descriptors/epoll.h"
#include "exporter/web/http_limits.h"
#include "exporter/web/listening_socket.h"
#include "exporter/web/standing.h"

namespace tailmeter {

// Hears on the front thread that connections cannot be taken, at most once a minute for each address. Taking them is
// tried again and again.
using TroubleListener = std::function<void(const std::string& url, std::error_code error)>;

class Listener {
 public:
  // `url` is what is told. What is given by reference outlives it. Throws std::system_error.
  Listener(std::unique_ptr<ListeningSocket> socket, std::string url, Epoll& epoll, std::uint64_t token,
           const HttpLimits& limits, const TroubleListener& on_trouble);

  [[nodiscard]] ListeningSocket& socket() { return *socket_; }
  [[nodiscard]] const std::string& url() const { return url_; }

  void tell(std::error_code error, TimePoint now);
  // Tells it, and is not watched for a while.
  void pause(int error, TimePoint now);
  // When that is over; TimePoint::max() for one that is watched.
  [[nodiscard]] TimePoint paused_until() const { return paused_until_; }
  // If it is over: opens a socket that has broken again.
  void resume(TimePoint now);

 private:
  const std::unique_ptr<ListeningSocket> socket_;
  const std::string url_;
  Epoll& epoll_;
  const std::uint64_t token_;
  const HttpLimits& limits_;
  const TroubleListener& on_trouble_;
  bool is_broken_ = false;
  TimePoint paused_until_ = TimePoint::max();
  TimePoint silent_until_{};  // its trouble was told
};

}  // namespace tailmeter
