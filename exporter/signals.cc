#include "exporter/signals.h"

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include <sys/signalfd.h>
#include <unistd.h>

namespace tailmeter {

Signals::Signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  fd_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd_ < 0) throw std::system_error(errno, std::system_category(), "signalfd");
}

Signals::~Signals() {
  ::close(fd_);
}

bool Signals::has_to_stop() {
  read();
  return has_to_stop_;
}

bool Signals::take_hangup() {
  read();
  return std::exchange(has_hung_up_, false);
}

void Signals::read() {
  signalfd_siginfo info{};
  while (::read(fd_, &info, sizeof info) == sizeof info) {
    bool& has_come = info.ssi_signo == SIGHUP ? has_hung_up_ : has_to_stop_;
    has_come = true;
  }
}

}  // namespace tailmeter
