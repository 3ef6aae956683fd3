// Random schedules of writers, rotations and looks against a model that keeps every line that was written.
//
// TAILMETER_SEED runs one schedule, TAILMETER_SEEDS another number of them.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <list>
#include <map>
#include <memory>
#include <random>

#include <catch2/catch.hpp>

#include "test/tail/tail_lab.h"

namespace tailmeter {
namespace {

namespace fs = std::filesystem;

constexpr int kSteps = 60;
constexpr int kRotatedMax = 5;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// What was written to one file and is to come out of the tail.
struct File {
  std::string id;  // in the first word of each of its lines
  std::size_t begun = 0;
  Lines lines;          // those that ended
  std::string unended;  // the line begun last
  bool is_named = true;
  bool has_copies = false;  // the unended lines of copies come late, and so out of their order
};

// One log under its name: who writes to it, and which file that is.
struct Log {
  std::string name;
  std::unique_ptr<Writer> writer;
  File* file = nullptr;    // the writer's
  bool is_behind = false;  // the writer's file has lost the name
  int suffix = 0;          // of the last rotated file, or of the link's target
};

std::map<std::string, Lines> by_file(const Lines& lines) {
  std::map<std::string, Lines> files;
  for (const std::string& line : lines) files[line.substr(1, line.find(' ') - 1)].push_back(line);
  return files;
}

class Model {
 public:
  explicit Model(std::uint64_t seed) : random_(seed), lab_(pick(2) == 0 ? Hints::kTaken : Hints::kNone) {
    lab_.limits.read_buffer_bytes = std::array<std::size_t, 3>{64, 600, 256 << 10}[pick(3)];
    lab_.append("link.log-0", "");
    lab_.link("link.log-0", "link.log");
    logs_[0].name = "access.log";
    logs_[1].name = "copied.log";
    logs_[2].name = "link.log";
    for (Log& log : logs_) {
      if (pick(4) == 0 && log.name != "link.log") continue;  // to be created late
      open(log);
      if (pick(2) == 0) log.writer->write("written before the start\n");
      if (pick(2) == 0) add_to_line(log, 3);
    }
    lab_.follow({"access.log", "copied.log", "link.log"});
  }

  void step() {
    Log& log = logs_[pick(logs_.size())];
    const std::size_t dice = pick(100);
    if (dice < 35) return write(log, 1 + pick(4));
    if (dice < 50) return write_piece(log);
    if (dice < 65) return lab_.look();
    if (dice < 70) return drain();
    if (dice < 73) return pass_quiet_time();
    if (dice < 82) return log.name == "access.log" ? rotate(log) : reopen(log);
    if (dice < 88) return log.name == "copied.log" ? copy_and_truncate(log) : reopen(log);
    if (dice < 92) return log.name == "link.log" ? lead_elsewhere(log) : reopen(log);
    if (dice < 94) return log.name == "link.log" ? reopen(log) : remove(log);
    if (dice < 97) return toggle_permission();
    return reopen(log);
  }

  void check() {
    if (is_forbidden_) toggle_permission();
    drain();
    pass_quiet_time();
    std::map<std::string, Lines> seen = by_file(lab_.lines());
    for (const File& file : files_) {
      CAPTURE(file.id);
      Lines right = file.lines;
      if (file.has_copies) {
        std::sort(right.begin(), right.end());
        std::sort(seen[file.id].begin(), seen[file.id].end());
      }
      CHECK(seen[file.id] == right);
      seen.erase(file.id);
    }
    CHECK(seen.empty());
    CHECK(lab_.record.oversize.size() == oversize_lines_);

    const SourceStatus status = lab_.status();
    const ByteTotals& totals = status.totals;
    CHECK(totals.lost_bytes == 0);
    CHECK(totals.line_bytes - totals.appended_newlines + totals.oversize_bytes + totals.nul_bytes + totals.lost_bytes +
              status.pending_bytes ==
          written_bytes_);
    CHECK(status.lag_bytes == status.pending_bytes);
    CHECK(status.files_unreadable == 0);
    CHECK(status.files_draining == 0);
  }

 private:
  std::size_t pick(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }

  // The writer's file is the one that has the name now; made if there is none.
  void open(Log& log) {
    log.writer = std::make_unique<Writer>(lab_ / log.name);
    log.file = &files_.emplace_back();
    log.file->id = 'f' + std::to_string(files_.size());
    log.is_behind = false;
  }

  void reopen(Log& log) {
    if (log.writer == nullptr || log.is_behind) open(log);
  }

  void put(Log& log, const std::string& text) {
    log.writer->write(text);
    written_bytes_ += text.size();
  }

  void add_to_line(Log& log, std::size_t bytes) {
    std::string& line = log.file->unended;
    std::string text = "+";
    if (line.empty()) {
      // No line starts like the one before: if that was cut off, all of it is seen to be gone.
      text = static_cast<char>('a' + log.file->begun % 26) + log.file->id + ' ' + std::to_string(log.file->begun) + ' ';
      ++log.file->begun;
    }
    text += std::string(bytes, 'x');
    put(log, text);
    line += text;
  }

