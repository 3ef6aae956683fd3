// What one client may take of the server, and all of them together.
#pragma once

#include <chrono>
#include <cstddef>

#include "exporter/web/request_head.h"

namespace tailmeter {

struct HttpLimits {
  HeadLimits head{};
  std::size_t connections = 512;             // one more makes room for itself: see standing.h
  std::size_t connections_per_address = 64;  // likewise; see PeerGroup
  std::size_t handshakes = 64;               // TLS, begun and not ended; likewise
  std::size_t requests = 40;                 // being answered, or waiting for it; one more is answered 503
  std::size_t workers = 8;                   // threads
  int backlog = 4096;                        // connections that the kernel keeps until they are taken

  // Absolute: what a client sends meanwhile does not put them off.
  std::chrono::milliseconds handshake_deadline{5'000};   // TLS
  std::chrono::milliseconds first_byte_deadline{5'000};  // of the first request
  std::chrono::milliseconds head_deadline{2'000};        // from its first byte to its last
  std::chrono::milliseconds response_deadline{30'000};   // from the first byte written to the last one taken
  std::chrono::milliseconds idle_deadline{120'000};      // between two requests, when one was answered well
  std::chrono::milliseconds farewell_deadline{1'000};    // for a client that is refused to read why
  std::chrono::milliseconds stalled_after{1'000};        // a client that takes nothing for so long has to give way
  std::chrono::milliseconds accept_pause{100};           // when connections cannot be taken

  std::size_t turn_bytes = 256 * 1024;  // written to one client before the others have their turn
  std::size_t held_bytes = 512 * 1024;  // of a page, by the kernels when the client reads nothing; above it, it reads

  // Pages that are kept because clients have not taken them yet: the larger of so many bytes and so many pages as large
  // as the largest of them. See unsent_pages.h.
  std::size_t unsent_bytes = 4 * 1024 * 1024;
  std::size_t unsent_pages = 4;
};

}  // namespace tailmeter
