// Certificates for tests of TLS: made in memory, signed by themselves, and trusted where they are given.
#pragma once

#include <memory>

#include <openssl/ssl.h>

namespace tailmeter {

class Certificate {
 public:
  Certificate();  // of its own; throws std::runtime_error

  // Of a server that has this one, and verifies clients that show `client`, if one is given.
  [[nodiscard]] std::shared_ptr<SSL_CTX> server_context(const Certificate* client = nullptr) const;
  // Of a client that shows `own`, if one is given, and trusts this one only.
  [[nodiscard]] std::shared_ptr<SSL_CTX> client_context(const Certificate* own = nullptr) const;

 private:
  void show_in(SSL_CTX& context) const;
  void trust_in(SSL_CTX& context) const;

  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
};

}  // namespace tailmeter
