// A request as the pages see it, and what they answer. Value types; any thread may use its own.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/web/peer.h"

namespace tailmeter {

struct WebRequest {
  std::string method;
  std::string path;  // without the query
  std::string query{};
  std::map<std::string, std::string, std::less<>> headers{};  // by their names in lower case; several are one list
  PeerGroup peer_group{};                                     // with whom the client shares its limits
  bool is_local = false;                                      // from this machine: a loopback address, a unix socket
  bool is_authenticated = false;                              // by a password or a certificate that was checked

  // "" if there is none.
  [[nodiscard]] std::string_view header(std::string_view lower_case_name) const {
    const auto found = headers.find(lower_case_name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  }

  // May change things, and see what clients wrote into logs. A client of a proxy on this machine is none of this
  // machine, if the proxy says that it is one.
  [[nodiscard]] bool is_trusted() const {
    const bool is_forwarded = !header("forwarded").empty() || !header("x-forwarded-for").empty() ||
                              !header("x-real-ip").empty() || !header("via").empty();
    return is_authenticated || (is_local && !is_forwarded);
  }
};

struct WebResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::shared_ptr<const std::string> body;  // shared: a page of metrics goes to everyone who waits for it
  std::vector<std::pair<std::string, std::string>> headers{};  // besides those of the type and the length
};

[[nodiscard]] inline WebResponse plain_response(int status, std::string text) {
  WebResponse response;
  response.status = status;
  response.body = std::make_shared<const std::string>(std::move(text));
  return response;
}

}  // namespace tailmeter
