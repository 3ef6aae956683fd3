// Jobs that a line has begun and no line has ended yet, by their keys, for durations between two lines.
//
// Bounded: a job too many drops the one that was begun first. Belongs to the loop thread.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "parsers/decimal.h"
#include "rules/series/hash.h"

namespace tailmeter {

struct OpenJob {
  std::string key;
  Decimal begin;  // seconds since 1970
};

class OpenJobs {
 public:
  static constexpr std::size_t kMaxKeyBytes = 256;

  // `scope` tells jobs of one metric apart that are begun by different entries of the rule file.
  OpenJobs(std::string scope, std::size_t max_jobs) : scope_(std::move(scope)), max_jobs_(max_jobs) {}

  [[nodiscard]] const std::string& scope() const { return scope_; }

  // Begins a job of at most kMaxKeyBytes. False if another will never have its end for that: one of the same key, or
  // the oldest of too many.
  bool begin(std::string_view key, Decimal at);

  // Ends a job and says when it began; nothing if it never did.
  [[nodiscard]] std::optional<Decimal> end(std::string_view key);

  [[nodiscard]] const std::list<OpenJob>& jobs() const { return jobs_; }  // the oldest first

 private:
  void drop(std::list<OpenJob>::iterator job);

  std::string scope_;
  std::size_t max_jobs_;
  std::list<OpenJob> jobs_;
  std::unordered_map<std::string_view, std::list<OpenJob>::iterator, SeededHash> by_key_;  // of the jobs' own keys
};

}  // namespace tailmeter
