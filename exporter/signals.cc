#include "exporter/signals.h"

#include <cerrno>
#include <csignal>
#include <system_error>

#include <sys/signalfd.h>
#include <unistd.h>

#include "exporter/log.h"

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
  signalfd_siginfo info{};
  while (!has_to_stop_ && ::read(fd_, &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGHUP) {
      log(LogLevel::kWarn, "a new rule file is not yet taken over while running; restart the service instead");
    } else {
      has_to_stop_ = true;
    }
  }
  return has_to_stop_;
}

}  // namespace tailmeter
