// The server over real sockets on loopback.
#include "exporter/web/http_server.h"

#include <chrono>
#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "test/support/temporary_directory.h"
#include "test/support/web_client.h"

namespace tailmeter {
namespace {

using namespace std::chrono_literals;

const std::string kHost = "Host: x\r\n";
const std::string kClose = "Connection: close\r\n\r\n";

std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\n" + kHost + "\r\n";
}
std::string get_last(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\n" + kHost + kClose;
}

std::string body_of(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}

WebResponse page(std::string text) {
  return plain_response(200, std::move(text));
}

// True once `condition` holds; false if it does not within ten seconds.
template <typename Condition>
bool comes_true(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

struct Site {
  explicit Site(WebHandler handler, HttpSettings settings = {})
      : server(std::move(handler), counts, std::move(settings)) {
    REQUIRE_FALSE(server.listen(parse_listen_address("127.0.0.1:0")));
    REQUIRE_FALSE(server.start());
    const std::string url = server.urls().at(0);
    port = std::stoi(url.substr(url.rfind(':') + 1));
  }

  std::string ask(const std::string& head) const {
    const WebClient client(port);
    client.send(head);
    return client.receive_all();
  }

  HttpCounts counts;
  HttpServer server;
  int port = 0;
};

WebHandler pages_of(const std::string& text) {
  return [text](const WebRequest&) { return page(text); };
}

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

TEST_CASE("an answer is whole, with its length, its type and its own headers", "[web]") {
  const auto text = std::make_shared<const std::string>(100'000, 'm');
  const Site site([&](const WebRequest&) {
    WebResponse response;
    response.body = text;
    response.content_type = "text/plain; version=0.0.4";
    response.headers.emplace_back("X-Own", "1");
    return response;
  });
  CHECK(site.ask(get_last("/metrics")) ==
        "HTTP/1.1 200 OK\r\nAccept-Ranges: none\r\nConnection: close\r\nContent-Length: 100000\r\n"
        "Content-Type: text/plain; version=0.0.4\r\nX-Own: 1\r\n\r\n" +
            *text);
}

TEST_CASE("HEAD has the head of GET and no body", "[web]") {
  for (const char* text : {"some text", ""}) {
    const Site site(pages_of(text));
    const std::string got = site.ask(get_last("/"));
    CHECK(body_of(got) == text);
    const std::string head = site.ask("HEAD / HTTP/1.1\r\n" + kHost + kClose);
    CHECK(head == got.substr(0, got.find("\r\n\r\n") + 4));
  }
}

TEST_CASE("the handler gets the whole request", "[web]") {
  std::promise<WebRequest> asked;
  const Site site([&](const WebRequest& request) {
    asked.set_value(request);
    return page("");
  });
  (void)site.ask(
      "POST /a%20%2Fb?c=%20&d?e HTTP/1.1\r\nHOST: x\r\nAccept-Encoding: gzip\r\nX: 1\r\nREMOTE_ADDR: 6.6.6.6\r\n"
      "x: 2\r\nRange: bytes=0-1\r\n" +
      kClose);
  const WebRequest request = asked.get_future().get();
  CHECK(request.method == "POST");
  CHECK(request.path == "/a /b");
  CHECK(request.query == "c=%20&d?e");
  CHECK(request.headers == decltype(request.headers){{"accept-encoding", "gzip"},
                                                     {"connection", "close"},
                                                     {"host", "x"},
                                                     {"range", "bytes=0-1"},
                                                     {"remote_addr", "6.6.6.6"},
                                                     {"x", "1, 2"}});
  CHECK(request.peer == "127.0.0.1");
  CHECK(request.is_local);
  CHECK_FALSE(request.is_authenticated);
}

TEST_CASE("ranges and compression are not negotiated by the server", "[web]") {
  const Site site(pages_of(std::string(1000, 'm')));
  const std::string plain = site.ask(get_last("/metrics"));
  for (const char* header : {"Range: bytes=0-10,20-30,0-99999\r\n", "range: bytes=5-1\r\n", "RANGE: lines=1\r\n",
                             "Accept-Encoding: br, gzip\r\n", "Expect: 100-continue\r\n", "If-Range: x\r\n"}) {
    CAPTURE(header);
    CHECK(site.ask("GET /metrics HTTP/1.1\r\n" + kHost + header + kClose) == plain);
  }
}

TEST_CASE("a handler that throws is answered for, and nothing of it is told", "[web]") {
  const Site site([](const WebRequest& request) -> WebResponse {
    if (request.path == "/1") throw std::runtime_error("secret");
    throw 1;
  });
  for (const char* path : {"/1", "/2"}) {
    const std::string answer = site.ask(get_last(path));
    CHECK(answer.starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
    CHECK(body_of(answer) == "500 this is a fault of tailmeter; please report it\n");
    CHECK(answer.find("secret") == std::string::npos);
  }
}

TEST_CASE("a request that is refused is told why, by one line, and nothing that follows is read", "[web]") {
  const Site site(pages_of("a page\n"));
  struct Case {
    std::string bytes;
    std::string status;
    std::string body;
  };
  const Case cases[] = {
      {"GET evil HTTP/1.1\r\nHost: evil\r\n\r\n", "400 Bad Request", "400 write the path alone, beginning with /\n"},
      {"PUT / HTTP/1.1\r\nHost: evil\r\n\r\n", "405 Method Not Allowed", "405 only GET and HEAD are answered here\n"},
      {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n", "413 Content Too Large",
       "413 requests with a body are not taken\n"},
      {"GET /" + std::string(9'000, 'a'), "414 URI Too Long", "414 the path is too long\n"},
      {"GET / HTTP/1.1\r\nevil: " + std::string(20'000, 'a'), "431 Request Header Fields Too Large",
       "431 the headers are too long\n"},
      {"EVIL / HTTP/1.1\r\nHost: x\r\n\r\n", "501 Not Implemented", "501 this method is not known here\n"},
      {"GET / HTTP/3.0\r\nHost: x\r\n\r\n", "505 HTTP Version Not Supported",
       "505 only HTTP/1.1 and HTTP/1.0 are spoken here\n"},
  };
  for (const Case& test : cases) {
    const std::string answer = site.ask(test.bytes + get_last("/"));
    const std::string allowed = test.status.starts_with("405") ? "Allow: GET, HEAD\r\n" : "";
    CHECK(answer == "HTTP/1.1 " + test.status +
                        "\r\nConnection: close\r\nContent-Length: " + std::to_string(test.body.size()) +
                        "\r\nContent-Type: text/plain; charset=utf-8\r\n" + allowed + "\r\n" + test.body);
  }
  CHECK(site.counts.answers[0] == 0);
}

TEST_CASE("a connection that is kept is answered again, also for what was sent at once", "[web]") {
  const Site site([](const WebRequest& request) { return page(request.path + "\n"); });
  const WebClient client(site.port);
  client.send(get("/1"));
  CHECK(body_of(client.receive_until("/1\n")) == "/1\n");
  client.send(get("/2") + "HEAD /3 HTTP/1.1\r\n" + kHost + "\r\n" + get_last("/4") + get("/5"));
  const std::string answers = client.receive_all();
  const std::size_t second = answers.find("\r\n\r\n/2\nHTTP/1.1 200 OK\r\n");
  REQUIRE(second != std::string::npos);
  CHECK(answers.find("/3") == std::string::npos);
  CHECK(answers.ends_with("\r\n\r\n/4\n"));
  CHECK(site.counts.answers[0] == 4);
}

TEST_CASE("HTTP/1.0 is answered once", "[web]") {
  const Site site(pages_of("a page\n"));
  CHECK(body_of(site.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")) == "a page\n");
}

TEST_CASE("a client that is late is cut off by its own deadline, and others are answered meanwhile", "[web]") {
  HttpSettings settings;
  settings.limits.first_byte_deadline = 1s;
  settings.limits.head_deadline = 1s;
  const Site site(pages_of("a page\n"), settings);
  const WebClient silent(site.port);
  const WebClient slow(site.port);
  slow.send("GET /metr");
  CHECK(body_of(site.ask(get_last("/"))) == "a page\n");
  CHECK(body_of(slow.receive_all()) == "408 the request did not come in time\n");
  CHECK(silent.receive_all().empty());
  CHECK(site.counts.closed_by_deadline == 1);
  CHECK(site.counts.closed_idle == 1);
  // One that was answered well may wait longer than one that was not.
  const WebClient kept(site.port);
  kept.send(get("/"));
  (void)kept.receive_until("a page\n");
  const WebClient another(site.port);
  CHECK(another.receive_all().empty());
  kept.send(get_last("/"));
  CHECK(body_of(kept.receive_all()) == "a page\n");
}

TEST_CASE("a client that sends a byte now and then does not put its deadline off", "[web]") {
  HttpSettings settings;
  settings.limits.head_deadline = 300ms;
  const Site site(pages_of("a page\n"), settings);
  const WebClient slow(site.port);
  CHECK(comes_true([&] {
    slow.send("G");
    return site.counts.closed_by_deadline == 1;
  }));
}

TEST_CASE("a reader that takes its time holds up nobody, and is cut off by the deadline", "[web]") {
  HttpSettings settings;
  settings.limits.response_deadline = 1s;
  settings.limits.unsent_bytes = 1 << 30;
  const std::string large(20'000'000, 'm');
  const Site site([&](const WebRequest& request) { return page(request.path == "/large" ? large : "a page\n"); },
                  settings);
  const WebClient slow(site.port);
  slow.send(get("/large"));
  REQUIRE(comes_true([&] { return site.counts.answers[0] == 1; }));
  CHECK(body_of(site.ask(get_last("/"))) == "a page\n");
  CHECK(comes_true([&] { return site.counts.open_connections == 0; }));
  CHECK(site.counts.closed_by_deadline == 1);
  CHECK(slow.receive_all().size() < large.size());
}

TEST_CASE("a large page comes whole", "[web]") {
  std::string large;
  for (int i = 0; i < 1'000'000; ++i) large += std::to_string(i);
  const Site site(pages_of(large));
  CHECK((body_of(site.ask(get_last("/"))) == large));
}

TEST_CASE("pages that clients do not take are not kept without end", "[web]") {
  HttpSettings settings;
  settings.limits.unsent_bytes = 8'000'000;
  settings.limits.unsent_pages = 2;
  const Site site([](const WebRequest&) { return page(std::string(2'000'000, 'm')); }, settings);
  std::vector<std::unique_ptr<WebClient>> slow;
  for (std::uint64_t i = 1; i <= 12; ++i) {
    slow.push_back(std::make_unique<WebClient>(site.port));
    slow.back()->take_little();
    slow.back()->send(get("/"));
    REQUIRE(comes_true([&] { return site.counts.answers[0] == i; }));
  }
  CHECK(comes_true([&] { return site.counts.closed_for_room == 8; }));
  CHECK(body_of(site.ask(get_last("/"))).size() == 2'000'000);
}

TEST_CASE("as many connections as there may be keep nobody out, and nobody's request is cut off", "[web]") {
  HttpSettings settings;
  settings.limits.connections = 4;
  settings.limits.first_byte_deadline = settings.limits.head_deadline = 60s;
  Gate gate;
  WebHandler waits = gate.handler();
  Site site([&](const WebRequest& request) { return request.path == "/slow" ? waits(request) : page("a page\n"); },
            settings);
  const WebClient asking(site.port);
  asking.send(get_last("/slow"));
  const WebClient proven(site.port);
  proven.send(get("/"));
  (void)proven.receive_until("a page\n");
  REQUIRE(gate.has_waiting(1));
  std::vector<std::unique_ptr<WebClient>> slow;
  for (std::uint8_t i = 0; i < 20; ++i) {
    slow.push_back(std::make_unique<WebClient>(site.port, i % 5 + 2));
    slow.back()->send("GET /");
    REQUIRE(body_of(site.ask(get_last("/"))) == "a page\n");
  }
  proven.send(get_last("/"));
  CHECK(body_of(proven.receive_all()) == "a page\n");
  gate.open();
  CHECK(body_of(asking.receive_all()) == "open\n");
  CHECK(site.counts.closed_for_room >= 18);
  CHECK(site.counts.open_connections <= 4);
}

TEST_CASE("one address has its share of connections, and makes room among its own", "[web]") {
  HttpSettings settings;
  settings.limits.connections_per_address = 3;
  settings.limits.first_byte_deadline = 60s;
  const Site site(pages_of("a page\n"), settings);
  const WebClient other(site.port, 2);
  std::vector<std::unique_ptr<WebClient>> crowd;
  for (int i = 0; i < 5; ++i) crowd.push_back(std::make_unique<WebClient>(site.port));
  REQUIRE(comes_true([&] { return site.counts.closed_for_room == 2; }));
  CHECK(crowd[0]->receive_all().empty());
  CHECK(crowd[1]->receive_all().empty());
  other.send(get_last("/"));
  CHECK(body_of(other.receive_all()) == "a page\n");
  crowd[2]->send(get_last("/"));
  CHECK(body_of(crowd[2]->receive_all()) == "a page\n");
}

TEST_CASE("where all connections are being answered, a newcomer is turned away", "[web]") {
  HttpSettings settings;
  settings.limits.connections = 2;
  Gate gate;
  const Site site(gate.handler(), settings);
  const WebClient first(site.port);
  const WebClient second(site.port);
  for (const WebClient* client : {&first, &second}) client->send(get_last("/"));
  REQUIRE(gate.has_waiting(2));
  CHECK(site.ask(get_last("/")).empty());
  gate.open();
  CHECK(body_of(first.receive_all()) == "open\n");
  CHECK(body_of(second.receive_all()) == "open\n");
}

TEST_CASE("more requests than may be under way are answered 503 at once", "[web]") {
  HttpSettings settings;
  settings.limits.requests = 3;
  settings.limits.workers = 2;
  Gate gate;
  const Site site(gate.handler(), settings);
  std::vector<std::unique_ptr<WebClient>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<WebClient>(site.port));
    clients.back()->send(get_last("/"));
  }
  CHECK(comes_true([&] { return site.counts.answers[13] == 1; }));
  const std::string answer = site.ask("HEAD / HTTP/1.1\r\n" + kHost + "\r\n");
  CHECK(answer ==
        "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 52\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\n\r\n");
  gate.open();
  int refused = 0;
  for (const auto& client : clients) {
    const std::string body = body_of(client->receive_all());
    if (body != "open\n") ++refused;
    CHECK((body == "open\n" || body == "503 too many requests wait for an answer; try again\n"));
  }
  CHECK(refused == 1);
  CHECK(body_of(site.ask(get_last("/"))) == "open\n");
}

TEST_CASE("a crowd's requests make way for that of somebody else", "[web]") {
  HttpSettings settings;
  settings.limits.requests = 4;
  settings.limits.workers = 1;
  Gate gate;
  const Site site(gate.handler(), settings);
  std::vector<std::unique_ptr<WebClient>> crowd;
  for (int i = 0; i < 4; ++i) {
    crowd.push_back(std::make_unique<WebClient>(site.port, 2));
    crowd.back()->send(get_last("/"));
  }
  REQUIRE(gate.has_waiting(1));
  REQUIRE(comes_true([&] { return site.counts.connections == 4; }));
  const WebClient other(site.port, 3);
  other.send(get_last("/"));
  REQUIRE(comes_true([&] { return site.counts.answers[13] == 1; }));
  gate.open();
  CHECK(body_of(other.receive_all()) == "open\n");
}

TEST_CASE("a client that leaves before its answer disturbs nobody", "[web]") {
  Gate gate;
  const Site site(gate.handler());
  {
    const WebClient client(site.port);
    client.send(get("/"));
    REQUIRE(gate.has_waiting(1));
    const linger at_once{1, 0};
    ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  CHECK(comes_true([&] { return site.counts.open_connections == 0; }));
  gate.open();
  CHECK(body_of(site.ask(get_last("/"))) == "open\n");
}

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
  for (int i = 0; i < 2; ++i) {
    const WebClient client(
        std::stoi(urls[static_cast<std::size_t>(i)].substr(urls[static_cast<std::size_t>(i)].rfind(':') + 1)));
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
  CHECK(requests[0].peer == "127.0.0.1");  // also on the address for IPv6
  CHECK(requests[2].peer.empty());
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
  CHECK(error_of_listening("unix:" + path) == std::errc::file_exists);
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
  CHECK(error_of_listening("unix:/" + std::string(200, 'a')) == std::errc::filename_too_long);
}

TEST_CASE("an address that is taken, or nobody's, is an error of the system", "[web]") {
  const Site site(pages_of(""));
  CHECK(error_of_listening("127.0.0.1:" + std::to_string(site.port)) == std::errc::address_in_use);
  CHECK(error_of_listening("192.0.2.1:0") == std::errc::address_not_available);
  CHECK(error_of_listening("nowhere.invalid:0") == std::errc::address_not_available);
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

TEST_CASE("stopping does not wait for clients", "[web]") {
  HttpSettings settings;
  settings.limits.head_deadline = 60s;
  Site site(pages_of(""), settings);
  std::vector<std::unique_ptr<WebClient>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<WebClient>(site.port));
    clients.back()->send("GET /metrics HT");
  }
  const auto start = std::chrono::steady_clock::now();
  site.server.stop();
  CHECK(std::chrono::steady_clock::now() - start < 10s);  // far below the head's deadline
  for (const auto& client : clients) CHECK(client->receive_all().empty());
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
      return body_of(site.ask(get_last("/"))) == "a page\n";
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
