#include "exporter/web/access/tls_context.h"

#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "test/support/certificate_files.h"

namespace tailmeter {
namespace {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};

// A client that believes every server.
class Client {
 public:
  Client() : context_(SSL_CTX_new(TLS_client_method())) {}
  [[nodiscard]] SSL_CTX* context() const { return context_.get(); }
  void show(const CertificateFiles& certificates, const std::string& name) const {
    SSL_CTX_use_certificate_file(context(), certificates.certificate(name).c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context(), certificates.key(name).c_str(), SSL_FILETYPE_PEM);
  }

 private:
  std::unique_ptr<SSL_CTX, FreeSsl> context_;
};

// As the server of ours asks.
bool is_client_verified(const SSL* connection) {
  return SSL_get0_peer_certificate(connection) != nullptr && SSL_get_verify_result(connection) == X509_V_OK;
}

// Both ends of one connection, in memory.
class Connection {
 public:
  Connection(SSL_CTX* server, const Client& client) : server_(SSL_new(server)), client_(SSL_new(client.context())) {
    BIO *server_end = nullptr, *client_end = nullptr;
    BIO_new_bio_pair(&server_end, 0, &client_end, 0);
    SSL_set_bio(server_.get(), server_end, server_end);
    SSL_set_bio(client_.get(), client_end, client_end);
    SSL_set_accept_state(server_.get());
    SSL_set_connect_state(client_.get());
  }

  // True if both ends agree.
  [[nodiscard]] bool shake_hands() {
    for (int round = 0; round < 20; ++round) {
      const bool client_is_done = step(client_.get());
      const bool server_is_done = step(server_.get());
      if (has_failed_) return false;
      if (client_is_done && server_is_done) return true;
    }
    return false;
  }

  // What the client reads when the server has written a byte: with TLS 1.3, session tickets come in front of it.
  void send_a_byte() {
    char byte = 'x';
    REQUIRE(SSL_write(server_.get(), &byte, 1) == 1);
    REQUIRE(SSL_read(client_.get(), &byte, 1) == 1);
  }

  // What the client is told when the server has refused it.
  [[nodiscard]] int alert_for_client() {
    char byte = 0;
    ERR_clear_error();
    REQUIRE(SSL_read(client_.get(), &byte, 1) <= 0);
    return ERR_GET_REASON(ERR_get_error()) - SSL_AD_REASON_OFFSET;
  }

  [[nodiscard]] SSL* server() const { return server_.get(); }
  [[nodiscard]] SSL* client() const { return client_.get(); }

 private:
  bool step(SSL* end) {
    ERR_clear_error();
    const int result = SSL_do_handshake(end);
    if (result == 1) return true;
    const int error = SSL_get_error(end, result);
    has_failed_ |= error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
    return false;
  }

