// The server's side of TLS, with OpenSSL's own client at the other end.
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "test/support/certificates.h"
#include "test/support/web_client.h"
#include "test/support/web_site.h"

namespace tailmeter {
namespace {

using namespace std::chrono_literals;

const std::string kRequest = get("/");
const std::string kLastRequest = get_last("/");

class TlsClient {
 public:
  TlsClient(int port, SSL_CTX& context) : socket_(port), ssl_(SSL_new(&context), SSL_free) {
    SSL_set_fd(ssl_.get(), socket_.fd());
    is_connected_ = SSL_connect(ssl_.get()) == 1;
  }

  [[nodiscard]] bool is_connected() const { return is_connected_; }
  void send(const std::string& text) { SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())); }
  std::string receive() {
    char bytes[4096];
    const int size = SSL_read(ssl_.get(), bytes, sizeof bytes);
    return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : "";
  }
  std::string receive_all() {
    std::string all;
    for (std::string part = receive(); !part.empty(); part = receive()) all += part;
    return all;
  }
  // True if the end was told by TLS, so that nobody can have cut it off.
  [[nodiscard]] bool has_farewell() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  SSL& ssl() { return *ssl_; }
  [[nodiscard]] const WebClient& socket() const { return socket_; }

 private:
  WebClient socket_;
  std::shared_ptr<SSL> ssl_;
  bool is_connected_ = false;
};

struct AuthenticatedCount {
  std::atomic<int> authenticated = 0;
};

// Serves `text` over TLS, and counts who was authenticated.
struct TlsSite : AuthenticatedCount, Site {
  explicit TlsSite(std::shared_ptr<SSL_CTX> context, std::string text = "a page\n", HttpLimits limits = {})
      : Site(
            [this, text = std::move(text)](const WebRequest& request) {
              authenticated += request.is_authenticated ? 1 : 0;
              return page(text);
            },
            {.limits = limits, .tls = [context = std::move(context)] { return context; }}) {}
};

// What a client says first.
std::string client_hello(SSL_CTX& context) {
  const std::shared_ptr<SSL> ssl(SSL_new(&context), SSL_free);
  BIO* const sent = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), sent);
  SSL_connect(ssl.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(sent, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

TEST_CASE("a page goes through TLS whole, also a large one, again and again, and its end is told", "[web]") {
  const Certificate certificate;
  const auto trust = certificate.client_context();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{100}, std::size_t{16 * 1024}, std::size_t{5'000'000}}) {
      CAPTURE(version, size);
      const TlsSite site(certificate.server_context(), std::string(size, 'm'));
      SSL_CTX_set_max_proto_version(trust.get(), version);
      TlsClient client(site.port, *trust);
      REQUIRE(client.is_connected());
      CHECK(SSL_version(&client.ssl()) == version);
      CHECK(site.server.urls() == std::vector{"https://127.0.0.1:" + std::to_string(site.port)});
      client.send(kRequest + kRequest + kLastRequest);
      const std::string answers = client.receive_all();
      CHECK((body_of(answers.substr(answers.rfind("HTTP/1.1 200 OK\r\n"))) == std::string(size, 'm')));
      CHECK(client.has_farewell());
      CHECK(site.answers(200) == 3);
      CHECK(site.authenticated == 0);
    }
  }
}

