#include "exporter/scrape.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

#include "exporter/web/text_format.h"

namespace tailmeter {

std::shared_ptr<const std::string> Scrape::text() {
  std::call_once(once_, [this] {
    auto text = std::make_shared<std::string>();
    append_text(*text, snapshot_);
    append_text(*text, own_);
    text_ = std::move(text);
  });
  return text_;
}

ScrapeQueue::ScrapeQueue() : event_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (event_fd_ < 0) throw std::system_error(errno, std::system_category(), "eventfd");
}

ScrapeQueue::~ScrapeQueue() {
  ::close(event_fd_);
}

std::shared_ptr<Scrape> ScrapeQueue::request(std::chrono::milliseconds patience) {
  const std::uint64_t number = ask(Clock::now() + patience);
  std::unique_lock lock(mutex_);
  answered_.wait_for(lock, patience, [&] { return answered_to_ >= number || is_closed_; });
  return answered_to_ >= number ? scrape_ : nullptr;
}

std::uint64_t ScrapeQueue::ask(Clock::time_point deadline) {
  const std::lock_guard lock(mutex_);
  deadline_ = std::min(deadline_, deadline);
  ::eventfd_write(event_fd_, 1);
  return ++asked_;
}

std::shared_ptr<Scrape> ScrapeQueue::answer_to(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  return answered_to_ >= number ? scrape_ : nullptr;
}

ScrapeQueue::Taken ScrapeQueue::take() {
  const std::lock_guard lock(mutex_);
  eventfd_t count = 0;
  ::eventfd_read(event_fd_, &count);
  if (asked_ <= answered_to_) return {};
  return {asked_, std::exchange(deadline_, Clock::time_point::max())};
}

void ScrapeQueue::answer(std::uint64_t number, std::shared_ptr<Scrape> scrape) {
  {
    const std::lock_guard lock(mutex_);
    answered_to_ = number;
    scrape_ = std::move(scrape);
  }
  answered_.notify_all();
}

void ScrapeQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  answered_.notify_all();
}

}  // namespace tailmeter