  std::unique_ptr<SSL, FreeSsl> server_;
  std::unique_ptr<SSL, FreeSsl> client_;
  bool has_failed_ = false;
};

// Making certificates takes longer than all else.
const CertificateFiles& certificates() {
  struct Made : CertificateFiles {
    Made() {
      make("server", "ca");
      make("scraper", "ca",
           "DNS:scraper.example.org,IP:192.0.2.7,IP:2001:db8::7,URI:spiffe://example.org/scraper,"
           "email:scraper@example.org");
      make("stranger", "", "DNS:scraper.example.org");
    }
  };
  static const Made made;
  return made;
}

WebConfig::Tls plain_tls() {
  WebConfig::Tls tls;
  tls.certificate = {"", certificates().certificate("server"), {2, 14}};
  tls.key = {"", certificates().key("server"), {3, 13}};
  return tls;
}

WebConfig::Tls tls_with(ClientAuth auth, std::vector<std::string> sans = {}) {
  WebConfig::Tls tls = plain_tls();
  tls.client_ca = WebConfig::Pem{"", certificates().certificate("ca"), {4, 19}};
  tls.client_auth = auth;
  tls.allowed_sans = std::move(sans);
  return tls;
}

TEST_CASE("a connection is of TLS 1.3, and has no client that was verified", "[access]") {
  const auto context = make_tls_context(plain_tls());
  Connection connection(context.get(), Client());
  REQUIRE(connection.shake_hands());
  CHECK(SSL_version(connection.server()) == TLS1_3_VERSION);
  CHECK_FALSE(is_client_verified(connection.server()));
}

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST_CASE("certificates and key may be given as texts", "[access]") {
  WebConfig::Tls tls = tls_with(ClientAuth::kRequiredAndVerified);
  for (WebConfig::Pem* const pem : {&tls.certificate, &tls.key, &*tls.client_ca}) {
    pem->text = text_of(pem->path);
    pem->path.clear();
  }
  const auto context = make_tls_context(tls);
  Client client;
  client.show(certificates(), "scraper");
  Connection connection(context.get(), client);
  REQUIRE(connection.shake_hands());
  CHECK(is_client_verified(connection.server()));
}

TEST_CASE("who gets in by a certificate, and who is verified, is as client_auth_type says", "[access]") {
  enum class Outcome { kRefused, kIn, kVerified };
  struct Row {
    ClientAuth auth;
    Outcome without, by_stranger, by_scraper;
  };
  const Row row = GENERATE(values<Row>({
      {ClientAuth::kNone, Outcome::kIn, Outcome::kIn, Outcome::kIn},
      {ClientAuth::kRequested, Outcome::kIn, Outcome::kIn, Outcome::kIn},
      {ClientAuth::kRequired, Outcome::kRefused, Outcome::kIn, Outcome::kIn},
      {ClientAuth::kVerifiedIfGiven, Outcome::kIn, Outcome::kRefused, Outcome::kVerified},
      {ClientAuth::kRequiredAndVerified, Outcome::kRefused, Outcome::kRefused, Outcome::kVerified},
  }));
  const int max_version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  CAPTURE(static_cast<int>(row.auth), max_version);
  const auto context = make_tls_context(tls_with(row.auth));
  const auto outcome = [&](const char* shown) {
    Client client;
    SSL_CTX_set_max_proto_version(client.context(), max_version);
    if (shown != nullptr) client.show(certificates(), shown);
    Connection connection(context.get(), client);
    if (!connection.shake_hands()) return Outcome::kRefused;
    return is_client_verified(connection.server()) ? Outcome::kVerified : Outcome::kIn;
  };
  CHECK(outcome(nullptr) == row.without);
  CHECK(outcome("stranger") == row.by_stranger);
  CHECK(outcome("scraper") == row.by_scraper);
}

TEST_CASE("a client gets in by any of its names that is allowed, and by no other", "[access]") {
  const auto [name, is_in] = GENERATE(table<std::string, bool>({{"scraper.example.org", true},
                                                                {"192.0.2.7", true},
                                                                {"2001:db8::7", true},
                                                                {"spiffe://example.org/scraper", true},
                                                                {"scraper@example.org", true},
                                                                {"scraper", false},  // its common name
                                                                {"example.org", false},
                                                                {"*.example.org", false},
                                                                {"SCRAPER.example.org", false},
                                                                {"192.0.2.70", false},
                                                                {"spiffe://example.org", false}}));
  CAPTURE(name);
  Client client;
  client.show(certificates(), "scraper");
  const auto verified = make_tls_context(tls_with(ClientAuth::kRequiredAndVerified, {"other.example.org", name}));
  Connection by_signature(verified.get(), client);
  CHECK(by_signature.shake_hands() == is_in);
  CHECK(is_client_verified(by_signature.server()) == is_in);
  if (!is_in) CHECK(by_signature.alert_for_client() == SSL_AD_BAD_CERTIFICATE);

  const auto any = make_tls_context(tls_with(ClientAuth::kRequired, {name}));
  Connection by_name(any.get(), client);
  CHECK(by_name.shake_hands() == is_in);
  CHECK_FALSE(is_client_verified(by_name.server()));
}

TEST_CASE("a name proves nothing without the signature", "[access]") {
  const auto context = make_tls_context(tls_with(ClientAuth::kRequiredAndVerified, {"scraper.example.org"}));
  Client client;
  client.show(certificates(), "stranger");
  CHECK_FALSE(Connection(context.get(), client).shake_hands());
}

TEST_CASE("a connection keeps what it needs of a context that is gone", "[access]") {
  auto context = make_tls_context(tls_with(ClientAuth::kRequiredAndVerified, {"scraper.example.org"}));
  Client client;
  client.show(certificates(), "scraper");
  Connection connection(context.get(), client);
  context.reset();
  CHECK(connection.shake_hands());
}

TEST_CASE("the versions are those between min_version and max_version", "[access]") {
  struct Row {
    int min, max, client;
    bool is_in;
  };
  const Row row = GENERATE(values<Row>({{kTls12, kTls13, TLS1_2_VERSION, true},
                                        {kTls12, kTls13, TLS1_3_VERSION, true},
                                        {kTls13, kTls13, TLS1_2_VERSION, false},
                                        {kTls12, kTls12, TLS1_3_VERSION, false},
                                        {kTls12, kTls13, TLS1_1_VERSION, false}}));
  WebConfig::Tls tls = plain_tls();
  tls.min_version = row.min;
  tls.max_version = row.max;
  const auto context = make_tls_context(tls);
  Client client;
  SSL_CTX_set_min_proto_version(client.context(), row.client);
  SSL_CTX_set_max_proto_version(client.context(), row.client);
  SSL_CTX_set_security_level(client.context(), 0);
  CAPTURE(row.min, row.max, row.client);
  CHECK(Connection(context.get(), client).shake_hands() == row.is_in);
}

TEST_CASE("the cipher is one of those that are named", "[access]") {
  const auto [suite, version] =
      GENERATE(table<std::string, int>({{"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", TLS1_2_VERSION},
                                        {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", TLS1_2_VERSION},
                                        {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", TLS1_2_VERSION},
                                        {"TLS_CHACHA20_POLY1305_SHA256", TLS1_3_VERSION},
                                        {"TLS_AES_128_GCM_SHA256", TLS1_3_VERSION}}));
  WebConfig::Tls tls = plain_tls();
  tls.cipher_suites = {suite};
  const auto context = make_tls_context(tls);
  Client client;
  SSL_CTX_set_max_proto_version(client.context(), version);
  Connection connection(context.get(), client);
  REQUIRE(connection.shake_hands());
  CHECK(SSL_CIPHER_standard_name(SSL_get_current_cipher(connection.server())) == suite);
}

TEST_CASE("the curve is one of those that are named", "[access]") {
  WebConfig::Tls tls = plain_tls();
  tls.curves = {"P-384"};
  const auto context = make_tls_context(tls);
  Client client;
  SSL_CTX_set1_groups_list(client.context(), "X25519:P-384");
  CHECK(Connection(context.get(), client).shake_hands());
  SSL_CTX_set1_groups_list(client.context(), "X25519:P-256");
  CHECK_FALSE(Connection(context.get(), client).shake_hands());
}

TEST_CASE("no session is resumed, and HTTP/1.1 is what is spoken", "[access]") {
  const int max_version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  CAPTURE(max_version);
  const auto context = make_tls_context(plain_tls());
  Client client;
  SSL_CTX_set_max_proto_version(client.context(), max_version);
  const unsigned char offered[] = "\x02h2\x08http/1.1";
  SSL_CTX_set_alpn_protos(client.context(), offered, sizeof offered - 1);
  Connection first(context.get(), client);
  REQUIRE(first.shake_hands());
  first.send_a_byte();
  const unsigned char* chosen = nullptr;
  unsigned int chosen_bytes = 0;
  SSL_get0_alpn_selected(first.client(), &chosen, &chosen_bytes);
  CHECK(std::string(reinterpret_cast<const char*>(chosen), chosen_bytes) == "http/1.1");
  const std::unique_ptr<SSL_SESSION, FreeSsl> session(SSL_get1_session(first.client()));
  Connection second(context.get(), client);
  SSL_set_session(second.client(), session.get());
  REQUIRE(second.shake_hands());
  CHECK(SSL_session_reused(second.server()) == 0);
}

TEST_CASE("what cannot be a certificate or its key is refused with its place", "[access]") {
  CertificateFiles made;
  made.make("server", "ca");
  made.make("other", "ca");
  made.run("pkey -in server.key -aes256 -passout pass:x -out locked.key");
  made.run("genrsa -out weak.key 1024");
  made.run("req -x509 -key weak.key -days 2 -subj /CN=weak -out weak.pem");
  const std::string dir = made.directory().path().string() + '/';
  std::ofstream(dir + "empty.pem") << "\n";
  std::ofstream(dir + "cut.pem") << text_of(made.certificate("server")).substr(0, 200);
  struct Row {
    std::string certificate, key, ca, message;
    int line;
  };
  const auto rows = std::vector<Row>{
      {"server.pem", "server.key", "ca.pem", "", 0},
      {"none.pem", "server.key", "ca.pem", "none.pem: No such file or directory", 1},
      {"", "server.key", "ca.pem", ": Is a directory", 1},
      {"empty.pem", "server.key", "ca.pem", "empty.pem: no certificate in PEM is in it", 1},
      {"server.key", "server.key", "ca.pem", "server.key: no certificate in PEM is in it", 1},
      {"cut.pem", "server.key", "ca.pem", "cut.pem: a certificate in it is damaged: bad end line", 1},
      {"server.pem", "none.key", "ca.pem", "none.key: No such file or directory", 2},
      {"server.pem", "server.pem", "ca.pem", "server.pem: no private key in PEM is in it: unsupported", 2},
      {"server.pem", "locked.key", "ca.pem", "locked.key: the key in it wants a passphrase; write it without one", 2},
      {"server.pem", "other.key", "ca.pem", "other.key: the key is not that of the certificate", 2},
      {"weak.pem", "weak.key", "ca.pem", "weak.pem: ee key too small", 1},
      {"server.pem", "server.key", "none.pem", "none.pem: No such file or directory", 3},
      {"server.pem", "server.key", "empty.pem", "empty.pem: no certificate in PEM is in it", 3},
  };
  for (const Row& row : rows) {
    CAPTURE(row.certificate, row.key, row.ca);
    WebConfig::Tls tls;
    tls.certificate = {"", dir + row.certificate, {1, 1}};
    tls.key = {"", dir + row.key, {2, 1}};
    tls.client_ca = WebConfig::Pem{"", dir + row.ca, {3, 1}};
    tls.client_auth = ClientAuth::kRequiredAndVerified;
    std::string message;
    int line = 0;
    try {
      (void)make_tls_context(tls);
    } catch (const TlsError& error) {
      message = error.what();
      line = error.place().line;
    }
    CHECK(message == (row.message.empty() ? "" : dir + row.message));
    CHECK(line == row.line);
  }
}

}  // namespace
}  // namespace tailmeter
