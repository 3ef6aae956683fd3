#include "exporter/web/access/passwords.h"

#include <atomic>
#include <future>
#include <numeric>
#include <thread>

#include <catch2/catch.hpp>

#include "test/support/fake_bcrypt.h"
#include "test/support/peers.h"

namespace tailmeter {
namespace {

using namespace std::chrono_literals;
using Kind = PasswordVerdict::Kind;

struct Bench {
  explicit Bench(PasswordLimits limits = {})
      : passwords([this](const std::string& password, const std::string& setting) { return hash(password, setting); },
                  [this] { return now; }, limits) {}

  Kind check(const std::string& user, const std::string& password, const std::string& address = "192.0.2.1") {
    const PasswordVerdict verdict = passwords.check(users, {user, password}, peer_of(address).group);
    retry_after = verdict.retry_after;
    return verdict.kind;
  }

  FakeBcrypt hash;
  std::chrono::steady_clock::time_point now{1h};
  std::chrono::seconds retry_after{};
  Users users{{"alice", fake_hash("secret", 12)}, {"bob", fake_hash("hunter2", 12)}, {"old", fake_hash("old", 9)}};
  Passwords passwords;
};

const std::vector<int> kNone;

TEST_CASE("a password is right for its user alone", "[access]") {
  const auto [user, password, kind] = GENERATE(table<std::string, std::string, Kind>({
      {"alice", "secret", Kind::kRight},
      {"bob", "hunter2", Kind::kRight},
      {"old", "old", Kind::kRight},
      {"alice", "hunter2", Kind::kWrong},
      {"alice", "", Kind::kWrong},
      {"alice", "secret ", Kind::kWrong},
      {"Alice", "secret", Kind::kWrong},
      {"", "", Kind::kWrong},
      {"carol", "secret", Kind::kWrong},
      {"carol", std::string(31, '0'), Kind::kWrong},  // whose hash would be the decoy's
      {"alice", std::string("secret\0", 7), Kind::kWrong},
      {"alice", "secret" + std::string(1, '\0') + std::string(100, 'x'), Kind::kWrong},
  }));
  CAPTURE(user, password);
  Bench bench;
  CHECK(bench.check(user, password) == kind);
  CHECK(bench.check(user, password) == kind);
}

TEST_CASE("a right password is hashed once, a wrong one each time", "[access]") {
  Bench bench;
  CHECK(bench.check("alice", "secret") == Kind::kRight);
  CHECK(bench.hash.costs() == std::vector<int>{12});
  CHECK(bench.check("alice", "secret") == Kind::kRight);
  CHECK(bench.check("alice", "secret", "192.0.2.2") == Kind::kRight);
  CHECK(bench.hash.costs() == kNone);
  CHECK(bench.check("alice", "wrong") == Kind::kWrong);
  CHECK(bench.check("alice", "wrong") == Kind::kWrong);
  CHECK(bench.hash.costs() == std::vector<int>{12, 12});
}

TEST_CASE("a user who is not there costs what one costs who is", "[access]") {
  Bench bench;
  CHECK(bench.check("alice", "wrong") == Kind::kWrong);
  const std::vector<int> known = bench.hash.costs();
  CHECK(bench.check("nobody", "wrong") == Kind::kWrong);
  CHECK(bench.hash.costs() == known);
  CHECK(known == std::vector<int>{12});

  // A cost of one more is twice the work.
  const auto work_of = [](const std::vector<int>& costs) {
    return std::accumulate(costs.begin(), costs.end(), 0L, [](long sum, int cost) { return sum + (1L << cost); });
  };
  CHECK(bench.check("old", "wrong") == Kind::kWrong);
  CHECK(work_of(bench.hash.costs()) == work_of(known));
}

TEST_CASE("what one user has shown is nothing that another could make of it", "[access]") {
  // Joined without lengths, what alice shows is what mallory shows: user, hash, password.
  Bench bench;
  const std::string shown = fake_hash("other");
  const std::string hash = fake_hash(shown + "x");
  bench.users = {{"alice", hash}, {"alice" + hash, shown}};
  CHECK(bench.check("alice", shown + "x") == Kind::kRight);
  CHECK(bench.check("alice" + hash, "x") == Kind::kWrong);
}

TEST_CASE("a right password is forgotten with its hash, and with its user", "[access]") {
  Bench bench;
  CHECK(bench.check("alice", "secret") == Kind::kRight);
  bench.users["alice"] = fake_hash("new", 12);
  CHECK(bench.check("alice", "secret") == Kind::kWrong);
  CHECK(bench.check("alice", "new") == Kind::kRight);
  bench.users.erase("alice");
  CHECK(bench.check("alice", "new") == Kind::kWrong);
}

TEST_CASE("wrong passwords push out no right one; of these the oldest goes", "[access]") {
  PasswordLimits limits;
  limits.remembered = 2;
  limits.guesses.burst = 100;
  Bench bench(limits);
  CHECK(bench.check("alice", "secret") == Kind::kRight);
  CHECK(bench.check("bob", "hunter2") == Kind::kRight);
  for (int i = 0; i < 50; ++i) CHECK(bench.check("alice", "wrong" + std::to_string(i)) == Kind::kWrong);
  (void)bench.hash.costs();
  CHECK(bench.check("alice", "secret") == Kind::kRight);
  CHECK(bench.check("bob", "hunter2") == Kind::kRight);
  CHECK(bench.hash.costs() == kNone);
  CHECK(bench.check("old", "old") == Kind::kRight);
  CHECK(bench.check("bob", "hunter2") == Kind::kRight);
  CHECK(bench.hash.costs() == std::vector<int>{9});
  CHECK(bench.check("alice", "secret") == Kind::kRight);
  CHECK(bench.hash.costs() == std::vector<int>{12});
}

TEST_CASE("an address may guess five times, and then once in twelve seconds, before anything is hashed", "[access]") {
  Bench bench;
  CHECK(bench.check("alice", "secret") == Kind::kRight);
  for (int i = 0; i < 5; ++i) CHECK(bench.check(i % 2 == 0 ? "alice" : "nobody", "wrong") == Kind::kWrong);
  (void)bench.hash.costs();
  bench.now += 2s;
  for (const char* user : {"alice", "nobody", "bob"}) {
    CHECK(bench.check(user, "hunter2") == Kind::kTooMany);
    CHECK(bench.retry_after == 10s);
  }
  CHECK(bench.hash.costs() == kNone);
  CHECK(bench.check("alice", "secret") == Kind::kRight);              // who is known waits for nothing
  CHECK(bench.check("bob", "hunter2", "192.0.2.2") == Kind::kRight);  // nor does another address
  bench.now += 10s;
  CHECK(bench.check("alice", "wrong") == Kind::kWrong);
  CHECK(bench.check("alice", "wrong") == Kind::kTooMany);
  CHECK(bench.retry_after == 12s);
}

TEST_CASE("right passwords are no guesses", "[access]") {
  Bench bench;
  for (int i = 0; i < 20; ++i) bench.users["user" + std::to_string(i)] = fake_hash("secret");
  for (int i = 0; i < 20; ++i) CHECK(bench.check("user" + std::to_string(i), "secret") == Kind::kRight);
}

TEST_CASE("while a password is hashed, who is known gets in, and more guesses than may wait are sent away",
          "[access]") {
  std::promise<void> begun, let_go;
  std::atomic<bool> is_slow = false;
  PasswordLimits limits;
  limits.waiting = 0;
  Passwords passwords(
      [&](const std::string& password, const std::string& setting) {
        if (is_slow) {
          begun.set_value();
          let_go.get_future().wait();
        }
        return fake_hash(password, bcrypt_cost(setting));
      },
      [] { return std::chrono::steady_clock::time_point(1h); }, limits);
  const Users users{{"alice", fake_hash("secret")}, {"bob", fake_hash("hunter2")}};
  CHECK(passwords.check(users, {"alice", "secret"}, peer_of("192.0.2.1").group).kind == Kind::kRight);
  is_slow = true;
  Kind guessed = Kind::kRight;
  std::thread guesser([&] { guessed = passwords.check(users, {"alice", "wrong"}, peer_of("192.0.2.2").group).kind; });
  begun.get_future().wait();
  CHECK(passwords.check(users, {"alice", "secret"}, peer_of("192.0.2.1").group).kind == Kind::kRight);
  const PasswordVerdict verdict = passwords.check(users, {"bob", "hunter2"}, peer_of("192.0.2.3").group);
  CHECK(verdict.kind == Kind::kTooMany);
  CHECK(verdict.retry_after == 1s);
  let_go.set_value();
  guesser.join();
  CHECK(guessed == Kind::kWrong);
  is_slow = false;
  CHECK(passwords.check(users, {"bob", "hunter2"}, peer_of("192.0.2.3").group).kind == Kind::kRight);
}

TEST_CASE("guesses are hashed in the order in which they came", "[access]") {
  std::promise<void> let_go;
  const std::shared_future<void> is_let_go = let_go.get_future().share();
  std::atomic<std::size_t> come = 0;  // counted where the order is settled
  std::vector<std::string> hashed;
  Passwords passwords(
      [&](const std::string& password, const std::string& setting) {
        is_let_go.wait();
        hashed.push_back(password);
        return fake_hash(password, bcrypt_cost(setting));
      },
      [&] {
        ++come;
        return std::chrono::steady_clock::time_point(1h);
      });
  const Users users{{"alice", fake_hash("secret")}};
  const std::vector<std::string> guesses{"a", "b", "c", "d", "e"};
  std::vector<std::thread> threads;
  for (const std::string& guess : guesses) {
    threads.emplace_back([&] { (void)passwords.check(users, {"alice", guess}, peer_of("192.0.2.1").group); });
    while (come < threads.size()) std::this_thread::yield();
  }
  let_go.set_value();
  for (std::thread& thread : threads) thread.join();
  CHECK(hashed == guesses);
}

TEST_CASE("one password is hashed at a time, and one that several bring at once is hashed once", "[access]") {
  constexpr std::size_t kThreads = 8;
  std::atomic<int> running = 0, highest = 0, hashed = 0;
  PasswordLimits limits;
  limits.waiting = kThreads;
  Passwords passwords(
      [&](const std::string& password, const std::string& setting) {
        const int now_running = ++running;
        if (now_running > highest) highest = now_running;
        ++hashed;
        std::this_thread::yield();
        --running;
        return fake_hash(password, bcrypt_cost(setting));
      },
      [] { return std::chrono::steady_clock::time_point(1h); }, limits);
  const Users users{{"alice", fake_hash("secret")}};
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, address = "192.0.2." + std::to_string(i)] {
      if (passwords.check(users, {"alice", "secret"}, peer_of(address).group).kind == Kind::kRight) ++right;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == static_cast<int>(kThreads));
  CHECK(highest == 1);
  CHECK(hashed == 1);
}

}  // namespace
}  // namespace tailmeter
