// Descriptors to wait for, each under a token of its owner's: epoll(7), level-triggered.
//
// Belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <sys/epoll.h>

#include "exporter/descriptors/descriptor.h"

namespace tailmeter {

class Epoll {
 public:
  Epoll();  // throws std::system_error

  // `events` are EPOLLIN, EPOLLOUT, or 0 for the end of a connection alone. False for want of memory.
  [[nodiscard]] bool add(int fd, std::uint32_t events, std::uint64_t token);
  [[nodiscard]] bool change(int fd, std::uint32_t events, std::uint64_t token);
  // Not needed for one that is closed.
  void remove(int fd);

  // How many of `ready` were filled; waits at most so long, -1: for ever.
  [[nodiscard]] std::size_t wait(std::span<epoll_event> ready, int milliseconds);

 private:
  [[nodiscard]] bool control(int operation, int fd, std::uint32_t events, std::uint64_t token);

  Descriptor epoll_;
};

}  // namespace tailmeter
