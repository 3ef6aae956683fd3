#include "exporter/web/http_front.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>

#include <fcntl.h>

#include "exporter/web/unsent_pages.h"

namespace tailmeter {
namespace {

using Clock = TimePoint::clock;

// What epoll(7) tells is ready.
constexpr std::uint64_t kStopToken = 0;
constexpr std::uint64_t kAnswersToken = 1;
constexpr std::uint64_t kFirstListenerToken = 2;
constexpr std::uint64_t kFirstClientToken = std::uint64_t{1} << 32;

constexpr int kConnectionsATurn = 64;
// Of handshakes, and at least one: little beside what a turn of the others takes.
constexpr std::chrono::milliseconds kHandshakesATurn{2};

bool anybody(const Connection& /*connection*/) {
  return true;
}

constexpr Refusal kTooMany{503, "503 too many requests wait for an answer; try again"};

Descriptor open_reserve() {
  return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

// Errors of accept(2) that belong to a connection that is gone, not to the socket.
bool concerns_the_client(int error) {
  constexpr std::array kErrors = {EINTR,     ECONNABORTED, EPROTO,       EPERM,      ENETDOWN,   ENOPROTOOPT,
                                  EHOSTDOWN, ENONET,       EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH};
  return std::find(kErrors.begin(), kErrors.end(), error) != kErrors.end();
}

}  // namespace

HttpFront::HttpFront(const HttpLimits& limits, HttpCounts& counts, Workers& workers, TlsSupplier tls,
                     TroubleListener on_trouble)
    : limits_(limits),
      counts_(counts),
      workers_(workers),
      tls_(std::move(tls)),
      on_trouble_(std::move(on_trouble)),
      reserve_(open_reserve()),
      next_token_(kFirstClientToken) {
  if (!epoll_.add(stop_.fd(), EPOLLIN, kStopToken) || !epoll_.add(workers_.event_fd(), EPOLLIN, kAnswersToken)) {
    throw std::system_error(errno, std::system_category(), "epoll");
  }
}

void HttpFront::add(std::unique_ptr<ListeningSocket> socket) {
  std::string url = socket->url();
  constexpr std::string_view kScheme = "http";
  if (tls_ && url.starts_with(kScheme)) url.insert(kScheme.size(), "s");
  const std::uint64_t token = kFirstListenerToken + listeners_.size();
  listeners_.emplace_back(std::move(socket), std::move(url), epoll_, token, limits_, on_trouble_);
}

std::vector<std::string> HttpFront::urls() const {
  std::vector<std::string> urls;
  for (const Listener& listener : listeners_) urls.push_back(listener.url());
  return urls;
}

void HttpFront::run() {
  // All that is ready is seen in each turn: whoever waits for a handshake hides nobody.
  std::vector<epoll_event> ready(kFirstListenerToken + listeners_.size() + limits_.connections);
  while (!is_stopping_) {
    const std::size_t count = epoll_.wait(ready, milliseconds_to_wait(Clock::now()));
    take_turn(std::span(ready).first(count));
  }
  while (!clients_.empty()) close(clients_.begin());
}

// Who is there first, then who comes: what was sent is known before room is made.
void HttpFront::take_turn(std::span<const epoll_event> ready) {
  const TimePoint now = Clock::now();
  std::vector<WaitingClient> shaking;
  std::vector<Listener*> called;
  for (const epoll_event& event : ready) {
    const std::uint64_t token = event.data.u64;
    if (token == kStopToken) {
      is_stopping_ = true;
    } else if (token == kAnswersToken) {
      take_answers(now);
    } else if (token < kFirstClientToken) {
      called.push_back(&listeners_[token - kFirstListenerToken]);
    } else if (const auto client = clients_.find(token); client != clients_.end()) {
      Connection& connection = client->second.connection;
      if (connection.is_shaking_hands()) {
        connection.note_ready(now);
        shaking.push_back({connection.group(), token});
      } else {
        go_on(client, connection.advance(now), now);
      }
    }
  }
  for (Listener* const listener : called) accept_from(*listener, now);
  if (!shaking.empty()) shake_hands(std::move(shaking), now);
  expire(now);
  resume_listeners(now);
}

// Those that have to wait are ready again in the next turn.
void HttpFront::shake_hands(std::vector<WaitingClient> clients, TimePoint now) {
  const TimePoint end = Clock::now() + kHandshakesATurn;
  std::vector<WaitingClient> order = fair_order(std::move(clients), last_shaken_);
  // Before the turns of the others, one that is known to read what it asks for: a scraper.
  const auto known = std::find_if(order.begin(), order.end(),
                                  [&](const WaitingClient& waiting) { return known_readers_.contains(waiting.group); });
  const bool is_first_known = known != order.end();
  if (is_first_known) std::rotate(order.begin(), known, std::next(known));
  for (const WaitingClient& waiting : order) {
    const auto client = clients_.find(waiting.token);
    if (client == clients_.end()) continue;  // made room
    if (!is_first_known || &waiting != &order.front()) last_shaken_ = waiting.group;
    go_on(client, client->second.connection.advance(now), now);
    bound_handshakes(now);
    if (Clock::now() >= end) return;
  }
}

// While its hands are shaken, a client costs three times the memory that it does later.
void HttpFront::bound_handshakes(TimePoint now) {
  const Choice is_greeted = [](const Connection& connection) { return connection.is_greeted(); };
  const auto greeted = std::count_if(clients_.begin(), clients_.end(),
                                     [&](const auto& client) { return is_greeted(client.second.connection); });
  if (static_cast<std::size_t>(greeted) > limits_.handshakes) static_cast<void>(close_least(is_greeted, now));
}

int HttpFront::milliseconds_to_wait(TimePoint now) const {
  TimePoint next = deadlines_.empty() ? TimePoint::max() : deadlines_.begin()->first;
  for (const Listener& listener : listeners_) next = std::min(next, listener.paused_until());
  if (next == TimePoint::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

void HttpFront::accept_from(Listener& listener, TimePoint now) {
  for (int i = 0; i < kConnectionsATurn; ++i) {
    ListeningSocket::Taken taken = listener.socket().take();
    if (taken.socket.is_open()) {
      accept(std::move(taken.socket), std::move(taken.peer), now);
      continue;
    }
    if (taken.error == EAGAIN) return;
    if (concerns_the_client(taken.error)) continue;
    if (taken.error == EMFILE || taken.error == ENFILE) {
      // The kernel wants a descriptor before it looks whether anybody is there.
      if (!listener.socket().has_waiting()) return;
      if (accept_without_descriptors(listener, taken.error, now)) continue;
    }
    return listener.pause(taken.error, now);
  }
}

void HttpFront::accept(Descriptor socket, Peer peer, TimePoint now) {
  ++counts_.connections;
  if (!has_room_for(peer.group, now)) {
    ++counts_.closed_for_room;
    return;
  }
  std::shared_ptr<ssl_ctx_st> context = tls_ ? tls_() : nullptr;
  auto transport = context ? tls_transport(std::move(socket), std::move(context)) : plain_transport(std::move(socket));
  const std::uint64_t token = next_token_++;
  ++group_sizes_[peer.group];
  const auto client =
      clients_.try_emplace(token, Client{Connection(std::move(transport), std::move(peer), limits_, counts_, now)})
          .first;
  counts_.open_connections = clients_.size();
  if (!epoll_.add(client->second.connection.fd(), 0, token)) return close(client);
  watch(client);
}

// Makes room by a connection of ours, or else takes the client to close it: whoever waits for ever tries nothing else.
// False if neither was possible.
bool HttpFront::accept_without_descriptors(Listener& listener, int error, TimePoint now) {
  listener.tell({error, std::system_category()}, now);
  if (close_least(anybody, now)) return true;
  if (!reserve_.is_open()) return false;
  reserve_.close();
  const bool is_turned_away = listener.socket().take().socket.is_open();
  reserve_ = open_reserve();
  if (is_turned_away) ++counts_.not_taken;
  return is_turned_away;
}

void HttpFront::resume_listeners(TimePoint now) {
  if (!reserve_.is_open()) reserve_ = open_reserve();
  for (Listener& listener : listeners_) listener.resume(now);
}

bool HttpFront::has_room_for(const PeerGroup& group, TimePoint now) {
  if (group.kind != PeerGroup::Kind::kUnix) {
    const auto size = group_sizes_.find(group);
    if (size != group_sizes_.end() && size->second >= limits_.connections_per_address) {
      return close_least([&](const Connection& connection) { return connection.group() == group; }, now);
    }
  }
  return clients_.size() < limits_.connections || close_least(anybody, now);
}

bool HttpFront::close_least(const Choice& may_go, TimePoint now) {
  for (;;) {
    std::vector<Standing> standings;
    std::vector<Clients::iterator> places;
    for (auto client = clients_.begin(); client != clients_.end(); ++client) {
      if (!may_go(client->second.connection)) continue;
      standings.push_back(client->second.connection.standing(now));
      places.push_back(client);
    }
    const std::optional<std::size_t> victim = choose_victim(standings);
    if (!victim) return false;
    const std::uint64_t token = places[*victim]->first;
    const bool is_moved = look_at(places[*victim], now);
    const auto client = clients_.find(token);
    if (client == clients_.end()) return true;  // it has ended by itself
    if (is_moved) continue;
    ++counts_.closed_for_room;
    close(client);
    return true;
  }
}

// True if a client that seemed to be silent has moved on by what it had sent.
bool HttpFront::look_at(Clients::iterator client, TimePoint now) {
  Connection& connection = client->second.connection;
  if (!connection.is_reading()) return false;
  const std::uint64_t token = client->first;
  const Standing before = connection.standing(now);
  go_on(client, connection.advance(now), now);
  const auto after = clients_.find(token);
  return after == clients_.end() || after->second.connection.standing(now) != before;
}

// A page that changes with each scrape is another text for each client that has not taken it yet.
void HttpFront::bound_unsent_pages(std::uint64_t newest, TimePoint now) {
  const auto newest_client = clients_.find(newest);
  if (newest_client == clients_.end()) return;
  const std::string* const newest_page = newest_client->second.connection.unsent_page();
  if (newest_page == nullptr) return;
  std::vector<PageTaker> takers;
  for (const auto& client : clients_) {
    const Connection& connection = client.second.connection;
    const std::string* const page = connection.unsent_page();
    if (page == nullptr) continue;
    PageTaker& taker = takers.emplace_back(PageTaker{page, connection.standing(now)});
    const bool is_taking = taker.standing.worth > Standing::Worth::kStalled;
    if (is_taking && known_readers_.contains(connection.group())) taker.standing.worth = Standing::Worth::kReading;
  }
  for (const std::string* const page : pages_to_give_up(takers, newest_page, limits_)) {
    for (auto client = clients_.begin(); client != clients_.end();) {
      const auto taker = client++;
      if (taker->second.connection.unsent_page() != page) continue;
      ++counts_.closed_for_room;
      close(taker);
    }
  }
}

void HttpFront::take_answers(TimePoint now) {
  for (Workers::Done& done : workers_.take_done()) {
    const auto client = clients_.find(done.connection);
    if (client == clients_.end()) continue;  // it did not wait
    go_on(client, client->second.connection.give(std::move(done.answer), now), now);
    bound_unsent_pages(done.connection, now);
  }
}

void HttpFront::expire(TimePoint now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const auto client = clients_.find(deadlines_.begin()->second);
    go_on(client, client->second.connection.expire(now), now);
  }
}

void HttpFront::go_on(Clients::iterator client, Next next, TimePoint now) {
  Connection& connection = client->second.connection;
  if (connection.has_read_page()) known_readers_.note(connection.group(), now);
  if (next == Next::kAnswer) {
    const auto sent_away =
        workers_.submit({client->first, connection.group(), connection.take_request(), connection.is_last_request()});
    next = Next::kWait;
    if (sent_away == client->first) {
      next = connection.refuse(kTooMany, now);
    } else if (sent_away) {
      send_away(*sent_away, now);
    }
  }
  if (next == Next::kClose) {
    close(client);
  } else {
    watch(client);
  }
}

void HttpFront::send_away(std::uint64_t token, TimePoint now) {
  const auto client = clients_.find(token);
  if (client != clients_.end()) go_on(client, client->second.connection.refuse(kTooMany, now), now);
}

// Closes one that cannot be watched: its client comes again, and would wait for ever else.
void HttpFront::watch(Clients::iterator client) {
  const std::uint64_t token = client->first;
  Client& watched = client->second;
  const Connection& connection = watched.connection;
  if (connection.waits_for() != watched.watched_events) {
    watched.watched_events = connection.waits_for();
    if (!epoll_.change(connection.fd(), watched.watched_events, token)) return close(client);
  }
  if (connection.deadline() != watched.watched_deadline) {
    deadlines_.erase({watched.watched_deadline, token});
    watched.watched_deadline = connection.deadline();
    if (watched.watched_deadline != TimePoint::max()) deadlines_.emplace(watched.watched_deadline, token);
  }
}

void HttpFront::close(Clients::iterator client) {
  deadlines_.erase({client->second.watched_deadline, client->first});
  const auto group = group_sizes_.find(client->second.connection.group());
  if (--group->second == 0) group_sizes_.erase(group);
  clients_.erase(client);
  counts_.open_connections = clients_.size();
}

}  // namespace tailmeter
