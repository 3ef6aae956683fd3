// The sockets that systemd has opened for this process: sd_listen_fds(3).
#pragma once

#include <stdexcept>
#include <vector>

#include "exporter/descriptors/descriptor.h"

namespace tailmeter {

// There are none, or they are no sockets that listen for streams. what() says what to do.
class SystemdSocketError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Takes them over, not to be inherited any more, and removes what the environment says of them. Throws
// SystemdSocketError. Before other threads begin, for they may read the environment.
[[nodiscard]] std::vector<Descriptor> take_systemd_sockets();

}  // namespace tailmeter
