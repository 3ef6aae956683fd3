#include "exporter/tail_reporter.h"

#include "exporter/log.h"

namespace tailmeter {
namespace {

constexpr const char* kRotationNames[] = {"rename", "truncate", "replace"};
constexpr const char* kLossMessages[] = {"the file was truncated before it was read to its end; lines are lost",
                                         "a part of the file cannot be read; lines are lost",
                                         "the file is gone, and what was seen of it and not read; lines are lost"};

}  // namespace

void TailReporter::on_open(SourceIndex source, std::string_view path) {
  log(LogLevel::kInfo, "following a file", {{"source", name(source)}, {"file", std::string(path)}});
}

void TailReporter::on_rotation(SourceIndex source, std::string_view path, Rotation kind) {
  metrics_.count_rotation(source, kind);
  log(LogLevel::kDebug, "the file was rotated",
      {{"source", name(source)}, {"file", std::string(path)}, {"kind", kRotationNames[static_cast<int>(kind)]}});
}

void TailReporter::on_unreadable(SourceIndex source, std::string_view path, std::error_code error) {
  const bool is_out_of_descriptors = error == std::errc::too_many_files_open;
  log(LogLevel::kWarn,
      is_out_of_descriptors ? "the file cannot be read until fewer files are open, or LimitNOFILE= of the service "
                              "(ulimit -n) is raised; trying again"
                            : "the file cannot be read; trying again until it can",
      {{"source", name(source)}, {"file", std::string(path)}, {"error", error.message()}});
}

void TailReporter::on_readable_again(SourceIndex source, std::string_view path) {
  log(LogLevel::kInfo, "the file can be read again", {{"source", name(source)}, {"file", std::string(path)}});
}

void TailReporter::on_done(SourceIndex source, std::string_view path) {
  log(LogLevel::kDebug, "the file was read to its end and let go of",
      {{"source", name(source)}, {"file", std::string(path)}});
}

void TailReporter::on_vanished(SourceIndex source, std::string_view path, const LastSeen& seen) {
  log(LogLevel::kWarn, "the file that had this name is nowhere to be found; lines written to it since are lost",
      {{"source", name(source)},
       {"file", std::string(path)},
       {"inode", std::to_string(seen.inode)},
       {"offset_bytes", std::to_string(seen.offset_bytes)},
       {"size_bytes", std::to_string(seen.size_bytes)}});
}

void TailReporter::on_rolled_back(SourceIndex source, std::string_view path, std::uint64_t uncertain_bytes) {
  log(LogLevel::kWarn,
      "a crash of the machine took back the end of a file that was counted; some lines may count twice",
      {{"source", name(source)}, {"file", std::string(path)}, {"uncertain_bytes", std::to_string(uncertain_bytes)}});
}

void TailReporter::on_lost(SourceIndex source, std::string_view path, std::uint64_t bytes, LossReason reason) {
  metrics_.count_lost_bytes(source, bytes, reason);
  log(LogLevel::kWarn, kLossMessages[static_cast<int>(reason)],
      {{"source", name(source)}, {"file", std::string(path)}, {"bytes", std::to_string(bytes)}});
}

}  // namespace tailmeter
