// The machine around the program: logs that are written and rotated in every way, a disk for the state, faults, and
// runs of the program that come and go.
//
// A step is an operation with a seed of its own, so that a schedule without some of its steps means the same for the
// others. See expectation.h for what is right.
//
// A copy is a new file, or is written into one that has a rotated name already, at once or piece by piece, also
// compressed.
//
// Left out, for then nobody could tell what is a copy of what: between a power cut and the next start of the program
// logs are written, but not rotated, copied or compressed; and a world has either copies that were cut short or calls
// that fail. What is gone for long stays gone, for a kernel does not wait for longer. What a start found gone stays so
// too, no power cut brings back a name that was removed before it; but in worlds without copies one may. Nor does one
// bring back a log of which there are copies, nor a copy: one that was read may be of it, and nobody saw it. What is
// compressed into a file that was compressed before can be read by that file's name alone, as long as it has one.
//
// In some worlds all logs begin with the same banner. No log is copied over another one there, for while the program is
// down that looks like a crash that took all but the banner; and what stands behind a banner, and is no line yet, may
// pass for a part of another log.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "test/simulation/expectation.h"
#include "test/simulation/seeded_random.h"
#include "test/simulation/simulated_files.h"
#include "test/simulation/simulated_run.h"
#include "test/state/fake_disk.h"

namespace tailmeter {

enum class Op {
  kWrite,
  kWritePiece,
  kRotate,
  kReopen,
  kCopy,
  kCopyOver,
  kTruncate,
  kCompress,
  kRemove,
  kReplaceDirectory,
  kForbid,
  kWriteBack,
  kFail,
  kOverflow,
  kLook,
  kQuiet,
  kScrape,
  kSlowState,
  kFillDisk,
  kFreeDisk,
  kKill,
  kPowerCut,
  kStop,
  kStart,
  kReload,
  kRemount
};
inline constexpr std::size_t kOpCount = 26;

struct Step {
  Op op = Op::kLook;
  std::uint64_t seed = 0;
};

// What stands behind the last newline.
[[nodiscard]] std::string partial_of(std::string_view content);

[[nodiscard]] std::string_view name_of(Op op);

class World {
 public:
  explicit World(std::uint64_t seed);

  void run(const Step& step);

  // Mends what is broken, lets all come to rest, and looks for the last time.
  void end();

  // Every file with its lines, for people.
  [[nodiscard]] std::string listing() const;

  // What was wrong, first of all; empty: nothing.
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  static constexpr const char* kDirectories[] = {"/log", "/log/site", "/log/old"};

  enum class Naming { kNumbers, kDates, kOldDirectory };

  // A log under its name, and who writes it.
  struct Log {
    std::string path;
    Naming naming = Naming::kNumbers;
    int writer = -1;
    FileIdentity file;    // the writer's
    std::string partial;  // the line begun last, in that file
    std::uint64_t rotations = 0;
    bool is_copied = false;  // and so is to be truncated
    std::string copying_to;  // a file that is there, and is being written anew
    FileIdentity copy;       // that file
    FileIdentity truncated;  // the file that was truncated last: nobody writes a banner into it again
  };
  struct Asked {
    std::uint64_t number = 0;
    bool is_taken = false;
    bool is_whole = false;
    Texts required;
  };

  // The writers.
  void make_banner(std::uint64_t lines);
  [[nodiscard]] Log& some_log(SeededRandom& random);
  void open(Log& log);
  void close(Log& log);
  void end_writers();
  [[nodiscard]] bool is_behind(const Log& log) const {
    return log.writer >= 0 && files_.identity(log.path) != log.file;
  }
  void begin_line(Log& log, SeededRandom& random);
  void end_line(Log& log);
  void write(Log& log, SeededRandom& random);
  void write_piece(Log& log, SeededRandom& random);

  // logrotate and its like.
  [[nodiscard]] std::string rotated_path(const Log& log, std::uint64_t number) const;
  void make_room(Log& log);
  void move(const std::string& from, const std::string& to);
  void rotate(Log& log, SeededRandom& random);
  void copy(Log& log, SeededRandom& random);
  void copy_over(Log& log, SeededRandom& random);
  void begin_copy_over(Log& log, SeededRandom& random);
  void truncate(Log& log);
  void compress(SeededRandom& random);
  void remove(SeededRandom& random);
  void replace_directory();
  void remount(SeededRandom& random);
  void forbid(SeededRandom& random);
  void allow();

  // The program.
  void start();
  void end_run();
  void kill(SeededRandom& random);
  void cut_power(SeededRandom& random);
  void stop();
  void fail(SeededRandom& random);
  void forget_failures();
  void mend();
  void look(std::chrono::milliseconds time);
  void quiet();
  void scrape();

  // The oracle.
  void observe();
  [[nodiscard]] std::vector<std::string> rotated_files() const;
  using Visit = std::function<void(const FileIdentity& file, const std::string& content, bool is_current)>;
  void for_each_content(const Visit& visit) const;
  [[nodiscard]] bool is_out_of_reach(const FileIdentity& file) const;
  [[nodiscard]] Texts readable() const;
  void settle_partials();
  void check_answers();
  void check_rest();

  SeededRandom random_;
  SimulatedFiles files_;
  FakeDisk disk_;
  TimePoint now_{std::chrono::hours{1}};
  unsigned boots_ = 1;
  bool is_booting_ = false;  // until the program was started
  std::array<Log, 4> logs_;
  bool is_copied_one_busy_ = false;  // half of what happens to any log happens to the one that is copied
  bool has_copies_ = true;           // compressed ones among them
  std::string banner_;               // each log that is made anew begins with it; no line of it is asked for
  bool is_copying_cut_short_ = false;
  std::map<std::string, std::string> compressed_;  // by the bytes of a compressed file: what is in it
  std::set<FileIdentity> written_over_;            // compressed files into which something else was compressed
  std::uint64_t lines_begun_ = 0;
  std::uint64_t removed_directories_ = 0;

  std::size_t read_buffer_bytes_ = Limits{}.read_buffer_bytes;
  std::unique_ptr<SimulatedRun> run_;
  bool is_faulty_ = false;  // the next look may fail
  bool is_unmounted_ = false;
  bool is_disk_full_ = false;
  FileIdentity forbidden_;  // a file that the program may not open
  std::vector<Asked> asked_;
  std::shared_ptr<Scrape> last_answer_;
  Expectation expectation_;
  std::map<std::string, std::uint64_t> known_partials_;  // of files that nobody writes to any more: in how many
  Texts torn_;                                           // of those, the ones that need not count
  Texts settled_partials_;                               // and those that must
  bool is_at_rest_ = false;
  std::string fault_;
};

}  // namespace tailmeter
