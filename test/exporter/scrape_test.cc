#include "exporter/scrape.h"

#include <atomic>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <poll.h>

#include "rules/series/family.h"

namespace tailmeter {
namespace {

using namespace std::chrono_literals;

bool is_readable(int fd, int timeout_ms) {
  pollfd poll{fd, POLLIN, 0};
  return ::poll(&poll, 1, timeout_ms) == 1;
}

std::shared_ptr<Scrape> scrape_number(double number) {
  prometheus::MetricFamily family;
  family.name = "n";
  family.type = prometheus::MetricType::Gauge;
  family.metric.emplace_back().gauge.value = number;
  return std::make_shared<Scrape>(Snapshot{}, std::vector{family});
}

TEST_CASE("an answer was begun after it was asked for", "[scrape]") {
  // The loop answers with a number that it raises before each answer; whoever asks reads the number first.
  ScrapeQueue queue;
  std::atomic<int> now = 0;
  std::atomic<bool> is_over = false;
  std::thread loop([&] {
    while (!is_over) {
      if (!is_readable(queue.event_fd(), 20)) continue;
      if (const std::uint64_t number = queue.take().number) {
        const int begun = ++now;
        queue.answer(number, scrape_number(begun));
      }
    }
  });
  std::vector<std::thread> askers;
  std::atomic<int> stale = 0;
  std::atomic<int> answered = 0;
  for (int asker = 0; asker < 4; ++asker) {
    askers.emplace_back([&] {
      for (int i = 0; i < 300; ++i) {
        const int before = now;
        const std::shared_ptr<Scrape> scrape = queue.request(10s);
        if (scrape == nullptr) continue;
        ++answered;
        const std::string text = *scrape->page({});
        if (std::stoi(text.substr(text.rfind(' '))) <= before) ++stale;
      }
    });
  }
  for (std::thread& asker : askers) asker.join();
  is_over = true;
  loop.join();
  CHECK(answered == 1200);
  CHECK(stale == 0);
}

TEST_CASE("who asks while nobody answers gives up in time, and at once when the queue closes", "[scrape]") {
  ScrapeQueue queue;
  CHECK(queue.request(10ms) == nullptr);
  std::thread asker([&] { CHECK(queue.request(60s) == nullptr); });
  REQUIRE(is_readable(queue.event_fd(), 10'000));
  queue.close();
  asker.join();
  CHECK(queue.request(60s) == nullptr);
}

TEST_CASE("nothing is done for one who has given up", "[scrape]") {
  ScrapeQueue queue;
  CHECK(queue.request(1ms) == nullptr);
  CHECK(queue.take().number == 0);
  const auto deadline = ScrapeQueue::Clock::now() + 60s;
  const std::uint64_t number = queue.ask(deadline);
  const ScrapeQueue::Taken taken = queue.take();
  CHECK(taken.number == number);
  CHECK(taken.deadline == deadline);
}

TEST_CASE("an answer that is given again says that it is late", "[scrape]") {
  prometheus::MetricFamily catching_up;
  catching_up.name = kCatchingUpName;
  catching_up.type = prometheus::MetricType::Gauge;
  catching_up.metric.emplace_back().gauge.value = 0;
  prometheus::MetricFamily durable = catching_up;
  durable.name = kDurableName;
  durable.metric.front().gauge.value = 1;
  Scrape scrape(Snapshot{}, {catching_up, durable});
  const auto text_of = [](const char* is_catching_up, const char* is_durable) {
    return "# TYPE tailmeter_catching_up gauge\ntailmeter_catching_up " + std::string(is_catching_up) +
           "\n# TYPE tailmeter_durable gauge\ntailmeter_durable " + is_durable + "\n";
  };
  CHECK(*scrape.late()->page({}) == text_of("1", "1"));
  CHECK(scrape.late()->page({}) == scrape.late()->page({}));  // rendered once
  CHECK(*scrape.with({{kCatchingUpName, 1}, {kDurableName, 0}})->page({}) == text_of("1", "0"));
  CHECK(*scrape.page({}) == text_of("0", "1"));
}

TEST_CASE("the newest answer is there for those who came too late for theirs", "[scrape]") {
  ScrapeQueue queue;
  CHECK(queue.newest() == nullptr);
  CHECK(queue.request(1ms) == nullptr);
  const std::shared_ptr<Scrape> answer = scrape_number(1);
  queue.answer(queue.ask(ScrapeQueue::Clock::now()), answer);
  CHECK(queue.request(1ms) == nullptr);
  CHECK(queue.newest() == answer);
}

TEST_CASE("the deadline of an answer is that of the first who gives up", "[scrape]") {
  ScrapeQueue queue;
  const auto now = ScrapeQueue::Clock::now();
  CHECK(queue.ask(now + 5s) == 1);
  CHECK(queue.ask(now + 2s) == 2);
  CHECK(queue.ask(now + 9s) == 3);
  const ScrapeQueue::Taken taken = queue.take();
  CHECK(taken.number == 3);
  CHECK(taken.deadline == now + 2s);
  CHECK(queue.take().number == 0);
}

TEST_CASE("the samples are JSON, made once for all who have them, and of no metric that is not there", "[scrape]") {
  Family family({.name = "pulls_total", .kind = SeriesKind::kCounter, .label_names = {"image"}, .max_series = 9});
  family.add(family.find_or_add(std::vector<std::string>{"a\"\n"}), Decimal::from_integer(3));
  Scrape scrape({family.snapshot()}, {});
  const std::shared_ptr<const std::string> all = scrape.json("");
  REQUIRE(all != nullptr);
  CHECK(*all == R"({"metrics":[{"name":"pulls_total","labels":{"image":"a\"\n"},"value":"3"}]})"
                "\n");
  CHECK(scrape.json("") == all);
  CHECK(*scrape.json("pulls_total") == *all);
  CHECK(scrape.json("pulls") == nullptr);
}

}  // namespace
}  // namespace tailmeter
