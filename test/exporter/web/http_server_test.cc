// The server over real sockets on loopback.
#include "exporter/web/http_server.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "test/support/temporary_directory.h"

namespace tailmeter {
namespace {

Pages pages_with(decltype(Pages::metrics) metrics) {
  return {.telemetry_path = "/metrics",
          .version = "1",
          .metrics = std::move(metrics),
          .labels = [] { return std::vector<WorstLabel>(); },
          .is_ready = [] { return true; },
          .unreadable_files = [] { return std::size_t{0}; },
          .reload = [] { return Pages::Outcome{}; }};
}

using namespace std::chrono_literals;

class Client {
 public:
  explicit Client(int port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const timeval timeout{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(const std::string& text) { (void)::send(fd_, text.data(), text.size(), MSG_NOSIGNAL); }

  // What comes next; "" at the end of the connection.
  std::string receive() {
    char bytes[4096];
    const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
    return {bytes, static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
  }

  // Everything up to the end of the connection.
  std::string receive_all() {
    std::string all;
    char bytes[4096];
    for (ssize_t got = 0; (got = ::recv(fd_, bytes, sizeof bytes, 0)) > 0;)
      all.append(bytes, static_cast<std::size_t>(got));
    return all;
  }

 private:
  int fd_;
};

struct Site {
  explicit Site(HttpLimits limits = {}, HttpServer::TroubleListener on_trouble = {})
      : server(parse_listen_address("127.0.0.1:0"), router, limits, std::move(on_trouble)) {
    REQUIRE_FALSE(server.start());
    port = std::stoi(server.url().substr(server.url().rfind(':') + 1));
  }

  std::string get(const std::string& head) {
    Client client(port);
    client.send(head);
    return client.receive_all();
  }

  std::string body = std::string(100'000, 'm');
  Router router{pages_with([this](auto) { return std::make_shared<const std::string>(body); })};
  HttpServer server;
  int port = 0;
};

// Lets the process open nothing more.
class NoDescriptors {
 public:
  NoDescriptors() {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const rlimit none{3, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

const std::string kClose = "Connection: close\r\n\r\n";

TEST_CASE("a scrape is answered whole, with its length and type", "[web]") {
  Site site;
  const std::string answer = site.get("GET /metrics HTTP/1.1\r\nHost: x\r\n" + kClose);
  CHECK(answer.find("HTTP/1.1 200 OK\r\n") == 0);
  CHECK(answer.find("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n") != std::string::npos);
  CHECK(answer.find("Content-Length: 100000\r\n") != std::string::npos);
  CHECK(answer.substr(answer.find("\r\n\r\n") + 4) == site.body);
}

TEST_CASE("a file that is no socket is not removed to listen there", "[web]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "precious.txt";
  std::ofstream(path) << "text";
  const Router router{pages_with([](auto) { return nullptr; })};
  HttpServer server(parse_listen_address("unix:" + path), router);
  CHECK(server.start() == std::errc::file_exists);
  std::string text;
  CHECK((std::ifstream(path) >> text && text == "text"));
}

TEST_CASE("ranges and compression are not negotiated", "[web]") {
  Site site;
  const std::string plain = site.get("GET /metrics HTTP/1.1\r\nHost: x\r\n" + kClose);
  for (const char* header : {"Range: bytes=0-10,20-30,0-99999\r\n", "range: bytes=5-1\r\n", "RANGE: lines=1\r\n",
                             "Accept-Encoding: br, gzip\r\n"}) {
    CAPTURE(header);
    CHECK(site.get("GET /metrics HTTP/1.1\r\nHost: x\r\n" + std::string(header) + kClose) == plain);
  }
}

TEST_CASE("HEAD has the head of GET and no body", "[web]") {
  Site site;
  const std::string answer = site.get("HEAD /metrics HTTP/1.1\r\nHost: x\r\n" + kClose);
  CHECK(answer.find("Content-Length: 100000\r\n") != std::string::npos);
  CHECK(answer.substr(answer.size() - 4) == "\r\n\r\n");
}

TEST_CASE("a head that is too long or does not end is cut off, and others are answered meanwhile", "[web]") {
  HttpLimits limits;
  limits.head_deadline = 300ms;
  Site site(limits);
  CHECK(site.get("GET /" + std::string(100'000, 'a')).find("200 OK") == std::string::npos);
  std::string headers;
  for (int i = 0; i < 5'000; ++i) headers += "X: y\r\n";
  CHECK(site.get("GET /metrics HTTP/1.1\r\n" + headers + kClose).find("200 OK") == std::string::npos);
  Client slow(site.port);
  slow.send("GET /metr");
  CHECK(site.get("GET /metrics HTTP/1.1\r\n" + kClose).find("200 OK") != std::string::npos);
  CHECK(slow.receive_all().find("200 OK") == std::string::npos);  // ends by the server's deadline, not by ours
}

TEST_CASE("what follows a request that is refused, or a body, is never taken for a request", "[web]") {
  Site site;
  const std::string second = "GET /-/ready HTTP/1.1\r\n" + kClose;
  const std::string length = "Content-Length: " + std::to_string(second.size()) + "\r\n\r\n";
  for (const std::string& first :
       {"POST /metrics HTTP/1.1\r\n" + length, "GET /-/healthy HTTP/1.1\r\n" + length,
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string("5\r\nhello\r\n0\r\n\r\n"),
        std::string("GET\r\n\r\n"), "GET / HTTP/1.1\r\nA: " + std::string(9'000, 'a') + "\r\n\r\n"}) {
    CAPTURE(first.substr(0, 60));
    CHECK(site.get(first + second).find("tailmeter is ready") == std::string::npos);
  }
}

TEST_CASE("a connection that is kept is answered again", "[web]") {
  Site site;
  Client client(site.port);
  client.send("GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string first;
  while (first.find("healthy.\n") == std::string::npos) {
    const std::string part = client.receive();
    REQUIRE_FALSE(part.empty());
    first += part;
  }
  client.send("GET /-/ready HTTP/1.1\r\nHost: x\r\n" + kClose);
  CHECK(client.receive_all().find("tailmeter is ready") != std::string::npos);
}

TEST_CASE("a unix socket that somebody listens on is not taken over, one that is left behind is", "[web]") {
  TemporaryDirectory directory;
  const std::string path = directory / "http.sock";
  Site site;
  {
    HttpServer first(parse_listen_address("unix:" + path), site.router);
    REQUIRE_FALSE(first.start());
    HttpServer second(parse_listen_address("unix:" + path), site.router);
    CHECK(second.start() == std::errc::address_in_use);
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  const int left_behind = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(::bind(left_behind, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::close(left_behind);
  HttpServer third(parse_listen_address("unix:" + path), site.router);
  CHECK_FALSE(third.start());
}

TEST_CASE("stopping does not wait for clients", "[web]") {
  HttpLimits limits;
  limits.head_deadline = 60s;
  Site site(limits);
  std::vector<std::unique_ptr<Client>> clients;
  for (std::size_t i = 0; i < limits.threads + 4; ++i) {
    clients.push_back(std::make_unique<Client>(site.port));
    clients.back()->send("GET /metrics HT");
  }
  // One that is answered shows that the others are in the server's hands as well.
  const auto start = std::chrono::steady_clock::now();
  site.server.stop();
  CHECK(std::chrono::steady_clock::now() - start < 10s);  // far below the head's deadline
  for (auto& client : clients) CHECK(client->receive_all().find("200 OK") == std::string::npos);
}

// The undefined behaviour sanitizer looks at memory through a pipe, and takes an object for none when it cannot have
// one.
#if !defined(__has_feature)
#define __has_feature(feature) 0
#endif
#if !__has_feature(undefined_behavior_sanitizer)
TEST_CASE("a connection that cannot be taken is told of and taken later, and the address is kept", "[web]") {
  HttpLimits limits;
  limits.threads = 1;
  std::promise<std::pair<std::string, std::error_code>> told;
  std::once_flag once;
  Site site(limits, [&](const std::string& url, std::error_code error) {
    std::call_once(once, [&] { told.set_value({url, error}); });
  });
  const std::string request = "GET /-/ready HTTP/1.1\r\n" + kClose;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(std::make_unique<Client>(site.port));
  {
    const NoDescriptors none;
    // A thread that is in accept(2) already may have its descriptor, so that the second is the first to be refused.
    for (const auto& client : clients) client->send(request);
    const auto [url, error] = told.get_future().get();
    CHECK(url == "http://127.0.0.1:" + std::to_string(site.port));
    CHECK(error == std::errc::too_many_files_open);
  }
  for (const auto& client : clients) {
    CHECK(client->receive_all().find("tailmeter is ready") != std::string::npos);
  }
}
#endif

TEST_CASE("an address that is taken is an error of the system", "[web]") {
  Site site;
  HttpServer second(parse_listen_address("127.0.0.1:" + std::to_string(site.port)), site.router);
  CHECK(second.start() == std::errc::address_in_use);
}

}  // namespace
}  // namespace tailmeter
