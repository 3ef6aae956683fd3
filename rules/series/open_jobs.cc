#include "rules/series/open_jobs.h"

namespace tailmeter {

void OpenJobs::drop(std::list<OpenJob>::iterator job) {
  by_key_.erase(job->key);
  jobs_.erase(job);
}

bool OpenJobs::begin(std::string_view key, Decimal at) {
  bool is_all_kept = true;
  if (const auto known = by_key_.find(key); known != by_key_.end()) {
    drop(known->second);
    is_all_kept = false;
  } else if (jobs_.size() == max_jobs_) {
    drop(jobs_.begin());
    is_all_kept = false;
  }
  jobs_.push_back({std::string(key), at});
  by_key_.emplace(jobs_.back().key, std::prev(jobs_.end()));
  return is_all_kept;
}

std::optional<Decimal> OpenJobs::end(std::string_view key) {
  const auto known = by_key_.find(key);
  if (known == by_key_.end()) return std::nullopt;
  const Decimal begin = known->second->begin;
  drop(known->second);
  return begin;
}

}  // namespace tailmeter
