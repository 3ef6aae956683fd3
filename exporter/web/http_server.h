// Serves pages over HTTP/1.1, on all addresses of the process.
//
// One front thread (http_front.h) holds all connections, and never waits for one: clients that are slow, idle or many
// cannot keep a scraper out. A few workers (workers.h) call the handler, and cpp-httplib between the two
// (responder.h). What a client may take is bounded by HttpLimits.
//
// All but the handler, the supplier and the listener belongs to one thread. SIGPIPE is ignored from the first server
// on.
#pragma once

#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "exporter/descriptors/descriptor.h"
#include "exporter/web/http_counts.h"
#include "exporter/web/http_front.h"
#include "exporter/web/http_limits.h"
#include "exporter/web/listen_address.h"
#include "exporter/web/responder.h"

namespace tailmeter {

struct HttpSettings {
  HttpLimits limits{};
  TlsSupplier tls{};             // none: nothing is encrypted
  TroubleListener on_trouble{};  // none: nobody hears of it
};

class HttpServer {
 public:
  // The handler is called by several threads at once. What it refers to, and `counts`, outlives the server. Throws
  // std::system_error if the system has no descriptors left.
  HttpServer(WebHandler handler, HttpCounts& counts, HttpSettings settings = {});
  ~HttpServer();

  // Clients can connect from now on, and are answered from start() on. A name stands for all of its addresses; one that
  // this machine does not have is no error if it has another. The error is that of the system, or a ListenError.
  [[nodiscard]] std::error_code listen(const ListenAddress& address);
  // The same for a socket that listens already.
  void listen(Descriptor socket);

  // Of what was listened on, in its order.
  [[nodiscard]] std::vector<std::string> urls() const;

  // Begins to answer. The error is that of the system if the threads cannot be had.
  [[nodiscard]] std::error_code start();

  // Cuts every connection, waits for the handler where it is being called, and ends the threads. Does nothing the
  // second time.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tailmeter
