// A socket that clients connect to: of an address that was asked for, or one that systemd has opened.
//
// Never waits. Belongs to one thread.
#pragma once

#include <string>
#include <system_error>

#include "exporter/descriptors/descriptor.h"
#include "exporter/web/listen_address.h"
#include "exporter/web/peer.h"

namespace tailmeter {

class ListeningSocket {
 public:
  explicit ListeningSocket(ListenAddress address) : address_(std::move(address)) {}
  // One that listens already.
  explicit ListeningSocket(Descriptor socket);
  ~ListeningSocket();
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;

  // Listens. A unix socket is for the user and the group of this process. One that a dead process has left is removed;
  // one that is answered, and what is no socket, is an error. A host without addresses is
  // std::errc::address_not_available.
  [[nodiscard]] std::error_code open(int backlog);

  // The same for one that has broken. One that systemd has opened cannot be had again.
  [[nodiscard]] std::error_code open_again(int backlog);

  struct Taken {
    Descriptor socket{};  // not open: `error` says why
    Peer peer{};
    int error = 0;  // errno
  };
  // EAGAIN: nobody wants to connect.
  [[nodiscard]] Taken take();
  // True if somebody wants to.
  [[nodiscard]] bool has_waiting() const;

  [[nodiscard]] int fd() const { return socket_.get(); }

  // "http://127.0.0.1:10564", with the port that the system chose; "unix:/path".
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  [[nodiscard]] std::error_code open_unix(int backlog);
  [[nodiscard]] std::error_code open_inet(int backlog);

  ListenAddress address_;
  Descriptor socket_;
  std::string url_;
  bool is_inherited_ = false;
  bool has_made_file_ = false;  // that of a unix socket
};

}  // namespace tailmeter
