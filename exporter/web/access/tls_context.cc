#include "exporter/web/access/tls_context.h"

#include <algorithm>
#include <string_view>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "exporter/files/text_file.h"
#include "rules/file/diagnostics.h"

namespace tailmeter {
namespace {

constexpr std::size_t kMaxPemBytes = std::size_t{1024} * 1024;
// For TLS 1.2, where web.yml names none.
constexpr const char* kOwnCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(STACK_OF(X509) * chain) const { sk_X509_pop_free(chain, X509_free); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

// The reason of OpenSSL's last complaint, which is forgotten with all others.
std::string complaint() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "OpenSSL does not say why" : reason;
}

std::string what_it_is(const WebConfig::Pem& pem) {
  return pem.path.empty() ? "the text" : pem.path;
}

std::string read_pem_text(const WebConfig::Pem& pem) {
  if (pem.path.empty()) return pem.text;
  try {
    std::string text = read_text_file(pem.path, kMaxPemBytes);
    if (text.size() > kMaxPemBytes)
      throw TlsError(pem.place, fmt::format("{}: the file has more than {} bytes", pem.path, kMaxPemBytes));
    return text;
  } catch (const TlsError&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw TlsError(pem.place, fmt::format("{}: {}", pem.path, error.what()));
  }
}

// In place of OpenSSL's question on the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

Owned<BIO> reader_of(const std::string& text) {
  return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// At least one.
Owned<STACK_OF(X509)> read_certificates(const WebConfig::Pem& pem) {
  const std::string text = read_pem_text(pem);
  const Owned<BIO> reader = reader_of(text);
  Owned<STACK_OF(X509)> certificates(sk_X509_new_null());
  while (X509* const certificate = PEM_read_bio_X509(reader.get(), nullptr, no_passphrase, nullptr))
    sk_X509_push(certificates.get(), certificate);
  const unsigned long error = ERR_peek_last_error();
  const bool is_at_end = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  const std::string reason = complaint();
  if (!is_at_end)
    throw TlsError(pem.place, fmt::format("{}: a certificate in it is damaged: {}", what_it_is(pem), reason));
  if (sk_X509_num(certificates.get()) == 0)
    throw TlsError(pem.place, fmt::format("{}: no certificate in PEM is in it", what_it_is(pem)));
  return certificates;
}

Owned<EVP_PKEY> read_key(const WebConfig::Pem& pem) {
  const std::string text = read_pem_text(pem);
  Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(reader_of(text).get(), nullptr, no_passphrase, nullptr));
  const std::string reason = complaint();
  if (key) return key;
  const bool is_encrypted = text.find("ENCRYPTED") != std::string::npos;
  throw TlsError(pem.place, fmt::format("{}: {}", what_it_is(pem),
                                        is_encrypted ? "the key in it wants a passphrase; write it without one"
                                                     : "no private key in PEM is in it: " + reason));
}

void take_certificate(SSL_CTX* context, const WebConfig::Tls& tls) {
  const Owned<STACK_OF(X509)> certificates = read_certificates(tls.certificate);
  const Owned<EVP_PKEY> key = read_key(tls.key);
  const Owned<X509> own(sk_X509_shift(certificates.get()));
  if (X509_check_private_key(own.get(), key.get()) != 1) {
    (void)complaint();
    throw TlsError(tls.key.place, fmt::format("{}: the key is not that of the certificate", what_it_is(tls.key)));
  }
  if (SSL_CTX_use_cert_and_key(context, own.get(), key.get(), certificates.get(), 1) != 1)
    throw TlsError(tls.certificate.place, fmt::format("{}: {}", what_it_is(tls.certificate), complaint()));
}

// What a client's certificate has to be. Belongs to its context.
struct ClientRule {
  bool is_verified;
  std::vector<std::string> allowed_sans;
};

std::string_view bytes_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string name_of(const GENERAL_NAME& name) {
  switch (name.type) {
    case GEN_DNS:
    case GEN_EMAIL:
    case GEN_URI:
      return std::string(bytes_of(name.d.ia5));
    case GEN_IPADD: {
      const std::string_view bytes = bytes_of(name.d.iPAddress);
      char written[INET6_ADDRSTRLEN];
      const int family = bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6;
      if (bytes.size() != sizeof(in_addr) && bytes.size() != sizeof(in6_addr)) return "";
      return ::inet_ntop(family, bytes.data(), written, sizeof written);
    }
    default:
      return "";
  }
}

bool has_allowed_san(const X509* certificate, const std::vector<std::string>& allowed) {
  const Owned<GENERAL_NAMES> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const std::string name = name_of(*sk_GENERAL_NAME_value(names.get(), i));
    if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) return true;
  }
  return false;
}

