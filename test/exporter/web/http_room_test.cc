// How the server shares what it has, time, connections and memory, among clients that are slow or many.
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "exporter/web/http_server.h"
#include "test/support/web_client.h"
#include "test/support/web_site.h"

namespace tailmeter {
namespace {

using namespace std::chrono_literals;

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
  REQUIRE(comes_true([&] { return site.answers(200) == 1; }));
  CHECK(body_of(site.ask(get_last("/"))) == "a page\n");
  CHECK(comes_true([&] { return site.counts.open_connections == 0; }));
  CHECK(site.counts.closed_by_deadline == 1);
  CHECK(slow.receive_all().size() < large.size());
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
    REQUIRE(comes_true([&] { return site.answers(200) == i; }));
  }
  CHECK(comes_true([&] { return site.counts.closed_for_room == 8; }));
  CHECK(body_of(site.ask(get_last("/"))).size() == 2'000'000);
}

TEST_CASE("a page that a client takes is not cut off by smaller ones", "[web]") {
  HttpSettings settings;
  settings.limits.unsent_bytes = 1'000'000;
  const Site site(
      [](const WebRequest& request) { return page(std::string(request.path == "/large" ? 20'000'000 : 300'000, 'm')); },
      settings);
  const WebClient reader(site.port);
  reader.send(get_last("/large"));
  REQUIRE(comes_true([&] { return site.answers(200) == 1; }));
  const WebClient stalled(site.port);
  stalled.take_little();
  stalled.send(get("/"));
  REQUIRE(comes_true([&] { return site.answers(200) == 2; }));
  CHECK(body_of(site.ask(get_last("/"))).size() == 300'000);
  CHECK(body_of(reader.receive_all()).size() == 20'000'000);
}

TEST_CASE("a client that takes its page now and then is not cut off for clients that take little", "[web]") {
  HttpSettings settings;
  settings.limits.stalled_after = 60s;
  settings.limits.held_bytes = 4'000'000;
  settings.limits.unsent_pages = 4;
  const Site site([](const WebRequest&) { return page(std::string(20'000'000, 'm')); }, settings);
  const WebClient reader(site.port);
  reader.send(get_last("/"));
  REQUIRE(comes_true([&] { return site.answers(200) == 1; }));
  std::string taken;
  // More than the kernel holds: the server has seen it taken.
  while (taken.size() < 8'000'000) taken += reader.receive();
  std::vector<std::unique_ptr<WebClient>> stalled;
  for (std::uint8_t i = 2; i < 14; ++i) {
    stalled.push_back(std::make_unique<WebClient>(site.port, i));
    stalled.back()->take_little(65'536);
    stalled.back()->send(get("/"));
    REQUIRE(comes_true([&] { return site.answers(200) == i; }));
    // Our kernel's buffer was full, and then more could be written.
    for (std::size_t bytes = 0; bytes < 3'000'000;) bytes += stalled.back()->receive().size();
  }
  CHECK(comes_true([&] { return site.counts.closed_for_room == 9; }));
  CHECK(body_of(taken + reader.receive_all()).size() == 20'000'000);
}

TEST_CASE("who has read a page keeps the next one, whoever begins meanwhile", "[web]") {
  HttpSettings settings;
  settings.limits.unsent_bytes = 1'000'000;
  settings.limits.unsent_pages = 2;
  const Site site([](const WebRequest&) { return page(std::string(2'000'000, 'm')); }, settings);
  REQUIRE(body_of(site.ask(get_last("/"))).size() == 2'000'000);
  const WebClient reader(site.port);
  reader.send(get_last("/"));
  REQUIRE(comes_true([&] { return site.answers(200) == 2; }));
  std::vector<std::unique_ptr<WebClient>> others;
  for (std::uint8_t i = 2; i < 8; ++i) {
    others.push_back(std::make_unique<WebClient>(site.port, i));
    others.back()->take_little();
    others.back()->send(get("/"));
    REQUIRE(comes_true([&] { return site.answers(200) == i + 1U; }));
  }
  CHECK(body_of(reader.receive_all()).size() == 2'000'000);
  CHECK(site.counts.closed_for_room == 5);
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

// Has the front thread wait while it takes a connection, when it is told to.
class Doorkeeper {
 public:
  [[nodiscard]] TlsSupplier supplier() {
    return [this]() -> std::shared_ptr<ssl_ctx_st> {
      if (is_to_wait_.exchange(false)) {
        is_waiting_ = true;
        released_.wait();
      }
      return nullptr;
    };
  }
  // Until release(); `from` is another client's address.
  [[nodiscard]] std::unique_ptr<WebClient> stop_at(int port, std::uint8_t from) {
    is_to_wait_ = true;
    auto client = std::make_unique<WebClient>(port, from);
    REQUIRE(comes_true([&] { return is_waiting_.load(); }));
    return client;
  }
  void release() { release_.set_value(); }

 private:
  std::atomic<bool> is_to_wait_ = false;
  std::atomic<bool> is_waiting_ = false;
  std::promise<void> release_;
  std::shared_future<void> released_ = release_.get_future().share();
};

std::vector<std::unique_ptr<WebClient>> answered_clients(int port, int count) {
  std::vector<std::unique_ptr<WebClient>> clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<WebClient>(port));
    clients.back()->send(get("/"));
    REQUIRE(body_of(clients.back()->receive_until("a page\n")) == "a page\n");
  }
  return clients;
}

std::vector<std::unique_ptr<WebClient>> silent_clients(int port, int count) {
  std::vector<std::unique_ptr<WebClient>> clients;
  for (int i = 0; i < count; ++i) clients.push_back(std::make_unique<WebClient>(port));
  return clients;
}

TEST_CASE("a newcomer whose request is there is answered, however many come behind it", "[web]") {
  Doorkeeper doorkeeper;
  HttpSettings settings{.tls = doorkeeper.supplier()};
  settings.limits.connections_per_address = 10;
  const Site site(pages_of("a page\n"), settings);
  const auto held = answered_clients(site.port, 8);
  const auto other = doorkeeper.stop_at(site.port, 2);
  const WebClient newcomer(site.port);
  newcomer.send(get_last("/"));
  const auto silent = silent_clients(site.port, 30);
  doorkeeper.release();
  CHECK(body_of(newcomer.receive_all()) == "a page\n");
  REQUIRE(comes_true([&] { return site.counts.connections == 40; }));
  held.front()->send(get_last("/"));
  CHECK(body_of(held.front()->receive_all()) == "a page\n");
}

TEST_CASE("what a silent client has sent meanwhile is read before it has to go", "[web]") {
  Doorkeeper doorkeeper;
  HttpSettings settings{.tls = doorkeeper.supplier()};
  settings.limits.connections_per_address = 2;
  const Site site(pages_of("a page\n"), settings);
  const WebClient slow(site.port);
  REQUIRE(comes_true([&] { return site.counts.open_connections == 1; }));
  const auto other = doorkeeper.stop_at(site.port, 2);
  slow.send(get_last("/"));
  const auto silent = silent_clients(site.port, 2);
  doorkeeper.release();
  CHECK(body_of(slow.receive_all()) == "a page\n");
}

TEST_CASE("connections that are held open after an answer leave their address's newcomers time to ask", "[web]") {
  HttpSettings settings;
  settings.limits.connections_per_address = 20;
  settings.limits.first_byte_deadline = 60s;
  const Site site(pages_of("a page\n"), settings);
  const auto held = answered_clients(site.port, 19);
  const WebClient newcomer(site.port);
  const auto silent = silent_clients(site.port, 3);
  REQUIRE(comes_true([&] { return site.counts.connections == 23; }));
  newcomer.send(get_last("/"));
  CHECK(body_of(newcomer.receive_all()) == "a page\n");
  for (const int gone : {0, 1, 2}) CHECK(held[static_cast<std::size_t>(gone)]->receive_all().empty());
  held[3]->send(get_last("/"));
  CHECK(body_of(held[3]->receive_all()) == "a page\n");
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
  CHECK(comes_true([&] { return site.answers(503) == 1; }));
  const std::string answer = without_date(site.ask("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"));
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
  REQUIRE(comes_true([&] { return site.answers(503) == 1; }));
  gate.open();
  CHECK(body_of(other.receive_all()) == "open\n");
}

}  // namespace
}  // namespace tailmeter
