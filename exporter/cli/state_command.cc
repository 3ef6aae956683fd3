#include <ctime>
#include <filesystem>
#include <iostream>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "exporter/cli/commands.h"
#include "exporter/cli/rule_files.h"
#include "exporter/saved_state.h"
#include "exporter/state/real_disk.h"
#include "exporter/state/slot_file.h"

namespace tailmeter {
namespace {

// A look while a record is written may find it half done.
constexpr int kLooks = 3;

SlotContents look(const std::string& directory) {
  RealDisk disk;
  SlotContents contents;
  std::error_code unlooked;
  if (!std::filesystem::is_directory(directory, unlooked)) {
    const std::error_code absent = std::make_error_code(std::errc::no_such_file_or_directory);
    throw WorkError(fmt::format("{}: {}", directory, (unlooked ? unlooked : absent).message()));
  }
  for (int i = 0; i < kLooks; ++i) {
    if (const std::error_code error = look_at_state(disk, directory, contents)) {
      throw WorkError(fmt::format("{}/{}: {}", directory, kStateFileName, error.message()));
    }
    if (contents.finding == StateFinding::kRight) break;
  }
  return contents;
}

void show(const Record& record, const SlotContents& contents) {
  std::cout << fmt::format("record {}, {} bytes, written {:%Y-%m-%dT%H:%M:%SZ}\n", contents.layout.sequence,
                           contents.record.size(), fmt::gmtime(static_cast<std::time_t>(record.written_ms / 1000)));
  for (const SavedSource& source : record.sources) {
    std::cout << fmt::format("source {}: {} lines matched, {} unmatched, {} oversize{}\n", source.name,
                             source.counts[0], source.counts[2], source.counts[4],
                             source.removed_ms != 0 ? ", of rules that are no more" : "");
    for (const SavedGeneration& file : source.files.generations) {
      std::cout << fmt::format("  {}: {} bytes counted of {} seen\n", file.path, file.offset_bytes, file.known_bytes);
    }
  }
  for (const SavedFamily& family : record.families) {
    std::cout << fmt::format("metric {}: {} series{}\n", family_name(family), family.series.size(),
                             family.removed_ms != 0 ? ", of rules that are no more" : "");
  }
}

void verify(const SlotContents& contents, const std::string& directory) {
  const std::uint64_t number = contents.layout.sequence;
  if (contents.finding == StateFinding::kRight) {
    std::cout << fmt::format("{}/{} is right: record {}\n", directory, kStateFileName, number);
  } else {
    std::cout << fmt::format(
        "{}/{}: one of its two records is damaged, as after a crash; the other, record {}, is right\n", directory,
        kStateFileName, number);
  }
}

void reset(const std::string& directory) {
  RealDisk disk;
  SlotFile file(disk);
  SlotContents contents;
  const std::string path = directory + "/" + std::string(kStateFileName);
  std::error_code error = file.open(directory, contents);
  if (error == DiskError::kLocked) throw WorkError(path + ": a running tailmeter uses it; stop that first");
  if (!error) error = disk.remove(path);
  if (error) throw WorkError(fmt::format("{}: {}", path, error.message()));
  std::cout << path << " is removed: the next run begins with all series at 0\n";
}

}  // namespace

int state_command(const Arguments& arguments) {
  const std::string& directory = arguments.state_directory;
  if (arguments.state_action == StateAction::kReset) {
    reset(directory);
    return kExitDone;
  }
  const SlotContents contents = look(directory);
  const StateOnDisk state = read_state(contents, machine_identity());
  if (!state.refusal.empty()) {
    std::cout << fmt::format("{}/{} cannot be used: {}; the next run begins with all series at 0\n", directory,
                             kStateFileName, state.refusal);
    return kExitFailed;
  }
  if (!state.record) {
    std::cout << fmt::format("{}/{}: there is no state yet\n", directory, kStateFileName);
  } else if (arguments.state_action == StateAction::kShow) {
    show(*state.record, contents);
  } else {
    verify(contents, directory);
  }
  return kExitDone;
}

}  // namespace tailmeter
