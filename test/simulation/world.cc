#include "test/simulation/world.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tailmeter {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kOpNames[kOpCount] = {
    "write",   "write a piece", "rotate",     "reopen", "copy",     "copy over", "truncate", "compress", "remove",
    "replace", "forbid",        "write back", "fail",   "overflow", "look",      "quiet",    "scrape",   "slow",
    "fill",    "free",          "kill",       "power",  "stop",     "start",     "reload",   "remount"};

constexpr std::size_t kSmallBufferBytes = 256;  // more than a line has

bool is_compressed(std::string_view path) {
  return path.ends_with(".gz") || path.ends_with(".zst");
}

}  // namespace

std::string partial_of(std::string_view content) {
  return std::string(content.substr(content.rfind('\n') + 1));
}

std::string_view name_of(Op op) {
  return kOpNames[static_cast<std::size_t>(op)];
}

World::World(std::uint64_t seed)
    : random_(seed), files_(random_.next()), disk_(static_cast<std::uint32_t>(random_.next())) {
  for (const char* directory : kDirectories) files_.make_directory(directory);
  logs_[0].path = "/log/access.log";
  logs_[0].naming = static_cast<Naming>(random_.below(3));
  logs_[1].path = "/log/copied.log";
  logs_[1].naming = random_.below(2) == 0 ? Naming::kNumbers : Naming::kDates;
  logs_[2].path = "/log/site/a.log";
  logs_[3].path = "/log/site/b.log";
  if (random_.below(4) == 0) files_.hints().drop_all(true);
  is_copying_cut_short_ = random_.below(2) == 0;
  is_copied_one_busy_ = random_.below(2) == 0;
  has_copies_ = random_.below(4) > 0;
  if (SeededRandom banners(~seed); banners.below(4) == 0) make_banner(8 + banners.below(4));
  for (Log& log : logs_) {
    if (random_.below(2) == 0) open(log);
  }
  if (random_.below(2) == 0) read_buffer_bytes_ = kSmallBufferBytes;
  start();
}

void World::run(const Step& step) {
  SeededRandom random(step.seed);
  const bool is_rotation = step.op == Op::kRotate || step.op == Op::kCopy || step.op == Op::kCopyOver ||
                           step.op == Op::kTruncate || step.op == Op::kCompress || step.op == Op::kRemove ||
                           step.op == Op::kReplaceDirectory;
  if (is_booting_ && is_rotation) return;
  const bool is_copy = step.op == Op::kCopy || step.op == Op::kCopyOver || step.op == Op::kCompress;
  if (is_copy && !has_copies_) return;
  if (step.op == Op::kCopyOver && !banner_.empty()) return;
  switch (step.op) {
    case Op::kWrite:
      return write(some_log(random), random);
    case Op::kWritePiece:
      return write_piece(some_log(random), random);
    case Op::kRotate:
      return rotate(some_log(random), random);
    case Op::kReopen:
      return open(some_log(random));
    case Op::kCopy:
      return copy(logs_[1], random);
    case Op::kCopyOver:
      return copy_over(logs_[1], random);
    case Op::kTruncate:
      return truncate(logs_[1]);
    case Op::kCompress:
      return compress(random);
    case Op::kRemove:
      return remove(random);
    case Op::kReplaceDirectory:
      return replace_directory();
    case Op::kForbid:
      return forbid(random);
    case Op::kWriteBack:
      return files_.write_back();
    case Op::kFail:
      return fail(random);
    case Op::kOverflow:
      return files_.hints().limit_queue(random.below(4));
    case Op::kLook:
      return look(std::chrono::milliseconds(random.below(400)));
    case Op::kQuiet:
      return quiet();
    case Op::kScrape:
      return scrape();
    case Op::kSlowState:
      if (run_) run_->writer().set_slow(true);
      return;
    case Op::kFillDisk:
      is_disk_full_ = true;
      return disk_.limit_capacity(disk_.used_bytes());
    case Op::kFreeDisk:
      is_disk_full_ = false;
      return disk_.lift_capacity();
    case Op::kKill:
      return kill(random);
    case Op::kPowerCut:
      return cut_power(random);
    case Op::kStop:
      return stop();
    case Op::kStart:
      return start();
    case Op::kReload:
      if (run_) run_->reload(random.below(2) == 0);
      return;
    case Op::kRemount:
      return remount(random);
  }
}

void World::end() {
  mend();
  if (run_) {
    run_->writer().set_slow(false);
    run_->writer().write();
    look(1s);
  }
  start();
  scrape();
  quiet();
  is_at_rest_ = true;
  scrape();
  check_rest();
}

