// Reads, counts, keeps and answers: all of the program's work but the waiting for it.
//
// A scrape gets what was in the files when it came, once a record that holds it is on the disk. Those who ask meanwhile
// share the next record. Without a state, and when the disk does not take the record, they are answered all the same,
// and told so by tailmeter_durable.
//
// It knows files, disk and time only through what it is given, so that a simulation can be all three. Belongs to the
// loop thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/config_metrics.h"
#include "exporter/counting.h"
#include "exporter/input/inputs.h"
#include "exporter/record_writer.h"
#include "exporter/saved_state.h"
#include "exporter/scrape.h"
#include "exporter/state_metrics.h"
#include "exporter/web_metrics.h"

namespace tailmeter {

// What the engine works with; all of it outlives it.
struct Surroundings {
  FileSystem& files;
  ScrapeQueue& scrapes;
  RecordWriter* writer = nullptr;    // null: nothing is kept
  Inputs* inputs = nullptr;          // null: there are only files
  const HttpCounts* http = nullptr;  // null: nobody serves
  MachineIdentity machine{};
  Limits limits{};  // of the tail
  std::function<TimePoint()> now;
  std::function<bool()> has_to_stop;  // asked between two reads
};

class Engine {
 public:
  Engine(LoadedRules rules, Surroundings surroundings);

  // Goes on from what the state file holds, if that can be used. Before the first step.
  void restore(const SlotContents& contents);

  // Counts what the files and inputs hold already, and keeps it, which comes before the first answer: whoever writes
  // after that can rely on where reading began. False if it was told to stop.
  bool catch_up();

  // Does what is due: reads, keeps, answers.
  void step();

  // Goes on with other rules where these are in the files. What a restart keeps is kept: the values of all metrics that
  // mean the same in both. When it returns, the disk has the record, or does not take it.
  void reload(LoadedRules rules);
  void note_failed_reload() { config_metrics_.note_failure(); }

  // Keeps what was counted last.
  void finish();

  [[nodiscard]] const Counting& counting() const { return *counting_; }

  // When the next step is due at the latest.
  [[nodiscard]] TimePoint next_deadline() const {
    return std::min(counting_->tail.next_deadline(), inputs_.next_deadline());
  }
  // Who asks while a record is under way waits for the next one.
  [[nodiscard]] bool is_saving() const { return writer_ != nullptr && writer_->is_busy(); }
  [[nodiscard]] int hint_fd() const { return counting_->tail.hint_fd(); }
  // Files and directories, as of the last look.
  [[nodiscard]] std::size_t unreadable_files() const;

 private:
  // What a scrape is to see, if it is still to become durable.
  struct Answer {
    std::uint64_t number = 0;  // 0: nobody waits
    Snapshot snapshot{};
    std::vector<prometheus::MetricFamily> own{};
  };

  bool drain(TimePoint now, const std::function<bool()>& has_to_stop);
  void report_progress();
  [[nodiscard]] Snapshot snapshot();
  void answer_scrapes();
  void give(Answer answer);
  void save(Answer answer);
  void note_result(std::error_code error);
  void take_result();
  void save_if_due();
  void keep(const std::function<bool()>& has_to_give_up);
  void keep_unless_stalled();
  [[nodiscard]] std::vector<std::uint64_t> progress() const;

  Surroundings surroundings_;
  RecordWriter* const writer_;
  Inputs no_inputs_;
  Inputs& inputs_;
  StateMetrics state_metrics_;
  ConfigMetrics config_metrics_;
  WebMetrics web_metrics_;
  std::unique_ptr<Counting> counting_;

  Answer waiting_;                             // for the record that is under way
  std::size_t record_bytes_ = 0;               // of that
  std::vector<std::uint64_t> saved_progress_;  // of that, or of the newest
  std::error_code state_error_;
  TimePoint next_save_;
  TimePoint submitted_;
  TimePoint next_report_;
};

}  // namespace tailmeter
