#include "exporter/web/http_front.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <optional>
#include <string_view>

#include <fcntl.h>
#include <sys/epoll.h>

#include "exporter/web/unsent_pages.h"

namespace tailmeter {
namespace {

using Clock = TimePoint::clock;

// What epoll(7) tells is ready.
constexpr std::uint64_t kStopToken = 0;
constexpr std::uint64_t kAnswersToken = 1;
constexpr std::uint64_t kFirstListenerToken = 2;
constexpr std::uint64_t kFirstClientToken = std::uint64_t{1} << 32;

constexpr int kEventsATurn = 128;
constexpr int kConnectionsATurn = 64;
constexpr std::chrono::seconds kTellAgainAfter{60};

constexpr Refusal kTooMany{503, "503 too many requests wait for an answer; try again"};

Descriptor open_reserve() {
  return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

// False for want of memory.
[[nodiscard]] bool control(const Descriptor& epoll, int operation, int fd, std::uint32_t events, std::uint64_t token) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = token;
  return ::epoll_ctl(epoll.get(), operation, fd, &event) == 0;
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
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      reserve_(open_reserve()),
      next_token_(kFirstClientToken) {
  if (!epoll_.is_open() || !control(epoll_, EPOLL_CTL_ADD, stop_.fd(), EPOLLIN, kStopToken) ||
      !control(epoll_, EPOLL_CTL_ADD, workers_.event_fd(), EPOLLIN, kAnswersToken)) {
    throw std::system_error(errno, std::system_category(), "epoll");
  }
}

void HttpFront::add(std::unique_ptr<ListeningSocket> socket) {
  const std::uint64_t token = kFirstListenerToken + listeners_.size();
  if (!control(epoll_, EPOLL_CTL_ADD, socket->fd(), EPOLLIN, token)) {
    throw std::system_error(errno, std::system_category(), "epoll");
  }
  listeners_.push_back({.socket = std::move(socket)});
}

std::vector<std::string> HttpFront::urls() const {
  std::vector<std::string> urls;
  for (const Listener& listener : listeners_) urls.push_back(url_of(listener));
  return urls;
}

std::string HttpFront::url_of(const Listener& listener) const {
  std::string url = listener.socket->url();
  constexpr std::string_view kScheme = "http";
  if (tls_ && url.starts_with(kScheme)) url.insert(kScheme.size(), "s");
  return url;
}

void HttpFront::run() {
  std::array<epoll_event, kEventsATurn> events;
  while (!is_stopping_) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), kEventsATurn, milliseconds_to_wait(Clock::now()));
    const TimePoint now = Clock::now();
    for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)].data.u64, now);
    expire(now);
    resume_listeners(now);
  }
  while (!clients_.empty()) close(clients_.begin());
}

void HttpFront::handle(std::uint64_t token, TimePoint now) {
  if (token == kStopToken) {
    is_stopping_ = true;
  } else if (token == kAnswersToken) {
    take_answers(now);
  } else if (token < kFirstClientToken) {
    accept_from(listeners_[token - kFirstListenerToken], now);
  } else if (const auto client = clients_.find(token); client != clients_.end()) {
    go_on(client, client->second.connection.advance(now), now);
  }
}