TEST_CASE("a client is authenticated by a certificate that was verified, and by no other", "[web]") {
  const Certificate servers;
  const Certificate clients;
  const Certificate strangers;
  const TlsSite site(servers.server_context(&clients));
  TlsClient nobody(site.port, *servers.client_context());
  nobody.send(kLastRequest);
  CHECK(body_of(nobody.receive_all()) == "a page\n");
  CHECK(site.authenticated == 0);
  TlsClient friendly(site.port, *servers.client_context(&clients));
  friendly.send(kLastRequest);
  CHECK(body_of(friendly.receive_all()) == "a page\n");
  CHECK(site.authenticated == 1);
  TlsClient stranger(site.port, *servers.client_context(&strangers));
  stranger.send(kLastRequest);
  CHECK(stranger.receive_all().empty());
  CHECK(site.authenticated == 1);

  // A server that asks for certificates and takes any of them has verified none.
  const auto careless = servers.server_context(&clients);
  SSL_CTX_set_verify(careless.get(), SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  const TlsSite open_site(careless);
  TlsClient unknown(open_site.port, *servers.client_context(&strangers));
  unknown.send(kLastRequest);
  CHECK(body_of(unknown.receive_all()) == "a page\n");
  CHECK(open_site.authenticated == 0);
}

TEST_CASE("a client that is refused in the handshake is told why, whatever it has sent already, and is counted",
          "[web]") {
  const Certificate servers;
  const Certificate clients;
  const Certificate strangers;
  const auto context = servers.server_context(&clients);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // The server comes to look at the certificate when the request is there, too.
  std::atomic<bool> is_sent = false;
  SSL_CTX_set_msg_callback(
      context.get(), [](int is_ours, int, int type, const void* bytes, std::size_t, SSL*, void* sent) {
        if (is_ours != 0 || type != SSL3_RT_HANDSHAKE || *static_cast<const char*>(bytes) != SSL3_MT_CERTIFICATE)
          return;
        (void)comes_true([&] { return static_cast<std::atomic<bool>*>(sent)->load(); });
      });
  SSL_CTX_set_msg_callback_arg(context.get(), &is_sent);
  const TlsSite site(context);
  const auto alert_for = [&](const Certificate* shown) {
    is_sent = false;
    TlsClient client(site.port, *servers.client_context(shown));
    client.send(kRequest);
    is_sent = true;
    ERR_clear_error();
    CHECK(client.receive_all().empty());
    const int alert = ERR_GET_REASON(ERR_get_error()) - SSL_AD_REASON_OFFSET;
    char byte = 0;
    CHECK(::recv(client.socket().fd(), &byte, 1, 0) == 0);  // no reset, which may take the alert back
    return alert;
  };
  CHECK(alert_for(nullptr) == SSL_AD_CERTIFICATE_REQUIRED);
  CHECK(alert_for(&strangers) == SSL_AD_UNKNOWN_CA);
  CHECK(comes_true([&] { return site.counts.closed_by_handshake == 2; }));
  // One who goes away in the middle of it was not refused.
  {
    const WebClient half(site.port);
    half.send(client_hello(*servers.client_context()));
    CHECK_FALSE(half.receive().empty());
  }
  CHECK(comes_true([&] { return site.counts.open_connections == 0; }));
  CHECK(site.counts.closed_by_handshake == 2);
}

TEST_CASE("a request in the clear is told that the port speaks HTTPS", "[web]") {
  const Certificate certificate;
  const TlsSite site(certificate.server_context());
  const WebClient client(site.port);
  client.send(kRequest);
  const std::string answer = client.receive_all();
  CHECK(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(body_of(answer) == "400 this port speaks HTTPS\n");
}

TEST_CASE("garbage, a half handshake and an end without a word disturb nobody", "[web]") {
  const Certificate certificate;
  HttpLimits limits;
  limits.handshake_deadline = 2s;
  const TlsSite site(certificate.server_context(), "a page\n", limits);
  const WebClient garbage(site.port);
  garbage.send(std::string("\x16\x03\x01\x00\x05hello world\r\n\r\n", 20));
  CHECK(garbage.receive_all().find("HTTP") == std::string::npos);
  const WebClient half(site.port);
  half.send(std::string("\x16\x03\x01\x02\x00\x01\x00", 7));
  {
    TlsClient rude(site.port, *certificate.client_context());
    REQUIRE(rude.is_connected());
    rude.send(kRequest.substr(0, 10));
  }
  CHECK(half.receive_all().empty());
  CHECK(site.counts.closed_by_deadline == 1);
  TlsClient client(site.port, *certificate.client_context());
  client.send(kLastRequest);
  CHECK(body_of(client.receive_all()) == "a page\n");
}

TEST_CASE("a client that is known does not wait until all handshakes are done that were begun", "[web]") {
  struct Handshakes {
    std::atomic<int> begun = 0;
    std::atomic<bool> are_dear = false;
  } handshakes;
  const Certificate certificate;
  const auto context = certificate.server_context();
  SSL_CTX_set_client_hello_cb(
      context.get(),
      [](SSL*, int*, void* argument) {
        auto& of_site = *static_cast<Handshakes*>(argument);
        if (of_site.are_dear) std::this_thread::sleep_for(10ms);  // as a signature
        ++of_site.begun;
        return SSL_CLIENT_HELLO_SUCCESS;
      },
      &handshakes);
  std::atomic<bool> is_to_wait = false;
  std::promise<void> waiting;
  std::promise<void> released;
  HttpSettings settings;
  settings.tls = [&] {
    if (is_to_wait.exchange(false)) {
      waiting.set_value();
      released.get_future().wait();
    }
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
  is_to_wait = true;
  const WebClient doorstop(site.port, 3);
  waiting.get_future().wait();
  handshakes.begun = 0;
  handshakes.are_dear = true;
  const std::string hello = client_hello(*certificate.client_context());
  for (const auto& client : crowd) client->send(hello);
  known.send(kLastRequest);
  released.set_value();
  CHECK(known.receive_all().find("a page\n") != std::string::npos);
  CHECK(handshakes.begun < kCrowd);
  CHECK(comes_true([&] { return handshakes.begun == kCrowd; }));
}

TEST_CASE("a client whose handshake waits for its turn is not closed for one that says nothing", "[web]") {
  struct Turn {
    std::atomic<bool> is_to_wait = true;
    std::promise<void> waiting;
    std::promise<void> released;
  } turn;
  const Certificate certificate;
  const auto context = certificate.server_context();
  SSL_CTX_set_client_hello_cb(
      context.get(),
      [](SSL*, int*, void* argument) {
        auto& first = *static_cast<Turn*>(argument);
        if (first.is_to_wait.exchange(false)) {
          first.waiting.set_value();
          first.released.get_future().wait();
        }
        return SSL_CLIENT_HELLO_SUCCESS;
      },
      &turn);
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
  turn.waiting.get_future().wait();
  speaks.send(hello);
  const WebClient newcomer(site.port, 5);
  turn.released.set_value();
  CHECK_FALSE(speaks.receive().empty());
  CHECK(silent.receive().empty());
  CHECK(site.counts.closed_for_room == 1);
}

TEST_CASE("who has read a page shakes hands before a crowd of whom nobody has", "[web]") {
  struct Handshakes {
    std::atomic<bool> is_to_wait = false;
    std::promise<void> waiting;
    std::promise<void> released;
    std::atomic<int> begun = 0;
    std::atomic<int> place_of_first_address = 0;
  } handshakes;
  const Certificate certificate;
  const auto context = certificate.server_context();
  SSL_CTX_set_client_hello_cb(
      context.get(),
      [](SSL* ssl, int*, void* argument) {
        auto& of_site = *static_cast<Handshakes*>(argument);
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        ::getpeername(SSL_get_fd(ssl), reinterpret_cast<sockaddr*>(&peer), &size);
        ++of_site.begun;
        if (peer.sin_addr.s_addr == htonl(INADDR_LOOPBACK)) of_site.place_of_first_address = of_site.begun.load();
        if (of_site.is_to_wait.exchange(false)) {
          of_site.waiting.set_value();
          of_site.released.get_future().wait();
        }
        return SSL_CLIENT_HELLO_SUCCESS;
      },
      &handshakes);
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
  handshakes.begun = 0;
  handshakes.is_to_wait = true;
  const WebClient doorstop(site.port, 2);  // behind whose address the turns go on
  doorstop.send(hello);
  handshakes.waiting.get_future().wait();
  for (const auto& client : crowd) client->send(hello);
  again.send(hello);
  handshakes.released.set_value();
  CHECK_FALSE(again.receive().empty());
  CHECK(handshakes.place_of_first_address == 2);
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

TEST_CASE("a client cannot make the handshake be done again", "[web]") {
  const Certificate certificate;
  const auto trust = certificate.client_context();
  SSL_CTX_set_max_proto_version(trust.get(), TLS1_2_VERSION);
  const auto context = certificate.server_context();
  SSL_CTX_set_options(context.get(), SSL_OP_ALLOW_CLIENT_RENEGOTIATION);  // whatever the context says
  const TlsSite site(context);
  TlsClient client(site.port, *trust);
  REQUIRE(client.is_connected());
  SSL_renegotiate(&client.ssl());
  CHECK(SSL_do_handshake(&client.ssl()) != 1);
}

TEST_CASE("where the supplier gives no context, a connection is in the clear", "[web]") {
  const TlsSite site(nullptr);
  const WebClient client(site.port);
  client.send(kLastRequest);
  CHECK(body_of(client.receive_all()) == "a page\n");
}

TEST_CASE("a reader through TLS that takes its time holds up nobody", "[web]") {
  const Certificate certificate;
  HttpLimits limits;
  limits.unsent_bytes = 1 << 30;
  const TlsSite site(certificate.server_context(), std::string(600'000, 'm'), limits);
  TlsClient slow(site.port, *certificate.client_context());
  slow.send(kLastRequest);
  REQUIRE(comes_true([&] { return site.answers(200) == 1; }));
  TlsClient quick(site.port, *certificate.client_context());
  quick.send(kLastRequest);
  CHECK(body_of(quick.receive_all()).size() == 600'000);
  CHECK(body_of(slow.receive_all()).size() == 600'000);
}

}  // namespace
}  // namespace tailmeter
