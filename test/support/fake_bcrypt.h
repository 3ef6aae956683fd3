// bcrypt without its work: for tests of what is around it.
#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "exporter/web/access/web_config.h"

namespace tailmeter {

// The hash of `password`, to its first NUL, at `cost`, as FakeBcrypt makes it: shown in the open.
inline std::string fake_hash(const std::string& password, int cost = 10) {
  const std::string digits = (password.c_str() + std::string(31, '.')).substr(0, 31);
  return "$2b$" + std::string(cost < 10 ? "0" : "") + std::to_string(cost) + "$......................" + digits;
}

class FakeBcrypt {
 public:
  std::string operator()(const std::string& password, const std::string& setting) {
    const int cost = bcrypt_cost(setting);
    const std::lock_guard lock(mutex_);
    costs_.push_back(cost);
    return fake_hash(password, cost);
  }

  // The costs of all that was hashed since the last time.
  std::vector<int> costs() {
    const std::lock_guard lock(mutex_);
    return std::exchange(costs_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<int> costs_;
};

}  // namespace tailmeter
