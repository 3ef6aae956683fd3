// Where the server listens, and how it goes on when that fails.
#include <chrono>
#include <fstream>
#include <mutex>
#include <string>
#include <system_error>
#include <vector>

#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "exporter/web/http_server.h"
#include "test/support/peers.h"
#include "test/support/temporary_directory.h"
#include "test/support/web_client.h"
#include "test/support/web_site.h"

namespace tailmeter {
namespace {

using namespace std::chrono_literals;

TEST_CASE("one server serves all of its addresses", "[web]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "http.sock";
  std::mutex mutex;
  std::vector<WebRequest> requests;
  HttpCounts counts;
  HttpServer server(
      [&](const WebRequest& request) {
        const std::lock_guard lock(mutex);
        requests.push_back(request);
        return page("a page\n");
      },
      counts);
  REQUIRE_FALSE(server.listen(parse_listen_address(":0")));
  REQUIRE_FALSE(server.listen(parse_listen_address("127.0.0.1:0")));
  REQUIRE_FALSE(server.listen(parse_listen_address("unix:" + path)));
  REQUIRE_FALSE(server.start());
  const std::vector<std::string> urls = server.urls();
  REQUIRE(urls.size() == 3);
  CHECK(urls[0].starts_with("http://localhost:"));
  CHECK(urls[1].starts_with("http://127.0.0.1:"));
  CHECK(urls[2] == "unix:" + path);
  for (const std::string& url : {urls[0], urls[1]}) {
    const WebClient client(port_of(url));
    client.send(get_last("/"));
    CHECK(body_of(client.receive_all()) == "a page\n");
  }
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0660);
  const WebClient client(path);
  client.send(get_last("/"));
  CHECK(body_of(client.receive_all()) == "a page\n");
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].peer_group == peer_of("127.0.0.1").group);  // also on the address for IPv6
  CHECK(requests[2].peer_group == peer_of("").group);
  CHECK(requests[2].is_local);
  server.stop();
  CHECK(::stat(path.c_str(), &status) != 0);
}

std::error_code error_of_listening(const std::string& address) {
  HttpCounts counts;
  HttpServer server(pages_of(""), counts);
  return server.listen(parse_listen_address(address));
}

TEST_CASE("a file that is no socket is not removed to listen there", "[web]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "precious.txt";
  std::ofstream(path) << "text";
  CHECK(error_of_listening("unix:" + path).message() ==
        "the file there is no socket: remove it, or choose another path");
  std::string text;
  CHECK((std::ifstream(path) >> text && text == "text"));
}

