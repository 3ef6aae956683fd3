// How much, how often and how long: every limit of the tail, with its default.
#pragma once

#include <chrono>
#include <cstddef>

namespace tailmeter {

// Time is always given from outside and never jumps back; the wall clock decides nothing.
using TimePoint = std::chrono::steady_clock::time_point;

struct Limits {
  // What one file may hand over before the next one has its turn, and the longest line that is not skipped, with its
  // newline.
  std::size_t read_buffer_bytes = std::size_t{256} << 10;

  // All names and files are looked at this often, whatever the hints say: NFS, overlays and full queues give none.
  std::chrono::milliseconds rescan_interval{1000};

  // How often a drain looks at all names while they change under its eyes, before it gives up. logrotate renames a
  // log's sixty old files one after the other, and on a busy machine that takes many looks.
  int looks_of_drain_max = 1000;

  // Files written to are read together this often: a busy log costs 20 wake-ups a second and not one for each line.
  std::chrono::milliseconds read_interval{50};

  // A file without a followed name is final when it has not grown for this long. nginx goes on writing to a renamed log
  // until it is told to reopen, and to a deleted one as well.
  std::chrono::milliseconds quiet_before_done{30'000};

  // Rotated files of one log that are kept open in case someone still writes to them, and of all logs of a source; the
  // oldest are let go of first.
  std::size_t done_generations_max = 64;
  std::size_t done_of_source_max = 512;

  // How many that are gone, or were truncated, are remembered for each log, and for all logs of a source: a copy of one
  // may be made late, by compressing it, and a crash of the machine may bring one back. Of the latest ones enough is
  // kept to go on in them.
  std::size_t finished_generations_max = 64;
  std::size_t finished_of_source_max = 2048;
  std::size_t finished_ladders_max = 8;

  // How many files under rotated names are remembered for each followed name that are there no longer. Those that are
  // there are all remembered: one that is not is taken for a new one, and counted.
  std::size_t gone_rotated_max = 256;

  // A compressed file is known by the first bytes of what it was made of. For each followed name so many of these are
  // remembered beyond two for each rotated file that is there: those that files were known by last.
  std::size_t gone_beginnings_max = 512;
};

}  // namespace tailmeter
