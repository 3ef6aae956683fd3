// What the server answers, over real sockets on loopback.
#include "exporter/web/http_server.h"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/socket.h>

#include "test/support/peers.h"
#include "test/support/web_client.h"
#include "test/support/web_site.h"

namespace tailmeter {
namespace {

using namespace std::chrono_literals;

const std::string kHost = "Host: x\r\n";
const std::string kClose = "Connection: close\r\n\r\n";

TEST_CASE("an answer is whole, with its length, its type and its own headers", "[web]") {
  const auto text = std::make_shared<const std::string>(100'000, 'm');
  const Site site([&](const WebRequest&) {
    WebResponse response;
    response.body = text;
    response.content_type = "text/plain; version=0.0.4";
    response.headers.emplace_back("X-Own", "1");
    return response;
  });
  CHECK(without_date(site.ask(get_last("/metrics"))) ==
        "HTTP/1.1 200 OK\r\nAccept-Ranges: none\r\nConnection: close\r\nContent-Length: 100000\r\n"
        "Content-Type: text/plain; version=0.0.4\r\nX-Own: 1\r\n\r\n" +
            *text);
}

TEST_CASE("HEAD has the head of GET and no body", "[web]") {
  for (const char* text : {"some text", ""}) {
    const Site site(pages_of(text));
    const std::string got = without_date(site.ask(get_last("/")));
    CHECK(body_of(got) == text);
    const std::string head = without_date(site.ask("HEAD / HTTP/1.1\r\n" + kHost + kClose));
    CHECK(head == got.substr(0, got.find("\r\n\r\n") + 4));
  }
}

TEST_CASE("HEAD has no body when it is refused, either", "[web]") {
  const Site site(pages_of("a page\n"));
  const std::string head = site.ask("HEAD / HTTP/1.1\r\n" + kHost + "X y\r\n\r\n");
  CHECK(head.starts_with("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(head.find("\r\n\r\n") == head.size() - 4);
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
  CHECK(request.peer_group == peer_of("127.0.0.1").group);
  CHECK(request.is_local);
  CHECK_FALSE(request.is_authenticated);
}

TEST_CASE("ranges and compression are not negotiated by the server", "[web]") {
  const Site site(pages_of(std::string(1000, 'm')));
  const std::string plain = without_date(site.ask(get_last("/metrics")));
  for (const char* header : {"Range: bytes=0-10,20-30,0-99999\r\n", "range: bytes=5-1\r\n", "RANGE: lines=1\r\n",
                             "Accept-Encoding: br, gzip\r\n", "Expect: 100-continue\r\n", "If-Range: x\r\n"}) {
    CAPTURE(header);
    CHECK(without_date(site.ask("GET /metrics HTTP/1.1\r\n" + kHost + header + kClose)) == plain);
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
    const std::string answer = without_date(site.ask(test.bytes + get_last("/")));
    const std::string allowed = test.status.starts_with("405") ? "Allow: GET, HEAD\r\n" : "";
    CHECK(answer == "HTTP/1.1 " + test.status +
                        "\r\nConnection: close\r\nContent-Length: " + std::to_string(test.body.size()) +
                        "\r\nContent-Type: text/plain; charset=utf-8\r\n" + allowed + "\r\n" + test.body);
  }
  CHECK(site.answers(200) == 0);
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
  CHECK(site.answers(200) == 4);
}

TEST_CASE("HTTP/1.0 is answered once", "[web]") {
  const Site site(pages_of("a page\n"));
  CHECK(body_of(site.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")) == "a page\n");
}

TEST_CASE("a large page comes whole", "[web]") {
  std::string large;
  for (int i = 0; i < 1'000'000; ++i) large += std::to_string(i);
  const Site site(pages_of(large));
  CHECK((body_of(site.ask(get_last("/"))) == large));
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

}  // namespace
}  // namespace tailmeter
