#include "exporter/web/listener.h"

#include <cerrno>
#include <utility>

namespace tailmeter {
namespace {

constexpr std::chrono::seconds kTellAgainAfter{60};

}  // namespace

Listener::Listener(std::unique_ptr<ListeningSocket> socket, std::string url, Epoll& epoll, std::uint64_t token,
                   const HttpLimits& limits, const TroubleListener& on_trouble)
    : socket_(std::move(socket)),
      url_(std::move(url)),
      epoll_(epoll),
      token_(token),
      limits_(limits),
      on_trouble_(on_trouble) {
  if (!epoll_.add(socket_->fd(), EPOLLIN, token_)) throw std::system_error(errno, std::system_category(), "epoll");
}

void Listener::tell(std::error_code error, TimePoint now) {
  if (now < silent_until_) return;
  silent_until_ = now + kTellAgainAfter;
  if (on_trouble_) on_trouble_(url_, error);
}

void Listener::pause(int error, TimePoint now) {
  is_broken_ = error == EBADF || error == EINVAL || error == ENOTSOCK;
  tell({error, std::system_category()}, now);
  epoll_.remove(socket_->fd());
  paused_until_ = now + limits_.accept_pause;
}

void Listener::resume(TimePoint now) {
  if (now < paused_until_) return;
  paused_until_ = now + limits_.accept_pause;
  if (is_broken_) {
    if (const std::error_code error = socket_->open_again(limits_.backlog)) return tell(error, now);
    is_broken_ = false;
  }
  if (epoll_.add(socket_->fd(), EPOLLIN, token_)) paused_until_ = TimePoint::max();
}

}  // namespace tailmeter
