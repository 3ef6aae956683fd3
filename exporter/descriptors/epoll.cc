#include "exporter/descriptors/epoll.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace tailmeter {

Epoll::Epoll() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_.is_open()) throw std::system_error(errno, std::system_category(), "epoll");
}

bool Epoll::add(int fd, std::uint32_t events, std::uint64_t token) {
  return control(EPOLL_CTL_ADD, fd, events, token);
}

bool Epoll::change(int fd, std::uint32_t events, std::uint64_t token) {
  return control(EPOLL_CTL_MOD, fd, events, token);
}

void Epoll::remove(int fd) {
  (void)control(EPOLL_CTL_DEL, fd, 0, 0);  // takes no memory
}

std::size_t Epoll::wait(std::span<epoll_event> ready, int milliseconds) {
  const int count = ::epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()), milliseconds);
  return static_cast<std::size_t>(std::max(count, 0));
}

bool Epoll::control(int operation, int fd, std::uint32_t events, std::uint64_t token) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = token;
  return ::epoll_ctl(epoll_.get(), operation, fd, &event) == 0;
}

}  // namespace tailmeter
