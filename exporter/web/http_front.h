// The one thread that touches sockets: takes connections, lets each do what it can, and closes those that are late or
// have to make room. Requests go to the workers, their answers come back.
//
// Nobody gets more than a bounded turn before the others have theirs. Handshakes, which cost the server more than the
// client, come last in each turn, and have a little time in all. run() belongs to the front thread; stop() may be
// called by any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "exporter/descriptors/descriptor.h"
#include "exporter/descriptors/epoll.h"
#include "exporter/descriptors/event.h"
#include "exporter/web/connection.h"
#include "exporter/web/fair_order.h"
#include "exporter/web/http_counts.h"
#include "exporter/web/http_limits.h"
#include "exporter/web/known_readers.h"
#include "exporter/web/listener.h"
#include "exporter/web/listening_socket.h"
#include "exporter/web/workers.h"

namespace tailmeter {

// Asked for each connection, on the front thread; null: it is not encrypted. Must not throw, nor wait for long.
using TlsSupplier = std::function<std::shared_ptr<ssl_ctx_st>()>;

class HttpFront {
 public:
  // What is given by reference outlives it. Throws std::system_error.
  HttpFront(const HttpLimits& limits, HttpCounts& counts, Workers& workers, TlsSupplier tls,
            TroubleListener on_trouble);

  // One that listens. Before run().
  void add(std::unique_ptr<ListeningSocket> socket);
  [[nodiscard]] std::vector<std::string> urls() const;

  // Returns after stop(), with all connections closed.
  void run();
  void stop() { stop_.set(); }

 private:
  using Next = Connection::Next;

  struct Client {
    Connection connection;
    std::uint32_t watched_events = 0;
    TimePoint watched_deadline = TimePoint::max();
  };
  using Clients = std::map<std::uint64_t, Client>;
  using Choice = std::function<bool(const Connection&)>;

  void take_turn(std::span<const epoll_event> ready);
  [[nodiscard]] int milliseconds_to_wait(TimePoint now) const;

  void accept_from(Listener& listener, TimePoint now);
  void accept(Descriptor socket, Peer peer, TimePoint now);
  [[nodiscard]] bool accept_without_descriptors(Listener& listener, int error, TimePoint now);
  void resume_listeners(TimePoint now);

  [[nodiscard]] bool has_room_for(const PeerGroup& group, TimePoint now);
  [[nodiscard]] bool close_least(const Choice& may_go, TimePoint now);
  [[nodiscard]] bool look_at(Clients::iterator client, TimePoint now);
  void bound_handshakes(TimePoint now);
  void bound_unsent_pages(std::uint64_t newest, TimePoint now);

  void take_answers(TimePoint now);
  void shake_hands(std::vector<WaitingClient> clients, TimePoint now);
  void expire(TimePoint now);
  void go_on(Clients::iterator client, Next next, TimePoint now);
  void send_away(std::uint64_t token, TimePoint now);
  void watch(Clients::iterator client);
  void close(Clients::iterator client);

  const HttpLimits& limits_;
  HttpCounts& counts_;
  Workers& workers_;
  const TlsSupplier tls_;
  const TroubleListener on_trouble_;
  Epoll epoll_;
  Descriptor reserve_;  // given up to take a connection that cannot be served, and to close it
  Event stop_;
  bool is_stopping_ = false;
  std::deque<Listener> listeners_;  // never moved
  Clients clients_;  // by tokens that never come again: in their order, and nothing that is late is taken for another's
  std::uint64_t next_token_;
  std::map<PeerGroup, std::size_t> group_sizes_;
  KnownReaders known_readers_;
  PeerGroup last_shaken_{};  // whose handshake had the last turn
  std::set<std::pair<TimePoint, std::uint64_t>> deadlines_;
};

}  // namespace tailmeter
