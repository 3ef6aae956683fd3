#include "exporter/web/workers.h"

#include <map>
#include <utility>

namespace tailmeter {

void Workers::start(std::size_t threads) {
  while (threads_.size() < threads) threads_.emplace_back([this] { work(); });
}

void Workers::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  has_job_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

std::optional<std::uint64_t> Workers::submit(Job job) {
  std::optional<std::uint64_t> sent_away;
  {
    const std::lock_guard lock(mutex_);
    const bool is_full = max_jobs_ != 0 && jobs_.size() + working_ >= max_jobs_;
    jobs_.push_back(std::move(job));
    if (is_full) sent_away = send_one_away();
  }
  has_job_.notify_one();
  return sent_away;
}

std::uint64_t Workers::send_one_away() {
  std::map<PeerGroup, std::size_t> counts;
  for (const Job& job : jobs_) ++counts[job.group];
  auto least = jobs_.begin();
  for (auto job = jobs_.begin(); job != jobs_.end(); ++job) {
    if (counts[job->group] >= counts[least->group]) least = job;
  }
  const std::uint64_t connection = least->connection;
  jobs_.erase(least);
  return connection;
}

std::vector<Workers::Done> Workers::take_done() {
  event_.clear();
  const std::lock_guard lock(mutex_);
  return std::exchange(done_, {});
}

void Workers::work() {
  Responder responder(handler_);
  std::unique_lock lock(mutex_);
  for (;;) {
    has_job_.wait(lock, [this] { return is_stopping_ || !jobs_.empty(); });
    if (is_stopping_) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    ++working_;
    lock.unlock();
    Answer answer = responder.respond(std::move(job.request), job.is_last);
    lock.lock();
    --working_;
    done_.push_back({job.connection, std::move(answer)});
    event_.set();
  }
}

}  // namespace tailmeter
