#include "test/support/web_client.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace tailmeter {
namespace {

constexpr std::uint32_t kLoopback = 127U << 24;

void check(bool is_done, const char* what) {
  if (!is_done) throw std::system_error(errno, std::system_category(), what);
}

void limit_waits(int fd) {
  const timeval timeout{10, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
}

sockaddr_in loopback(std::uint32_t last_byte, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(kLoopback + last_byte);
  return address;
}

}  // namespace

WebClient::WebClient(int port, std::uint8_t from) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_in own = loopback(from, 0);
  const sockaddr_in server = loopback(1, port);
  check(::bind(fd_, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0, "bind");
  check(::connect(fd_, reinterpret_cast<const sockaddr*>(&server), sizeof server) == 0, "connect");
  limit_waits(fd_);
}

WebClient::WebClient(const std::string& unix_path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  unix_path.copy(address.sun_path, sizeof address.sun_path - 1);
  check(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "connect");
  limit_waits(fd_);
}

WebClient::~WebClient() {
  ::close(fd_);
}

void WebClient::send(const std::string& text) const {
  (void)::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
}

std::string WebClient::receive() const {
  char bytes[65536];
  const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
  check(got >= 0 || errno == ECONNRESET, "recv");
  return {bytes, static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
}

std::string WebClient::receive_all() const {
  std::string all;
  for (std::string part = receive(); !part.empty(); part = receive()) all += part;
  return all;
}

std::string WebClient::receive_until(const std::string& end) const {
  std::string all;
  while (all.find(end) == std::string::npos) {
    const std::string part = receive();
    if (part.empty()) break;
    all += part;
  }
  return all;
}

void WebClient::take_little(int bytes) const {
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

}  // namespace tailmeter
