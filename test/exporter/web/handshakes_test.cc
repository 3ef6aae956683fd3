// Whose handshake comes first when many are begun at once.
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "test/support/certificates.h"
#include "test/support/tls_site.h"
#include "test/support/web_client.h"
#include "test/support/web_site.h"

namespace tailmeter {
namespace {

using namespace std::chrono_literals;

const std::string kRequest = get("/");
const std::string kLastRequest = get_last("/");

// Holds the first thread that passes once it is closed.
class Gate {
 public:
  void close() { is_closed_ = true; }
  void pass() {
    if (!is_closed_.exchange(false)) return;
    reached_.set_value();
    opened_.get_future().wait();
  }
  void wait_until_reached() { reached_.get_future().wait(); }
  void open() { opened_.set_value(); }

 private:
  std::atomic<bool> is_closed_ = false;
  std::promise<void> reached_;
  std::promise<void> opened_;
};

// Called by the server for each client that begins a handshake; it has to outlive the server.
using Hello = std::function<void(SSL&)>;
std::shared_ptr<SSL_CTX> context_with(const Certificate& certificate, const Hello& hello) {
  const auto call = [](SSL* ssl, int*, void* argument) {
    (*static_cast<const Hello*>(argument))(*ssl);
    return SSL_CLIENT_HELLO_SUCCESS;
  };
  auto context = certificate.server_context();
  SSL_CTX_set_client_hello_cb(context.get(), call, const_cast<Hello*>(&hello));
  return context;
}

TEST_CASE("a client that is known does not wait until all handshakes are done that were begun", "[web]") {
  std::atomic<int> begun = 0;
  std::atomic<bool> are_dear = false;
  const Hello hello_comes = [&](SSL&) {
    if (are_dear) std::this_thread::sleep_for(10ms);  // as a signature
    ++begun;
  };
  const Certificate certificate;
  const auto context = context_with(certificate, hello_comes);
  Gate gate;
  HttpSettings settings;
  settings.tls = [&] {
    gate.pass();
    return context;
  };
  const Site site(pages_of("a page\n"), settings);
  TlsClient known(site.port, *certificate.client_context());
  known.send(kRequest);
  REQUIRE(known.receive().find("HTTP/1.1 200 OK") == 0);

  constexpr int kCrowd = 60;
  std::vector<std::unique_ptr<WebClient>> crowd;
  for (int i = 0; i < kCrowd; ++i) crowd.push_back(std::make_unique<WebClient>(site.port, 2));
  REQUIRE(comes_true([&] { return site.counts.open_connections == kCrowd + 1; }));
  gate.close();
  const WebClient doorstop(site.port, 3);
  gate.wait_until_reached();
  begun = 0;
  are_dear = true;
  const std::string hello = client_hello(*certificate.client_context());
  for (const auto& client : crowd) client->send(hello);
  known.send(kLastRequest);
  gate.open();
  CHECK(known.receive_all().find("a page\n") != std::string::npos);
  CHECK(begun < kCrowd);
  CHECK(comes_true([&] { return begun == kCrowd; }));
}

TEST_CASE("a client whose handshake waits for its turn is not closed for one that says nothing", "[web]") {
  Gate gate;
  gate.close();
  const Hello hello_comes = [&](SSL&) { gate.pass(); };
  const Certificate certificate;
  const auto context = context_with(certificate, hello_comes);
  HttpLimits limits;
  limits.connections = 3;
  limits.first_byte_deadline = limits.handshake_deadline = 60s;
  const TlsSite site(context, "a page\n", limits);
  const std::string hello = client_hello(*certificate.client_context());
  const WebClient speaks(site.port, 2);
  REQUIRE(comes_true([&] { return site.counts.open_connections == 1; }));
  const WebClient silent(site.port, 3);
  REQUIRE(comes_true([&] { return site.counts.open_connections == 2; }));
  const WebClient doorstop(site.port, 4);
  doorstop.send(hello);
  gate.wait_until_reached();
  speaks.send(hello);
  const WebClient newcomer(site.port, 5);
  gate.open();
  CHECK_FALSE(speaks.receive().empty());
  CHECK(silent.receive().empty());
  CHECK(site.counts.closed_for_room == 1);
}

TEST_CASE("who has read a page shakes hands before a crowd of whom nobody has", "[web]") {
  Gate gate;
  std::atomic<int> begun = 0;
  std::atomic<int> place_of_first_address = 0;
  const Hello hello_comes = [&](SSL& ssl) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    ::getpeername(SSL_get_fd(&ssl), reinterpret_cast<sockaddr*>(&peer), &size);
    ++begun;
    if (peer.sin_addr.s_addr == htonl(INADDR_LOOPBACK)) place_of_first_address = begun.load();
    gate.pass();
  };
  const Certificate certificate;
  const auto context = context_with(certificate, hello_comes);
  HttpLimits limits;
  limits.first_byte_deadline = limits.handshake_deadline = 60s;
  const TlsSite site(context, std::string(2'000'000, 'm'), limits);
  TlsClient first(site.port, *certificate.client_context());
  first.send(kLastRequest);
  REQUIRE(body_of(first.receive_all()).size() == 2'000'000);

  const std::string hello = client_hello(*certificate.client_context());
  std::vector<std::unique_ptr<WebClient>> crowd;
  for (std::uint8_t i = 3; i < 23; ++i) crowd.push_back(std::make_unique<WebClient>(site.port, i));
  const WebClient again(site.port);
  REQUIRE(comes_true([&] { return site.counts.open_connections == crowd.size() + 1; }));
  begun = 0;
  gate.close();
  const WebClient doorstop(site.port, 2);  // behind whose address the turns go on
  doorstop.send(hello);
  gate.wait_until_reached();
  for (const auto& client : crowd) client->send(hello);
  again.send(hello);
  gate.open();
  CHECK_FALSE(again.receive().empty());
  CHECK(place_of_first_address == 2);
}

TEST_CASE("handshakes that are begun and not ended are a few at most, and keep nobody out", "[web]") {
  const Certificate certificate;
  HttpLimits limits;
  limits.handshakes = 4;
  limits.handshake_deadline = 60s;
  const TlsSite site(certificate.server_context(), "a page\n", limits);
  TlsClient known(site.port, *certificate.client_context());
  known.send(kRequest);
  REQUIRE(known.receive().find("HTTP/1.1 200 OK") == 0);
  const std::string hello = client_hello(*certificate.client_context());
  std::vector<std::unique_ptr<WebClient>> crowd;
  for (std::uint8_t i = 2; i < 14; ++i) {
    crowd.push_back(std::make_unique<WebClient>(site.port, i));
    crowd.back()->send(hello);
    REQUIRE_FALSE(crowd.back()->receive().empty());
  }
  CHECK(comes_true([&] { return site.counts.closed_for_room == 8; }));
  TlsClient newcomer(site.port, *certificate.client_context());
  newcomer.send(kLastRequest);
  CHECK(body_of(newcomer.receive_all()) == "a page\n");
  known.send(kLastRequest);
  CHECK(known.receive_all().find("a page\n") != std::string::npos);
}

}  // namespace
}  // namespace tailmeter