std::string World::listing() const {
  std::string text;
  for (const std::string directory : kDirectories) {
    for (const std::string& name : files_.names(directory)) {
      const std::string bytes = *files_.content(directory + '/' + name);
      const auto compressed = compressed_.find(bytes);
      std::string content = compressed == compressed_.end() ? bytes : compressed->second;
      if (is_compressed(name) && compressed == compressed_.end()) content = "(cut short)";
      if (!banner_.empty() && content.starts_with(banner_)) content.replace(0, banner_.size(), "(banner) ");
      std::replace(content.begin(), content.end(), '\n', ' ');
      text += "    " + directory + '/' + name + ": " + content + '\n';
    }
  }
  return text;
}

// The program.

void World::start() {
  if (run_) return;
  is_booting_ = false;
  if (has_copies_) files_.sync("/log");  // see the header
  run_ = SimulatedRun::start(files_, disk_, now_, "boot " + std::to_string(boots_), read_buffer_bytes_);
  scrape();
}

void World::end_run() {
  if (!run_) return;
  run_.reset();
  files_.kill_reader();
  asked_.clear();
  last_answer_.reset();
  expectation_.kill();
}

// At any moment of a commit, too.
void World::kill(SeededRandom& random) {
  if (!run_) return;
  if (random.below(2) == 0) {
    run_->writer().set_slow(true);
    look(0ms);
    if (random.below(2) == 0) scrape();
    disk_.stop_at_call(1 + random.below(8));
    run_->writer().write();
  }
  end_run();
  disk_.restart_after_kill();
}

void World::cut_power(SeededRandom& random) {
  if (run_ && random.below(2) == 0) {
    run_->writer().set_slow(true);
    scrape();
    disk_.stop_at_call(1 + random.below(8));
    run_->writer().write();
  }
  end_run();
  allow();
  disk_.restart_after_power_cut(static_cast<std::uint32_t>(random.next()));
  files_.power_cut(random.next());
  ++boots_;
  is_booting_ = true;
  for (Log& log : logs_) log.writer = -1;  // gone with the power
  end_writers();
}

// With them end copies that are being made, and what is copied is not truncated. What is left of a line that nobody
// ends any more may count or not.
void World::end_writers() {
  for_each_content([&](const FileIdentity&, std::string_view content, bool) { torn_.insert(partial_of(content)); });
  for (Log& log : logs_) {
    close(log);
    log.is_copied = false;
    log.copying_to.clear();
  }
}

void World::stop() {
  if (!run_) return;
  run_->finish();
  end_run();
  disk_.restart_after_kill();
}

void World::fail(SeededRandom& random) {
  if (is_copying_cut_short_) return;
  using Call = SimulatedFiles::Call;
  constexpr Call kCalls[] = {Call::kOpen, Call::kRead, Call::kStatus, Call::kResolve, Call::kList, Call::kWatch};
  constexpr std::errc kErrors[] = {std::errc::io_error, std::errc::not_enough_memory, std::errc::too_many_files_open,
                                   std::errc::permission_denied};
  files_.fail_call(kCalls[random.below(std::size(kCalls))], 1 + static_cast<unsigned>(random.below(10)),
                   std::make_error_code(kErrors[random.below(std::size(kErrors))]));
  is_faulty_ = true;
}

// Of calls that have yet to fail.
void World::forget_failures() {
  using Call = SimulatedFiles::Call;
  for (const Call call : {Call::kOpen, Call::kRead, Call::kStatus, Call::kResolve, Call::kList, Call::kWatch}) {
    files_.fail_call(call, 0, {});
  }
  is_faulty_ = false;
}

void World::mend() {
  forget_failures();
  if (forbidden_.is_known()) allow();
  disk_.lift_capacity();
  is_disk_full_ = false;
}

void World::look(std::chrono::milliseconds time) {
  now_ += time;
  if (!run_) return;
  const bool would_drain = run_->would_drain();
  for (Asked& asked : asked_) {
    if (!would_drain || std::exchange(asked.is_taken, true)) continue;
    // A log that cannot be opened makes others wait, which may be copies of it. What was compressed anew has to be
    // opened again.
    asked.is_whole = !is_faulty_ && !forbidden_.is_known() && !is_unmounted_;
    asked.required = expectation_.required(readable());
  }
  run_->step();
  check_answers();
}

// Files that lost their names are final by then; who wrote to them has reopened his log.
void World::quiet() {
  if (!run_) return;
  mend();
  for (Log& log : logs_) {
    if (is_behind(log)) close(log);
  }
  settle_partials();
  for (int i = 0; i < 3; ++i) look(31s);
  files_.sync_all();  // as a kernel does within that time
}

void World::scrape() {
  if (!run_) return;
  asked_.push_back({.number = run_->ask(), .required = {}});
  look(0ms);
  // Once is enough for a fault to show.
  if (std::exchange(is_faulty_, false)) mend();
}

}  // namespace tailmeter