  void end_line(Log& log) {
    put(log, "\n");
    count_line(*log.file, 1);
  }

  void count_line(File& file, std::size_t newline_bytes) {
    if (file.unended.size() + newline_bytes > longest_read(newline_bytes)) {
      ++oversize_lines_;
    } else {
      file.lines.push_back(file.unended);
    }
    file.unended.clear();
  }

  // A line without a newline can only be told from the start of a longer one if it leaves room in the buffer.
  [[nodiscard]] std::size_t longest_read(std::size_t newline_bytes) const {
    return lab_.limits.read_buffer_bytes - (newline_bytes == 0 ? 1 : 0);
  }

  [[nodiscard]] std::size_t some_bytes() { return pick(10) == 0 ? pick(200) : pick(10); }

  void write(Log& log, std::size_t count) {
    if (log.writer == nullptr) return;
    for (; count > 0; --count) {
      add_to_line(log, some_bytes());
      end_line(log);
    }
  }

  void write_piece(Log& log) {
    if (log.writer == nullptr) return;
    if (!log.file->unended.empty() && pick(2) == 0) return end_line(log);
    add_to_line(log, some_bytes());
  }

  void drain() { CHECK(lab_.drain()); }

  // Lines that nobody will end count now; a writer that is behind has seen the signal by then.
  void pass_quiet_time() {
    if (is_forbidden_) return;
    for (Log& log : logs_) {
      if (log.is_behind) open(log);
    }
    lab_.look_after_quiet_time();
    for (File& file : files_) {
      if (!file.is_named && !file.unended.empty()) count_line(file, 0);
    }
  }

  void lose_name(Log& log) {
    if (log.is_behind) return;
    log.is_behind = true;
    log.file->is_named = false;
  }

  [[nodiscard]] std::string rotated_name(const Log& log, int number) const {
    return log.name + '.' + std::to_string(number);
  }

  // As logrotate does, with or without "create", and with a signal that comes at once or late.
  void rotate(Log& log) {
    if (!fs::exists(lab_ / log.name)) return;
    if (log.suffix == kRotatedMax) {
      if (is_forbidden_) return;
      drain();
      lab_.remove(rotated_name(log, log.suffix--));
    }
    for (int i = log.suffix; i > 0; --i) lab_.rename(rotated_name(log, i), rotated_name(log, i + 1));
    lab_.rename(log.name, rotated_name(log, 1));
    ++log.suffix;
    lose_name(log);
    if (pick(2) == 0) open(log);
  }

  void copy_and_truncate(Log& log) {
    if (!fs::exists(lab_ / log.name) || log.is_behind || is_forbidden_) return;
    drain();
    const std::string copy = rotated_name(log, 1);
    fs::remove(lab_ / copy);
    lab_.copy(log.name, copy);
    if (pick(2) == 0) lab_.look();
    // Written between two looks and truncated: nobody can know of it.
    if (!log.file->lines.empty() && log.file->unended.empty() && pick(2) == 0) lab_.append(log.name, "never seen\n");
    lab_.truncate(log.name);
    // The copy has the line that will not end.
    std::string& unended = log.file->unended;
    if (unended.size() >= lab_.limits.read_buffer_bytes) {
      ++oversize_lines_;
    } else if (!unended.empty()) {
      log.file->lines.push_back(unended);
      log.file->has_copies = true;
    }
    unended.clear();
  }

  void lead_elsewhere(Log& log) {
    if (is_forbidden_) return;
    drain();  // a target that no look ever finds is nobody's
    const std::string target = log.name + '-' + std::to_string(++log.suffix);
    lab_.append(target, "");
    lab_.link(target, log.name);
    lose_name(log);
    if (pick(2) == 0) open(log);
  }

  void remove(Log& log) {
    if (!fs::exists(lab_ / log.name) || is_forbidden_) return;
    drain();
    lab_.remove(log.name);
    lose_name(log);
  }

  // For a while no new file may be opened.
  void toggle_permission() {
    if (!is_forbidden_) drain();  // a copy that cannot be opened is no help
    is_forbidden_ = !is_forbidden_;
    lab_.files.limit_open_files(is_forbidden_ ? std::optional<int>(0) : std::nullopt);
  }

  std::mt19937_64 random_;
  TailLab lab_;
  std::array<Log, 3> logs_;
  std::list<File> files_;
  std::uint64_t written_bytes_ = 0;
  std::size_t oversize_lines_ = 0;
  bool is_forbidden_ = false;
};

}  // namespace

TEST_CASE("in every schedule each line counts once, and every byte is accounted for", "[tail][model]") {
  const std::uint64_t first = number_from_environment("TAILMETER_SEED", 1);
  const std::uint64_t count =
      std::getenv("TAILMETER_SEED") != nullptr ? 1 : number_from_environment("TAILMETER_SEEDS", 300);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    INFO("TAILMETER_SEED=" << seed);
    Model model(seed);
    for (int i = 0; i < kSteps; ++i) model.step();
    model.check();
  }
}

}  // namespace tailmeter
