#include <cerrno>

#include <sys/socket.h>

#include "exporter/web/transport.h"

namespace tailmeter {
namespace {

class PlainTransport final : public Transport {
 public:
  using Transport::Transport;

  bool has_handshake() const override { return false; }
  Outcome shake_hands() override { return Outcome::kDone; }

  Result read(std::span<char> to) override {
    const ssize_t size = ::recv(fd(), to.data(), to.size(), 0);
    if (size > 0) return {Outcome::kDone, static_cast<std::size_t>(size)};
    if (size == 0) return {Outcome::kEnd};
    return {has_to_wait() ? Outcome::kWantsRead : Outcome::kFailed};
  }

  Result write(std::string_view bytes) override {
    const ssize_t size = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size >= 0) return {Outcome::kDone, static_cast<std::size_t>(size)};
    return {has_to_wait() ? Outcome::kWantsWrite : Outcome::kFailed};
  }

  void say_farewell() override {}
  bool is_authenticated() const override { return false; }

 private:
  static bool has_to_wait() { return errno == EAGAIN || errno == EINTR; }
};

}  // namespace

std::unique_ptr<Transport> plain_transport(Descriptor socket) {
  return std::make_unique<PlainTransport>(std::move(socket));
}

}  // namespace tailmeter
