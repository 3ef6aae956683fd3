// A TLS context as web.yml asks for it, made by OpenSSL 3.
//
// TLS 1.2 and 1.3, with forward secrecy and without compression, renegotiation and resumption: a session that could be
// resumed would outlive the certificates and names that let it in. HTTP/1.1 is the one protocol that is offered. A
// context may be shared by threads, as OpenSSL's SSL_CTX may.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "exporter/web/access/web_config.h"

struct ssl_ctx_st;  // SSL_CTX

namespace tailmeter {

// A certificate or key that cannot be used, and where the web configuration names it.
class TlsError : public std::runtime_error {
 public:
  TlsError(Place place, const std::string& message) : std::runtime_error(message), place_(place) {}
  [[nodiscard]] Place place() const { return place_; }

 private:
  Place place_;
};

// Reads the files that `tls` names. Throws TlsError. SSL_get_verify_result() of a connection is X509_V_OK only for a
// client whose certificate was verified, or who has shown none.
[[nodiscard]] std::shared_ptr<ssl_ctx_st> make_tls_context(const WebConfig::Tls& tls);

}  // namespace tailmeter
