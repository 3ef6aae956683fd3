// The server's side of TLS, with OpenSSL's own client at the other end.
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "test/support/certificates.h"
#include "test/support/tls_site.h"
#include "test/support/web_client.h"
#include "test/support/web_site.h"

namespace tailmeter {
namespace {

using namespace std::chrono_literals;

const std::string kRequest = get("/");
const std::string kLastRequest = get_last("/");

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
