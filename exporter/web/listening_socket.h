// A socket that clients connect to: of an address that was asked for, or one that systemd has opened.
//
// Never waits, but for resolve(). Belongs to one thread.
#pragma once

#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "exporter/descriptors/descriptor.h"
#include "exporter/web/listen_address.h"
#include "exporter/web/peer.h"

namespace tailmeter {

// What a name stands for, by number, each once; none if that is not known. Asks the system's resolver, and waits for
// it. What is no name is given back as it is.
[[nodiscard]] std::vector<ListenAddress> resolve(const ListenAddress& address);

class ListeningSocket {
 public:
  // A host is an address by number, or "" for every address.
  explicit ListeningSocket(ListenAddress address) : address_(std::move(address)) {}
  // One that listens already.
  explicit ListeningSocket(Descriptor socket);
  ~ListeningSocket();
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;

  // Listens. A unix socket is for the user and the group of this process. One that a dead process has left is removed;
  // one that is answered is an error, as is what is no socket: see listen_error.h.
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
