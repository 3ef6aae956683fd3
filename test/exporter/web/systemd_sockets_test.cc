// What is said of the environment; that sockets are taken over is tried with systemd-socket-activate.
#include "exporter/web/systemd_sockets.h"

#include <cstdlib>
#include <string>

#include <catch2/catch.hpp>
#include <unistd.h>

namespace tailmeter {
namespace {

struct Environment {
  Environment(const char* pid, const char* fds) {
    set("LISTEN_PID", pid);
    set("LISTEN_FDS", fds);
    set("LISTEN_FDNAMES", "http");
  }
  ~Environment() {
    for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  }
  static void set(const char* name, const char* value) {
    if (value != nullptr) {
      ::setenv(name, value, 1);
    } else {
      ::unsetenv(name);
    }
  }
};

std::string error_of_taking() {
  try {
    (void)take_systemd_sockets();
  } catch (const SystemdSocketError& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("without sockets for this very process it says what to do, and nobody is told of them again", "[web]") {
  const std::string own = std::to_string(::getpid());
  const std::string other = std::to_string(::getppid());
  struct Case {
    const char* pid;
    const char* fds;
  };
  for (const Case& test :
       {Case{nullptr, nullptr}, Case{own.c_str(), nullptr}, Case{nullptr, "1"}, Case{other.c_str(), "1"},
        Case{own.c_str(), "0"}, Case{own.c_str(), "-1"}, Case{own.c_str(), "1 "},
        Case{own.c_str(), "99999999999999999999"}, Case{own.c_str(), "1025"}, Case{"x", "1"}}) {
    const Environment environment(test.pid, test.fds);
    CHECK(error_of_taking() ==
          "systemd has opened no socket for this process: start it by a socket unit with ListenStream=, or write "
          "--web.listen-address in place of --web.systemd-socket");
    CHECK(std::getenv("LISTEN_PID") == nullptr);
    CHECK(std::getenv("LISTEN_FDS") == nullptr);
    CHECK(std::getenv("LISTEN_FDNAMES") == nullptr);
  }
}

}  // namespace
}  // namespace tailmeter
