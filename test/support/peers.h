// Clients by their addresses, as accept(2) would tell them.
#pragma once

#include <cstring>
#include <stdexcept>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "exporter/web/peer.h"

namespace tailmeter {

// "" is a client of a unix socket. Throws std::invalid_argument for what is no address.
inline Peer peer_of(const std::string& address) {
  sockaddr_storage storage{};
  sockaddr_in ipv4{};
  sockaddr_in6 ipv6{};
  if (address.empty()) {
    storage.ss_family = AF_UNIX;
  } else if (::inet_pton(AF_INET, address.c_str(), &ipv4.sin_addr) == 1) {
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(1234);
    std::memcpy(&storage, &ipv4, sizeof ipv4);
  } else if (::inet_pton(AF_INET6, address.c_str(), &ipv6.sin6_addr) == 1) {
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(1234);
    std::memcpy(&storage, &ipv6, sizeof ipv6);
  } else {
    throw std::invalid_argument(address);
  }
  return describe_peer(storage);
}

}  // namespace tailmeter
