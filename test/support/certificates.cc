#include "test/support/certificates.h"

#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace tailmeter {
namespace {

void check(bool is_done) {
  if (!is_done) throw std::runtime_error("OpenSSL does not make a certificate");
}

constexpr long kSecondsOfDay = 86'400;

}  // namespace

Certificate::Certificate() : key_(EVP_EC_gen("P-256"), EVP_PKEY_free), certificate_(X509_new(), X509_free) {
  X509* const x509 = certificate_.get();
  check(key_ != nullptr && x509 != nullptr);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -kSecondsOfDay);
  X509_gmtime_adj(X509_getm_notAfter(x509), kSecondsOfDay);
  check(X509_set_pubkey(x509, key_.get()) == 1);
  X509_NAME* const name = X509_get_subject_name(x509);
  check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1,
                                   -1, 0) == 1);
  check(X509_set_issuer_name(x509, name) == 1);
  check(X509_sign(x509, key_.get(), EVP_sha256()) > 0);
}

void Certificate::show_in(SSL_CTX& context) const {
  check(SSL_CTX_use_certificate(&context, certificate_.get()) == 1);
  check(SSL_CTX_use_PrivateKey(&context, key_.get()) == 1);
}

void Certificate::trust_in(SSL_CTX& context) const {
  check(X509_STORE_add_cert(SSL_CTX_get_cert_store(&context), certificate_.get()) == 1);
}

std::shared_ptr<SSL_CTX> Certificate::server_context(const Certificate* client) const {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  show_in(*context);
  if (client != nullptr) {
    client->trust_in(*context);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  }
  return context;
}

std::shared_ptr<SSL_CTX> Certificate::client_context(const Certificate* own) const {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  trust_in(*context);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (own != nullptr) own->show_in(*context);
  return context;
}

}  // namespace tailmeter
