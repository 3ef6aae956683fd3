// A site behind TLS, and OpenSSL's own client for it.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include <openssl/ssl.h>

#include "test/support/web_client.h"
#include "test/support/web_site.h"

namespace tailmeter {

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
inline std::string client_hello(SSL_CTX& context) {
  const std::shared_ptr<SSL> ssl(SSL_new(&context), SSL_free);
  BIO* const sent = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), sent);
  SSL_connect(ssl.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(sent, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

}  // namespace tailmeter
