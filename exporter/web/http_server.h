// Serves a Router over HTTP/1.1 by cpp-httplib, the only place that knows it.
//
// The library parses requests and writes responses. What it leaves open is closed here: a request's head must arrive
// whole within a deadline and a size, a response must be taken within a deadline, ranges and compression are not
// negotiated, and stop() does not wait for clients.
//
// Owns HttpLimits::threads threads; each takes a connection and sees it to its end, while the others wait in the
// kernel's queue. A connection that cannot be taken is logged and tried again, with the address kept. start() and
// stop() are called by one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <system_error>

#include "exporter/web/listen_address.h"
#include "exporter/web/router.h"

namespace tailmeter {

struct HttpLimits {
  std::size_t max_head_bytes = 16 * 1024;
  std::chrono::milliseconds head_deadline{2'000};       // from the first byte expected to the last of the head
  std::chrono::milliseconds response_deadline{30'000};  // from the first byte written to the last taken
  std::size_t threads = 8;
  int backlog = 128;
};

class HttpServer {
 public:
  // `router` outlives the server. The listener, if any, hears on a thread of the server's that connections cannot be
  // taken, once until they can: that is tried again and again.
  using TroubleListener = std::function<void(const std::string& url, std::error_code error)>;
  HttpServer(ListenAddress address, const Router& router, HttpLimits limits = {}, TroubleListener on_trouble = {});
  ~HttpServer();

  // Listens and begins to answer. The error is that of the system if the address cannot be had, or the threads.
  [[nodiscard]] std::error_code start();

  // Cuts every connection and ends the threads. Returns at once if the server was not started.
  void stop();

  [[nodiscard]] std::string url() const;  // after start()

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tailmeter
