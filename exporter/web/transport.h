// The bytes of a connection, in the clear or through TLS, without ever waiting.
//
// Owns the socket. Belongs to one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "exporter/descriptors/descriptor.h"

struct ssl_ctx_st;

namespace tailmeter {

class Transport {
 public:
  enum class Outcome {
    kDone,
    kWantsRead,   // call again when the socket is readable,
    kWantsWrite,  // or writable: with TLS, also a read may want to write
    kEnd,         // the client has ended
    kFailed,
    kSpeaksHttp,  // of the handshake: what came is HTTP in the clear
    kRefused,     // of the handshake: it failed, and the client was told why, or told us
  };
  struct Result {
    Outcome outcome = Outcome::kDone;
    std::size_t bytes = 0;  // kDone: at least one
  };

  explicit Transport(Descriptor socket) : socket_(std::move(socket)) {}
  virtual ~Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // Before the first byte is read or written; if there is none, it is done.
  [[nodiscard]] virtual bool has_handshake() const = 0;
  [[nodiscard]] virtual Outcome shake_hands() = 0;

  [[nodiscard]] virtual Result read(std::span<char> to) = 0;

  // Takes some of the bytes. After kWants..., they are given again, at least as many.
  [[nodiscard]] virtual Result write(std::string_view bytes) = 0;

  // Tells the client that nothing follows, as far as that can be told without waiting.
  virtual void say_farewell() = 0;

  // True if the client has shown a certificate, and it was verified.
  [[nodiscard]] virtual bool is_authenticated() const = 0;

  [[nodiscard]] int fd() const { return socket_.get(); }

  // The socket, for another way to speak on it. This object is of no use any more.
  [[nodiscard]] Descriptor release() { return std::move(socket_); }

 private:
  Descriptor socket_;
};

[[nodiscard]] std::unique_ptr<Transport> plain_transport(Descriptor socket);

[[nodiscard]] std::unique_ptr<Transport> tls_transport(Descriptor socket, std::shared_ptr<ssl_ctx_st> context);

}  // namespace tailmeter
