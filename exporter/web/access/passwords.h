// Is this the user's password? Asked for each request, answered so that guessing is slow and hurts nobody else.
//
// - A right password is remembered, by a keyed hash of user, bcrypt hash and password: who has given it once never
//   waits again. A wrong one is not remembered, so that guesses push nothing out.
// - A user who is not there costs what one costs who is: the work of the highest cost that is configured. So does a
//   wrong password of a user with a lower cost.
// - A guess is counted against its address before anything is hashed. One password is hashed at a time, few may wait.
//
// Any thread. What is not remembered waits here for bcrypt.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "exporter/web/access/credentials.h"
#include "exporter/web/access/guess_limit.h"

namespace tailmeter {

struct PasswordLimits {
  std::size_t remembered = 1024;
  std::size_t waiting = 4;  // for the one that is being hashed
  GuessLimits guesses{};
};

struct PasswordVerdict {
  enum class Kind { kRight, kWrong, kTooMany };
  Kind kind;
  std::chrono::seconds retry_after{0};  // kTooMany
};

using Users = std::map<std::string, std::string, std::less<>>;  // to bcrypt hashes

class Passwords {
 public:
  // As bcrypt(), see bcrypt.h.
  using Hash = std::function<std::string(const std::string& password, std::string setting)>;
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  Passwords(Hash hash, Clock clock, PasswordLimits limits = {});

  // `users` is not empty, its hashes are bcrypt's, as load_web_config() lets pass. `peers` are the client and those who
  // share its limit.
  [[nodiscard]] PasswordVerdict check(const Users& users, const Credentials& given, const PeerGroup& peers);

 private:
  using Key = std::array<unsigned char, 32>;
  class Turn;

  [[nodiscard]] Key key_of(const Credentials& given, const std::string& hash) const;
  [[nodiscard]] bool is_remembered(const Key& key);
  void remember(const Key& key);
  [[nodiscard]] bool is_hash_of(const std::string& password, const std::string& hash) const;
  [[nodiscard]] PasswordVerdict guess(const Users& users, const Credentials& given, const std::string& hash,
                                      const Key& key);

  const Hash hash_;
  const Clock clock_;
  const PasswordLimits limits_;
  const Key secret_;

  std::mutex mutex_;  // for what is behind it; never held over a hash
  GuessLimit guesses_;
  std::set<Key> remembered_;
  std::deque<Key> order_;  // of remembered_, the oldest first

  // Those who hash, or wait for it, have tickets, and are served in their order.
  std::uint64_t next_ticket_ = 0;
  std::uint64_t served_ticket_ = 0;
  std::condition_variable turn_;
};

}  // namespace tailmeter
