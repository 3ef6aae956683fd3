// Signals as something to wait for.
#pragma once

namespace tailmeter {

// Made before any other thread, so that every thread inherits the mask. Belongs to the loop thread.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  [[nodiscard]] int fd() const { return fd_; }

  // True once SIGTERM or SIGINT has come.
  [[nodiscard]] bool has_to_stop();

  // True if SIGHUP has come since the last call.
  [[nodiscard]] bool take_hangup();

 private:
  void read();

  int fd_;
  bool has_to_stop_ = false;
  bool has_hung_up_ = false;
};

}  // namespace tailmeter
