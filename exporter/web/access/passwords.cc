#include "exporter/web/access/passwords.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "exporter/web/access/bcrypt.h"
#include "exporter/web/access/web_config.h"

namespace tailmeter {
namespace {

constexpr std::size_t kSettingBytes = 29;  // $2b$, the cost, $, and the salt; the hash is behind them
constexpr std::chrono::seconds kBusyPause{1};

template <std::size_t size>
std::array<unsigned char, size> random_bytes() {
  std::array<unsigned char, size> bytes;
  const int is_done = RAND_bytes(bytes.data(), static_cast<int>(size));
  assert(is_done == 1);
  return bytes;
}

// With its length in front: what is joined can be parted in one way only.
void append_part(std::string& joined, std::string_view part) {
  const std::uint64_t size = part.size();
  joined.append(reinterpret_cast<const char*>(&size), sizeof size).append(part);
}

int highest_cost(const Users& users) {
  int highest = kLeastBcryptCost;
  for (const auto& [user, hash] : users) highest = std::max(highest, bcrypt_cost(hash));
  return highest;
}

// A hash that no password has: bcrypt ends no hash with "0".
std::string decoy(int cost) {
  return fmt::format("$2b${:02}${:.>22}{:0>31}", cost, "", "");
}

std::chrono::seconds whole_seconds(std::chrono::nanoseconds time) {
  return std::chrono::ceil<std::chrono::seconds>(time);
}

}  // namespace

// The turn of who has `ticket`: waited for, and over at its end, however that comes. A mutex would be given to whoever
// comes at the right moment, and in a rush of guesses never to some.
class Passwords::Turn {
 public:
  Turn(Passwords& passwords, std::uint64_t ticket) : passwords_(passwords) {
    std::unique_lock lock(passwords_.mutex_);
    passwords_.turn_.wait(lock, [&] { return passwords_.served_ticket_ == ticket; });
  }
  ~Turn() {
    {
      const std::lock_guard lock(passwords_.mutex_);
      ++passwords_.served_ticket_;
    }
    passwords_.turn_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Passwords& passwords_;
};

Passwords::Passwords(Hash hash, Clock clock, PasswordLimits limits)
    : hash_(std::move(hash)),
      clock_(std::move(clock)),
      limits_(limits),
      secret_(random_bytes<std::tuple_size_v<Key>>()),
      guesses_(limits.guesses) {}

Passwords::Key Passwords::key_of(const Credentials& given, const std::string& hash) const {
  std::string joined;
  append_part(joined, given.user);
  append_part(joined, hash);
  append_part(joined, given.password);
  Key key;
  const unsigned char* const made =
      HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
           reinterpret_cast<const unsigned char*>(joined.data()), joined.size(), key.data(), nullptr);
  OPENSSL_cleanse(joined.data(), joined.size());
  assert(made != nullptr);
  return key;
}

bool Passwords::is_remembered(const Key& key) {
  const std::lock_guard lock(mutex_);
  return remembered_.contains(key);
}

void Passwords::remember(const Key& key) {
  const std::lock_guard lock(mutex_);
  if (!remembered_.insert(key).second) return;
  order_.push_back(key);
  if (order_.size() <= limits_.remembered) return;
  remembered_.erase(order_.front());
  order_.pop_front();
}

bool Passwords::is_hash_of(const std::string& password, const std::string& hash) const {
  const std::string made = hash_(password, hash);
  // crypt_rn() sees a C string: what is behind a NUL must not be free to choose. The bits of a salt that do not count
  // may differ, so salts are not compared.
  return made.size() == hash.size() && password.find('\0') >= std::min(password.size(), kBcryptPasswordBytes) &&
         CRYPTO_memcmp(made.data() + kSettingBytes, hash.data() + kSettingBytes, hash.size() - kSettingBytes) == 0;
}

PasswordVerdict Passwords::guess(const Users& users, const Credentials& given, const std::string& hash,
                                 const Key& key) {
  const bool is_known = users.contains(given.user);
  if (is_known && is_remembered(key)) return {PasswordVerdict::Kind::kRight};  // while this one waited
  if (is_hash_of(given.password, hash) && is_known) {
    remember(key);
    return {PasswordVerdict::Kind::kRight};
  }
  // A cost is twice the work of the one below: c, and c, c + 1, ... up to the highest but one, are the highest.
  for (int cost = bcrypt_cost(hash); cost < highest_cost(users); ++cost) (void)is_hash_of(given.password, decoy(cost));
  return {PasswordVerdict::Kind::kWrong};
}

PasswordVerdict Passwords::check(const Users& users, const Credentials& given, const PeerGroup& peers) {
  const auto known = users.find(given.user);
  const std::string hash = known != users.end() ? known->second : decoy(highest_cost(users));
  const Key key = key_of(given, hash);
  std::uint64_t ticket = 0;
  {
    const std::lock_guard lock(mutex_);
    if (known != users.end() && remembered_.contains(key)) return {PasswordVerdict::Kind::kRight};
    const std::chrono::nanoseconds wait = guesses_.take(peers, clock_());
    if (wait.count() > 0) return {PasswordVerdict::Kind::kTooMany, whole_seconds(wait)};
    if (next_ticket_ - served_ticket_ > limits_.waiting) {
      guesses_.give_back(peers);
      return {PasswordVerdict::Kind::kTooMany, kBusyPause};
    }
    ticket = next_ticket_++;
  }
  const Turn turn(*this, ticket);
  const PasswordVerdict verdict = guess(users, given, hash, key);
  if (verdict.kind == PasswordVerdict::Kind::kRight) {
    const std::lock_guard lock(mutex_);
    guesses_.give_back(peers);
  }
  return verdict;
}

}  // namespace tailmeter
