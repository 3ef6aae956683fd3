#include "exporter/state_writer.h"

#include <cassert>
#include <utility>

namespace tailmeter {

StateWriter::StateWriter(SlotFile& file) : file_(file), thread_([this] { run(); }) {}

StateWriter::~StateWriter() {
  {
    const std::lock_guard lock(mutex_);
    has_to_stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
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
  event_.clear();
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
    event_.set();
    changed_.notify_all();
  }
}

}  // namespace tailmeter