int HttpFront::milliseconds_to_wait(TimePoint now) const {
  TimePoint next = deadlines_.empty() ? TimePoint::max() : deadlines_.begin()->first;
  for (const Listener& listener : listeners_) {
    if (listener.is_paused) next = std::min(next, listener.paused_until);
  }
  if (next == TimePoint::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

std::uint64_t HttpFront::token_of(const Listener& listener) const {
  return kFirstListenerToken + static_cast<std::uint64_t>(&listener - listeners_.data());
}

void HttpFront::accept_from(Listener& listener, TimePoint now) {
  for (int i = 0; i < kConnectionsATurn; ++i) {
    ListeningSocket::Taken taken = listener.socket->take();
    if (taken.socket.is_open()) {
      accept(std::move(taken.socket), std::move(taken.peer), now);
      continue;
    }
    if (taken.error == EAGAIN) return;
    if (concerns_the_client(taken.error)) continue;
    if (taken.error == EMFILE || taken.error == ENFILE) {
      // The kernel wants a descriptor before it looks whether anybody is there.
      if (!listener.socket->has_waiting()) return;
      if (accept_without_descriptors(listener, taken.error, now)) continue;
    }
    listener.is_broken = taken.error == EBADF || taken.error == EINVAL || taken.error == ENOTSOCK;
    pause(listener, taken.error, now);
    return;
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
  if (!control(epoll_, EPOLL_CTL_ADD, client->second.connection.fd(), 0, token)) return close(client);
  watch(client);
}

// Makes room by a connection of ours, or else takes the client to close it: whoever waits for ever tries nothing else.
// False if neither was possible.
bool HttpFront::accept_without_descriptors(Listener& listener, int error, TimePoint now) {
  tell(listener, {error, std::system_category()}, now);
  if (close_least(nullptr, now)) return true;
  if (!reserve_.is_open()) return false;
  reserve_.close();
  const bool is_turned_away = listener.socket->take().socket.is_open();
  reserve_ = open_reserve();
  if (is_turned_away) ++counts_.not_taken;
  return is_turned_away;
}

void HttpFront::tell(Listener& listener, std::error_code error, TimePoint now) {
  if (now < listener.silent_until) return;
  listener.silent_until = now + kTellAgainAfter;
  if (on_trouble_) on_trouble_(url_of(listener), error);
}

void HttpFront::pause(Listener& listener, int error, TimePoint now) {
  tell(listener, {error, std::system_category()}, now);
  (void)control(epoll_, EPOLL_CTL_DEL, listener.socket->fd(), 0, 0);  // takes no memory
  listener.is_paused = true;
  listener.paused_until = now + limits_.accept_pause;
}

void HttpFront::resume_listeners(TimePoint now) {
  for (Listener& listener : listeners_) {
    if (!listener.is_paused || now < listener.paused_until) continue;
    if (!reserve_.is_open()) reserve_ = open_reserve();
    if (listener.is_broken) {
      if (const std::error_code error = listener.socket->open_again(limits_.backlog)) {
        tell(listener, error, now);
        listener.paused_until = now + limits_.accept_pause;
        continue;
      }
      listener.is_broken = false;
    }
    listener.is_paused = !control(epoll_, EPOLL_CTL_ADD, listener.socket->fd(), EPOLLIN, token_of(listener));
    if (listener.is_paused) listener.paused_until = now + limits_.accept_pause;
  }
}

bool HttpFront::has_room_for(const PeerGroup& group, TimePoint now) {
  if (group.kind != PeerGroup::Kind::kUnix) {
    const auto size = group_sizes_.find(group);
    if (size != group_sizes_.end() && size->second >= limits_.connections_per_address) return close_least(&group, now);
  }
  return clients_.size() < limits_.connections || close_least(nullptr, now);
}

// Of a group, or of all.
bool HttpFront::close_least(const PeerGroup* group, TimePoint now) {
  std::vector<Standing> standings;
  std::vector<Clients::iterator> places;
  for (auto client = clients_.begin(); client != clients_.end(); ++client) {
    if (group != nullptr && client->second.connection.group() != *group) continue;
    standings.push_back(client->second.connection.standing(now));
    places.push_back(client);
  }
  const std::optional<std::size_t> victim = choose_victim(standings);
  if (!victim) return false;
  ++counts_.closed_for_room;
  close(places[*victim]);
  return true;
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
    if (const std::string* const page = connection.unsent_page()) takers.push_back({page, connection.standing(now)});
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
    if (!control(epoll_, EPOLL_CTL_MOD, connection.fd(), watched.watched_events, token)) return close(client);
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
