#include <algorithm>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "exporter/web/transport.h"

namespace tailmeter {
namespace {

// What one record holds at most. A write that has to be repeated is one of the same size then, as OpenSSL wants it.
constexpr std::size_t kRecordBytes = 16 * 1024;

struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslPointer = std::unique_ptr<SSL, SslDeleter>;

// SSL_get_error(3): nothing may be left of another connection in the thread's queue of errors when a call begins. A
// connection that has failed must not be told farewell. OpenSSL writes by write(2), so SIGPIPE has to be ignored: see
// HttpServer.
class TlsTransport final : public Transport {
 public:
  TlsTransport(Descriptor socket, std::shared_ptr<ssl_ctx_st> context)
      : Transport(std::move(socket)), context_(std::move(context)) {}

  bool has_handshake() const override { return true; }

  Outcome shake_hands() override {
    if (!ssl_ && !begin()) return Outcome::kFailed;
    ERR_clear_error();
    const int done = SSL_accept(ssl_.get());
    if (done == 1) return Outcome::kDone;
    const unsigned long error = ERR_peek_error();
    const bool is_of_tls = SSL_get_error(ssl_.get(), done) == SSL_ERROR_SSL;
    const Outcome outcome = outcome_of(done);
    if (!is_of_tls) return outcome;
    if (ERR_GET_LIB(error) != ERR_LIB_SSL) return Outcome::kRefused;
    if (ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return outcome;
    return ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST ? Outcome::kSpeaksHttp : Outcome::kRefused;
  }

  Result read(std::span<char> to) override {
    ERR_clear_error();
    std::size_t size = 0;
    const int done = SSL_read_ex(ssl_.get(), to.data(), to.size(), &size);
    if (done == 1) return {Outcome::kDone, size};
    return {outcome_of(done)};
  }

  Result write(std::string_view bytes) override {
    ERR_clear_error();
    std::size_t size = 0;
    const int done = SSL_write_ex(ssl_.get(), bytes.data(), std::min(bytes.size(), kRecordBytes), &size);
    if (done == 1) return {Outcome::kDone, size};
    return {outcome_of(done)};
  }

  void say_farewell() override {
    if (!ssl_ || has_failed_) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }

  bool is_authenticated() const override {
    return ssl_ && SSL_get0_peer_certificate(ssl_.get()) != nullptr && SSL_get_verify_result(ssl_.get()) == X509_V_OK;
  }

 private:
  // With the first byte: a client that connects and says nothing costs a socket, not the memory of OpenSSL.
  bool begin() {
    ERR_clear_error();
    ssl_.reset(SSL_new(context_.get()));
    if (!ssl_ || SSL_set_fd(ssl_.get(), fd()) != 1) {
      has_failed_ = true;
      return false;
    }
    SSL_set_mode(ssl_.get(),
                 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_set_options(ssl_.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_set_accept_state(ssl_.get());
    return true;
  }

  Outcome outcome_of(int done) {
    switch (SSL_get_error(ssl_.get(), done)) {
      case SSL_ERROR_WANT_READ:
        return Outcome::kWantsRead;
      case SSL_ERROR_WANT_WRITE:
        return Outcome::kWantsWrite;
      case SSL_ERROR_ZERO_RETURN:
        return Outcome::kEnd;
      default:
        has_failed_ = true;
        return Outcome::kFailed;
    }
  }

  const std::shared_ptr<ssl_ctx_st> context_;
  SslPointer ssl_;
  bool has_failed_ = false;
};

}  // namespace

std::unique_ptr<Transport> tls_transport(Descriptor socket, std::shared_ptr<ssl_ctx_st> context) {
  return std::make_unique<TlsTransport>(std::move(socket), std::move(context));
}

}  // namespace tailmeter
