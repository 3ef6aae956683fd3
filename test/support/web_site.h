// A server on loopback for tests, and what its clients say and understand.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <future>
#include <string>
#include <thread>
#include <utility>

#include <catch2/catch.hpp>

#include "exporter/web/http_server.h"
#include "test/support/web_client.h"

namespace tailmeter {

inline std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
}
inline std::string get_last(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
}

inline std::string body_of(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}

// An answer without its Date, which it must have, now or a moment ago.
inline std::string without_date(std::string answer) {
  constexpr std::size_t kLineBytes = 37;  // "Date: Sun, 06 Nov 1994 08:49:37 GMT" and its end
  const std::size_t begin = answer.find("\r\nDate: ");
  REQUIRE(begin != std::string::npos);
  std::tm time{};
  REQUIRE(::strptime(answer.c_str() + begin + 2, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &time) != nullptr);
  const double age = std::difftime(std::time(nullptr), ::timegm(&time));
  CHECK((age >= 0 && age < 60));
  return answer.erase(begin + 2, kLineBytes);
}

inline WebResponse page(std::string text) {
  return plain_response(200, std::move(text));
}
inline WebHandler pages_of(const std::string& text) {
  return [text](const WebRequest&) { return page(text); };
}

// True once `condition` holds; false if it does not within ten seconds.
template <typename Condition>
bool comes_true(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

inline int port_of(const std::string& url) {
  return std::stoi(url.substr(url.rfind(':') + 1));
}

struct Site {
  explicit Site(WebHandler handler, HttpSettings settings = {})
      : server(std::move(handler), counts, std::move(settings)) {
    REQUIRE_FALSE(server.listen(parse_listen_address("127.0.0.1:0")));
    REQUIRE_FALSE(server.start());
    port = port_of(server.urls().at(0));
  }

  [[nodiscard]] std::string ask(const std::string& head) const {
    const WebClient client(port);
    client.send(head);
    return client.receive_all();
  }

  // How many had this status, one of HttpCounts::kStatuses.
  [[nodiscard]] std::uint64_t answers(int status) const {
    const auto& statuses = HttpCounts::kStatuses;
    return counts.answers.at(
        static_cast<std::size_t>(std::find(statuses.begin(), statuses.end(), status) - statuses.begin()));
  }

  HttpCounts counts;
  HttpServer server;
  int port = 0;
};

// A handler that answers when it is told to.
class Gate {
 public:
  WebHandler handler() {
    return [this](const WebRequest&) {
      ++waiting_;
      opened_.wait();
      return page("open\n");
    };
  }
  void open() { open_.set_value(); }
  [[nodiscard]] bool has_waiting(int count) const {
    return comes_true([&] { return waiting_ == count; });
  }

 private:
  std::promise<void> open_;
  std::shared_future<void> opened_ = open_.get_future().share();
  std::atomic<int> waiting_ = 0;
};

}  // namespace tailmeter