int verify_client(X509_STORE_CTX* store, void* argument) {
  const auto& rule = *static_cast<const ClientRule*>(argument);
  if (rule.is_verified && X509_verify_cert(store) != 1) return 0;
  const X509* const certificate = X509_STORE_CTX_get0_cert(store);
  const bool is_allowed = rule.allowed_sans.empty() || has_allowed_san(certificate, rule.allowed_sans);
  // The result of the handshake: what nobody verified must not look verified. OpenSSL tells the client by an alert that
  // fits.
  if (!is_allowed) {
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  } else if (!rule.is_verified) {
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  }
  return is_allowed ? 1 : 0;
}

void free_rule(void*, void* rule, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<ClientRule*>(rule);
}

void take_client_ca(SSL_CTX* context, const WebConfig::Pem& pem) {
  const Owned<STACK_OF(X509)> certificates = read_certificates(pem);
  for (int i = 0; i < sk_X509_num(certificates.get()); ++i) {
    X509* const certificate = sk_X509_value(certificates.get(), i);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate);
    SSL_CTX_add_client_CA(context, certificate);
  }
}

void take_client_rule(SSL_CTX* context, const WebConfig::Tls& tls) {
  if (tls.client_auth == ClientAuth::kNone) return SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  const bool is_required =
      tls.client_auth == ClientAuth::kRequired || tls.client_auth == ClientAuth::kRequiredAndVerified;
  const bool is_verified =
      tls.client_auth == ClientAuth::kVerifiedIfGiven || tls.client_auth == ClientAuth::kRequiredAndVerified;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (is_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
  if (tls.client_ca) take_client_ca(context, *tls.client_ca);
  // Connections keep their context longer than we do: what it needs goes with it.
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_rule);
  auto rule = std::make_unique<ClientRule>(ClientRule{is_verified, tls.allowed_sans});
  SSL_CTX_set_cert_verify_callback(context, verify_client, rule.get());
  SSL_CTX_set_ex_data(context, index, rule.release());
}

void take_ciphers(SSL_CTX* context, const WebConfig::Tls& tls) {
  std::string old, new_ones;
  for (const std::string& suite : tls.cipher_suites) {
    std::string& list = is_tls12_suite(suite) ? old : new_ones;
    list += (list.empty() ? "" : ":") + std::string(is_tls12_suite(suite) ? OPENSSL_cipher_name(suite.c_str()) : suite);
  }
  const bool is_taken = SSL_CTX_set_cipher_list(context, old.empty() ? kOwnCiphers : old.c_str()) == 1 &&
                        (new_ones.empty() || SSL_CTX_set_ciphersuites(context, new_ones.c_str()) == 1);
  if (!is_taken) throw TlsError(tls.place, fmt::format("cipher_suites: {}", complaint()));
  if (tls.curves.empty()) return;
  if (SSL_CTX_set1_groups_list(context, fmt::format("{}", fmt::join(tls.curves, ":")).c_str()) != 1)
    throw TlsError(tls.place, fmt::format("curve_preferences: {}", complaint()));
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_bytes, const unsigned char* offered,
                    unsigned int offered_bytes, void*) {
  static constexpr unsigned char kHttp[] = "\x08http/1.1";
  unsigned char* protocol = nullptr;
  if (SSL_select_next_proto(&protocol, chosen_bytes, kHttp, sizeof kHttp - 1, offered, offered_bytes) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *chosen = protocol;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

std::shared_ptr<ssl_ctx_st> make_tls_context(const WebConfig::Tls& tls) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) throw TlsError(tls.place, complaint());
  SSL_CTX_set_min_proto_version(context.get(), tls.min_version);
  SSL_CTX_set_max_proto_version(context.get(), tls.max_version);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                         (tls.prefers_own_ciphers ? SSL_OP_CIPHER_SERVER_PREFERENCE : 0));
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);  // idle connections hold none
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  take_ciphers(context.get(), tls);
  take_certificate(context.get(), tls);
  take_client_rule(context.get(), tls);
  ERR_clear_error();
  return context;
}

}  // namespace tailmeter
