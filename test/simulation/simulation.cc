// Runs schedules of the simulation: the same ones for the same seeds, on every machine.
//
//   simulation [--schedules=N] [--seed=FIRST] [--steps=N] [--log]
//
// Ends with 1 if something was wrong in one of them, and says what, with its seed and the fewest of its steps that
// still show it; with --log, before each what the program logged, and behind it all files. Where an assertion of the
// program fails, it ends by that, and says the seed alone.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "exporter/log.h"
#include "test/simulation/world.h"

namespace tailmeter {
namespace {

struct Settings {
  std::uint64_t schedules = 1000;
  std::uint64_t seed = 1;
  std::uint64_t steps = 60;
  bool has_log = false;
};

// How often each operation comes in the mean, by its number.
constexpr unsigned kWeights[kOpCount] = {30, 10, 8, 6,  4, 6, 5, 5, 2, 1, 1,  6, 6,
                                         1,  20, 2, 12, 2, 1, 1, 8, 2, 3, 10, 3, 2};

// Each schedule has some operations more often than others have them, and does without some: what it takes several of
// one kind to show is shown by those that have many of that kind, and nothing that comes in between (Groce et al.,
// "Swarm Testing", ISSTA 2012). All of them write and start.
constexpr unsigned kFactors[] = {0, 1, 2, 4, 8};

std::vector<Step> schedule(std::uint64_t seed, std::uint64_t size) {
  SeededRandom random(seed);
  unsigned weights[kOpCount];
  unsigned sum = 0;
  for (std::size_t op = 0; op < kOpCount; ++op) {
    const unsigned factor = kFactors[random.below(std::size(kFactors))];
    const bool is_needed = op == static_cast<std::size_t>(Op::kWrite) || op == static_cast<std::size_t>(Op::kStart);
    weights[op] = kWeights[op] * (is_needed ? std::max(1U, factor) : factor);
    sum += weights[op];
  }
  std::vector<Step> steps;
  while (steps.size() < size) {
    std::uint64_t dice = random.below(sum);
    std::size_t op = 0;
    for (; dice >= weights[op]; ++op) dice -= weights[op];
    steps.push_back({static_cast<Op>(op), random.next()});
  }
  return steps;
}

std::string text_of(const Step& step) {
  char text[64];
  std::snprintf(text, sizeof text, "  %s %016llx\n", std::string(name_of(step.op)).c_str(),
                static_cast<unsigned long long>(step.seed));
  return text;
}

// What was wrong; empty: nothing. `tell` hears of each step when it is taken.
using Listener = std::function<void(const Step&, const World&)>;
std::string fault_of(std::uint64_t seed, const std::vector<Step>& steps, const Listener& tell = {}) {
  World world(seed);
  for (const Step& step : steps) {
    world.run(step);
    if (tell) tell(step, world);
    if (!world.fault().empty()) return world.fault();
  }
  world.end();
  return world.fault();
}

// Leaves out what is not needed for a fault, in ever smaller pieces.
std::vector<Step> shrink(std::uint64_t seed, std::vector<Step> steps) {
  for (std::size_t piece = steps.size() / 2; piece > 0; piece /= 2) {
    for (std::size_t at = 0; at < steps.size();) {
      std::vector<Step> fewer(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(at));
      fewer.insert(fewer.end(), steps.begin() + static_cast<std::ptrdiff_t>(std::min(at + piece, steps.size())),
                   steps.end());
      if (fault_of(seed, fewer).empty()) {
        at += piece;
      } else {
        steps = std::move(fewer);
      }
    }
  }
  return steps;
}

void report(std::uint64_t seed, const Settings& settings) {
  const std::vector<Step> steps = shrink(seed, schedule(seed, settings.steps));
  std::printf("seed %llu: %zu of %llu steps show that\n%s", static_cast<unsigned long long>(seed), steps.size(),
              static_cast<unsigned long long>(settings.steps), fault_of(seed, steps).c_str());
  std::fflush(stdout);
  if (settings.has_log) ::dup2(STDOUT_FILENO, STDERR_FILENO);
  fault_of(seed, steps, [&](const Step& step, const World& world) {
    std::fputs(text_of(step).c_str(), stdout);
    if (settings.has_log) std::fputs(world.listing().c_str(), stdout);
    std::fflush(stdout);
  });
}

thread_local std::uint64_t seed_under_way = 0;

void tell_seed(int) {
  char text[64];
  const int size = std::snprintf(text, sizeof text, "seed %llu: the program ended itself\n",
                                 static_cast<unsigned long long>(seed_under_way));
  if (::write(STDOUT_FILENO, text, static_cast<std::size_t>(size)) < 0) return;
}

int run(const Settings& settings) {
  std::atomic<std::uint64_t> next = 0;
  std::atomic<std::uint64_t> faults = 0;
  std::mutex mutex;
  std::uint64_t first_faulty = ~std::uint64_t{0};
  const auto work = [&] {
    for (std::uint64_t i; faults == 0 && (i = next++) < settings.schedules;) {
      const std::uint64_t seed = seed_under_way = settings.seed + i;
      if (fault_of(seed, schedule(seed, settings.steps)).empty()) continue;
      ++faults;
      const std::lock_guard lock(mutex);
      first_faulty = std::min(first_faulty, seed);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  if (faults > 0) {
    report(first_faulty, settings);
    return 1;
  }
  std::printf("%llu schedules of %llu steps, from seed %llu: nothing wrong\n",
              static_cast<unsigned long long>(settings.schedules), static_cast<unsigned long long>(settings.steps),
              static_cast<unsigned long long>(settings.seed));
  return 0;
}

bool read_number(std::string_view argument, std::string_view name, std::uint64_t& number) {
  if (!argument.starts_with(name)) return false;
  const std::string_view text = argument.substr(name.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace
}  // namespace tailmeter

int main(int count, char** words) {
  tailmeter::Settings settings;
  for (int i = 1; i < count; ++i) {
    if (tailmeter::read_number(words[i], "--schedules=", settings.schedules)) continue;
    if (tailmeter::read_number(words[i], "--seed=", settings.seed)) continue;
    if (tailmeter::read_number(words[i], "--steps=", settings.steps)) continue;
    if (std::string_view(words[i]) == "--log") {
      settings.has_log = true;
      continue;
    }
    std::fputs("usage: simulation [--schedules=N] [--seed=FIRST] [--steps=N] [--log]\n", stderr);
    return 2;
  }
  // What the program would log of its troubles says nothing new here.
  tailmeter::configure_log(tailmeter::LogLevel::kDebug, tailmeter::LogFormat::kLogfmt);
  std::signal(SIGABRT, tailmeter::tell_seed);
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere >= 0) ::dup2(nowhere, STDERR_FILENO);
  return tailmeter::run(settings);
}
