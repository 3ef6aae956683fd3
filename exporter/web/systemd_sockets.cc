#include "exporter/web/systemd_sockets.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tailmeter {
namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START
constexpr int kMost = 1024;

// -1 if the variable is not a number.
int number_in(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return -1;
  int number = -1;
  const char* const end = text + std::strlen(text);
  const auto read = std::from_chars(text, end, number);
  return read.ec == std::errc() && read.ptr == end ? number : -1;
}

int option_of(int fd, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

bool listens_for_streams(int fd) {
  return option_of(fd, SO_TYPE) == SOCK_STREAM && option_of(fd, SO_ACCEPTCONN) == 1;
}

}  // namespace

std::vector<Descriptor> take_systemd_sockets() {
  const bool is_for_us = number_in("LISTEN_PID") == ::getpid();
  const int count = number_in("LISTEN_FDS");
  for (const char* variable : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(variable);
  if (!is_for_us || count < 1 || count > kMost) {
    throw SystemdSocketError(
        "systemd has opened no socket for this process: start it by a socket unit with ListenStream=, or write "
        "--web.listen-address in place of --web.systemd-socket");
  }
  std::vector<Descriptor> sockets;
  for (int fd = kFirst; fd < kFirst + count; ++fd) {
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    sockets.emplace_back(fd);
  }
  for (const Descriptor& socket : sockets) {
    if (!listens_for_streams(socket.get())) {
      throw SystemdSocketError(fmt::format(
          "descriptor {} from systemd is no socket that listens for streams: the socket unit needs ListenStream= and "
          "Accept=no",
          socket.get()));
    }
    ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
  }
  return sockets;
}

}  // namespace tailmeter
