#include "exporter/state_writer.h"

#include <cassert>
#include <cerrno>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

namespace tailmeter {

StateWriter::StateWriter(SlotFile& file) : file_(file), event_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (event_fd_ < 0) throw std::system_error(errno, std::system_category(), "eventfd");
  thread_ = std::thread([this] { run(); });
}

StateWriter::~StateWriter() {
  {
    const std::lock_guard lock(mutex_);
    has_to_stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
  ::close(event_fd_);
}

void StateWriter::submit(std::string record) {
  assert(!is_busy_);
  is_busy_ = true;
  {
    const std::lock_guard lock(mutex_);
    record_ = std::move(record);
  }
  changed_.notify_all();
}

std::optional<std::error_code> StateWriter::take_result() {
  const std::lock_guard lock(mutex_);
  return take_locked();
}

std::optional<std::error_code> StateWriter::wait_for_result(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return result_.has_value(); });
  return take_locked();
}

std::optional<std::error_code> StateWriter::take_locked() {
  if (!result_) return std::nullopt;
  eventfd_t count = 0;
  ::eventfd_read(event_fd_, &count);
  is_busy_ = false;
  return std::exchange(result_, std::nullopt);
}

void StateWriter::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return record_ || has_to_stop_; });
    if (!record_) return;
    const std::string record = *std::exchange(record_, std::nullopt);
    lock.unlock();
    const std::error_code error = file_.commit(record);
    lock.lock();
    result_ = error;
    ::eventfd_write(event_fd_, 1);
    changed_.notify_all();
  }
}

}  // namespace tailmeter
