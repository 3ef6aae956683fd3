// Makes an answer of a request by cpp-httplib, the only place that knows it: the library parses the request line,
// undoes the path's escapes, hands the request over, and writes the head of the response.
//
// It sees no connection and no client: a stream in memory gives it the request line of a head that was checked, and
// takes the head of the response. The headers of the request are not shown to it, for we do not want what it would make
// of some (ranges, compression, names that shadow its own). The body stays where it is, however large.
//
// Belongs to one thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "exporter/web/message.h"

namespace tailmeter {

using WebHandler = std::function<WebResponse(const WebRequest&)>;

struct Answer {
  int status = 0;
  std::string head{};                         // to the end of the empty line, or to that of a short body; no Date
  std::shared_ptr<const std::string> body{};  // null: none, as for HEAD
};

class Responder {
 public:
  // The handler may throw: that is answered with 500.
  explicit Responder(WebHandler handler);
  ~Responder();

  // `request.path` is as it was sent; the handler gets it without escapes. `is_last`: the connection ends with it.
  [[nodiscard]] Answer respond(WebRequest request, bool is_last);

 private:
  class Library;
  std::unique_ptr<Library> library_;
};

}  // namespace tailmeter