TEST_CASE("a unix socket that somebody listens on is not taken over, one that is left behind is", "[web]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "http.sock";
  {
    HttpCounts counts;
    HttpServer first(pages_of(""), counts);
    REQUIRE_FALSE(first.listen(parse_listen_address("unix:" + path)));
    CHECK(error_of_listening("unix:" + path) == std::errc::address_in_use);
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int left_behind = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(::bind(left_behind, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::close(left_behind);
  CHECK_FALSE(error_of_listening("unix:" + path));
  CHECK_FALSE(error_of_listening("unix:" + directory / std::string(106 - directory.path().string().size(), 'a')));
  CHECK(error_of_listening("unix:" + directory / std::string(107 - directory.path().string().size(), 'a')).message() ==
        "the path of a unix socket has at most 107 bytes: choose a shorter one");
}

TEST_CASE("an address that is taken, or nobody's, is an error of the system", "[web]") {
  const Site site(pages_of(""));
  CHECK(error_of_listening("127.0.0.1:" + std::to_string(site.port)) == std::errc::address_in_use);
  CHECK(error_of_listening("192.0.2.1:0") == std::errc::address_not_available);
  CHECK(error_of_listening("nowhere.invalid:0").message() ==
        "no address is known for this name: write the address, or a name that is in /etc/hosts or in DNS");
}

TEST_CASE("a socket that listens already is served", "[web]") {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(socket.get(), 8) == 0);
  socklen_t size = sizeof address;
  REQUIRE(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  HttpCounts counts;
  HttpServer server(pages_of("a page\n"), counts);
  server.listen(std::move(socket));
  REQUIRE_FALSE(server.start());
  CHECK(server.urls() == std::vector{"http://127.0.0.1:" + std::to_string(ntohs(address.sin_port))});
  const WebClient client(ntohs(address.sin_port));
  client.send(get_last("/"));
  CHECK(body_of(client.receive_all()) == "a page\n");
}

struct Trouble {
  std::string url;
  std::error_code error;
};

// What a server tells of its trouble.
class Troubles {
 public:
  TroubleListener listener() {
    return [this](const std::string& url, std::error_code error) {
      const std::lock_guard lock(mutex_);
      heard_.push_back({url, error});
    };
  }
  [[nodiscard]] std::vector<Trouble> heard() {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

 private:
  std::mutex mutex_;
  std::vector<Trouble> heard_;
};

TEST_CASE("an address whose socket breaks is listened on again", "[web]") {
  Troubles troubles;
  const Site site(pages_of("a page\n"), {.on_trouble = troubles.listener()});
  constexpr int kMostDescriptors = 256;
  for (int fd = 3; fd < kMostDescriptors; ++fd) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    int is_listening = 0;
    socklen_t option_size = sizeof is_listening;
    const bool is_it = ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
                       ntohs(address.sin_port) == site.port &&
                       ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &option_size) == 0;
    if (is_it && is_listening == 1) REQUIRE(::shutdown(fd, SHUT_RDWR) == 0);
  }
  REQUIRE(comes_true([&] { return troubles.heard().size() == 1; }));
  CHECK(troubles.heard()[0].url == "http://127.0.0.1:" + std::to_string(site.port));
  CHECK(troubles.heard()[0].error == std::errc::invalid_argument);
  CHECK(comes_true([&] {
    try {
      // From another address: where nobody listens, a client may be given the port for its own, and talk to itself.
      const WebClient client(site.port, 2);
      client.send(get_last("/"));
      return body_of(client.receive_all()) == "a page\n";
    } catch (const std::system_error&) {
      return false;  // not yet
    }
  }));
}

// The undefined behaviour sanitizer looks at memory through a pipe, and takes an object for none when it cannot have
// one.
#if !defined(__has_feature)
#define __has_feature(feature) 0
#endif
#if !__has_feature(undefined_behavior_sanitizer)
// Lets the process open nothing more than what is open now.
class NoDescriptors {
 public:
  NoDescriptors() {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const rlimit few{256, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
    while (fds_.empty() || fds_.back().is_open()) fds_.emplace_back(::dup(STDERR_FILENO));
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
  std::vector<Descriptor> fds_;
};

// A client whose socket is there, and not connected yet.
class LateClient {
 public:
  explicit LateClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_port = htons(static_cast<std::uint16_t>(port));
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  // What is answered; "" if the connection is closed instead.
  std::string ask(const std::string& head) {
    REQUIRE(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address_), sizeof address_) == 0);
    (void)::send(socket_.get(), head.data(), head.size(), MSG_NOSIGNAL);
    std::string all;
    char bytes[4096];
    for (ssize_t size = 0; (size = ::recv(socket_.get(), bytes, sizeof bytes, 0)) > 0;) {
      all.append(bytes, static_cast<std::size_t>(size));
    }
    return all;
  }

 private:
  Descriptor socket_;
  sockaddr_in address_{};
};

TEST_CASE("without descriptors a client takes an idle one's place, or is closed, and it is told once", "[web]") {
  Troubles troubles;
  HttpSettings settings{.on_trouble = troubles.listener()};
  settings.limits.first_byte_deadline = 60s;
  Gate gate;
  WebHandler waits = gate.handler();
  const Site site(
      [&](const WebRequest& request) { return request.path == "/slow" ? waits(request) : page("a page\n"); }, settings);
  const WebClient idle(site.port);
  const WebClient asking(site.port);
  asking.send(get_last("/slow"));
  REQUIRE(gate.has_waiting(1));
  REQUIRE(comes_true([&] { return site.counts.open_connections == 2; }));
  std::vector<LateClient> late;
  for (int i = 0; i < 2; ++i) late.emplace_back(site.port);
  {
    const NoDescriptors none;
    CHECK(body_of(late[0].ask(get_last("/"))) == "a page\n");
    CHECK(idle.receive_all().empty());
    const Descriptor taken_by_somebody(::dup(STDERR_FILENO));  // the place of the one that was answered
    CHECK(late[1].ask(get_last("/")).empty());
    CHECK(comes_true([&] { return site.counts.not_taken == 1; }));
  }
  gate.open();
  CHECK(body_of(asking.receive_all()) == "open\n");
  CHECK(body_of(site.ask(get_last("/"))) == "a page\n");
  REQUIRE(troubles.heard().size() == 1);
  CHECK(troubles.heard()[0].error == std::errc::too_many_files_open);
}
#endif

}  // namespace
}  // namespace tailmeter
