// A client of a web server on loopback, in the clear. A wait of ten seconds is a
// std::system_error.
#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace tailmeter {

class WebClient {
 public:
  // Connects; on another of this machine's loopback addresses if `from` is its last byte. Throws std::system_error.
  explicit WebClient(int port, std::uint8_t from = 1);
  explicit WebClient(const std::string& unix_path);
  ~WebClient();
  WebClient(const WebClient&) = delete;
  WebClient& operator=(const WebClient&) = delete;

  // Also where nobody listens any more.
  void send(const std::string& text) const;

  // What comes next; "" at the end of the connection, of whatever kind.
  [[nodiscard]] std::string receive() const;
  // Everything up to the end of the connection.
  [[nodiscard]] std::string receive_all() const;
  // Everything up to this text, and with it; less if the connection ends before.
  [[nodiscard]] std::string receive_until(const std::string& end) const;

  // Has the kernel take so many bytes at most, or a few times as many, before they are received.
  void take_little(int bytes = 4096) const;

  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace tailmeter
