#include "exporter/descriptors/event.h"

#include <cassert>
#include <cerrno>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

namespace tailmeter {

Event::Event() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ < 0) throw std::system_error(errno, std::system_category(), "eventfd");
}

Event::~Event() {
  ::close(fd_);
}

// Who waits would wait for ever if this were lost. EAGAIN: it is set, more than 2^64 times over.
void Event::set() {
  while (::eventfd_write(fd_, 1) != 0 && errno != EAGAIN) assert(errno != EBADF);
}

void Event::clear() {
  eventfd_t count = 0;
  ::eventfd_read(fd_, &count);
}

}  // namespace tailmeter
