// A directory of logs, a tail that follows them, and a record of all that it says. Time stands still until a test moves
// it.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/tail/compressed_files.h"
#include "exporter/tail/tail.h"
#include "test/support/temporary_directory.h"
#include "test/tail/faulty_file_system.h"

namespace tailmeter {

using Lines = std::vector<std::string>;

// The lines "a3", "a4", ... up to one before `to`, for the letter a and from 3 on.
[[nodiscard]] std::string lines_of(char letter, int from, int to);

// Keeps lines and news with the directory cut off from paths.
class Record : public LineSink, public TailObserver {
 public:
  explicit Record(std::string directory) : directory_(std::move(directory)) {}

  Lines lines;     // without newlines, from all sources
  Lines paths;     // of each batch
  Lines oversize;  // "BYTES"
  Lines news;      // "rename access.log", ...

  void take(const Batch& batch) override;
  void take_oversize(SourceIndex source, std::uint64_t line_bytes) override;
  void on_open(SourceIndex source, std::string_view path) override;
  void on_rotation(SourceIndex source, std::string_view path, Rotation kind) override;
  void on_unreadable(SourceIndex source, std::string_view path, std::error_code error) override;
  void on_readable_again(SourceIndex source, std::string_view path) override;
  void on_done(SourceIndex source, std::string_view path) override;
  void on_vanished(SourceIndex source, std::string_view path, const LastSeen& seen) override;
  void on_rolled_back(SourceIndex source, std::string_view path, std::uint64_t uncertain_bytes) override;
  void on_lost(SourceIndex source, std::string_view path, std::uint64_t bytes, LossReason reason) override;

 private:
  void tell(std::string_view what, std::string_view path, std::string_view more = {});

  std::string directory_;
};

// A program that keeps a log open, as servers do: it follows the file, not the name.
class Writer {
 public:
  enum class Mode { kAppend, kNoAppend };
  explicit Writer(const std::string& path, Mode mode = Mode::kAppend);
  ~Writer();
  Writer(Writer&& other) noexcept;
  Writer& operator=(Writer&& other) noexcept;

  void write(std::string_view text) const;
  void reopen(const std::string& path) { *this = Writer(path); }

 private:
  int fd_;
};

enum class Hints { kTaken, kNone };

// For a test that is to hold with each: it runs once with hints and once without.
Hints any_hints();

class TailLab {
 public:
  // With hints taken, the rescan comes so late that only hints can bring what a test waits for.
  explicit TailLab(Hints hints = Hints::kTaken);

  TemporaryDirectory directory;
  FaultyFileSystem files;
  Record record;
  Limits limits;

  // Starts a tail over one source, whose patterns are relative to the directory, and lets it look.
  void follow(const std::vector<std::string>& patterns, StartAt start_at = StartAt::kEnd);
  void follow_sources(const std::vector<FollowedSource>& sources);

  // Ends the tail, as a crash does, and starts one that goes on from `saved`, after `meanwhile` has happened.
  void restart(const SavedFiles& saved, const std::function<void()>& meanwhile = {}, bool is_other_boot = false);
  [[nodiscard]] SavedFiles save() const { return tail_->save(0); }

  // Gives the tail what a loop would give it when something happens, until it has nothing left to do.
  void look();
  // The same after so long that quiet files are final.
  void look_after_quiet_time();
  bool drain();

  [[nodiscard]] Tail& tail() { return *tail_; }
  [[nodiscard]] SourceStatus status() const { return tail_->status(0); }
  [[nodiscard]] TimePoint now() const { return now_; }
  void pass(std::chrono::milliseconds time) { now_ += time; }

  // Lines, news and paths since the last call.
  [[nodiscard]] Lines lines();
  [[nodiscard]] Lines news();

  [[nodiscard]] std::string operator/(std::string_view name) const { return directory / name; }
  void append(std::string_view name, std::string_view text) const;
  void rename(std::string_view from, std::string_view to) const;
  void remove(std::string_view name) const;
  void truncate(std::string_view name, std::uint64_t size_bytes = 0) const;
  void copy(std::string_view from, std::string_view to) const;
  void compress(std::string_view name) const;  // to a file with ".gz" behind its name, as gzip(1) does
  void link(std::string_view target, std::string_view name) const;  // replaces a symbolic link as ln -sfn and mv -T do
  [[nodiscard]] Writer writer(std::string_view name, Writer::Mode mode = Writer::Mode::kAppend) const;

 private:
  Hints hints_;
  CompressedFiles compressed_files_{files};
  TimePoint now_{std::chrono::hours{1}};
  std::vector<FollowedSource> sources_;
  std::unique_ptr<Tail> tail_;
};

}  // namespace tailmeter
