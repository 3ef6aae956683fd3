// All that a run must know of the one before: where it was in the files, and what it had counted by then.
//
// Position and values are one record: whatever stops the program, the lines behind the positions are counted anew, and
// no other. Plain values; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "exporter/codec.h"
#include "exporter/tail/saved_files.h"
#include "rules/program/path_learner.h"
#include "rules/series/snapshot.h"

namespace tailmeter {

// A source, known by its name; or those of its files that it follows no longer.
struct SavedSource {
  std::uint64_t removed_ms = 0;  // since when no rule has it, since 1970; 0: one has
  std::string name;
  SavedFiles files;
  std::array<std::uint64_t, 6> counts{};  // lines and bytes: matched, unmatched, oversize
  std::uint64_t last_line_ms = 0;         // since 1970
  std::array<std::uint64_t, 3> rotations{};
  std::array<std::uint64_t, 3> lost_bytes{};
  std::uint64_t dropped_datagrams = 0;

  bool operator==(const SavedSource&) const = default;
};

// A family's series, as the bytes that are written: there may be many.
class SavedSeries {
 public:
  // `labels` as render_labels() wrote them.
  void add(std::string_view labels, std::int64_t created_ms, std::span<const std::uint64_t> cells);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t size_bytes() const { return bytes_.size(); }

  // Calls visit(labels, created_ms, cells) for each, in the order in which they were added.
  template <typename Visit>
  void for_each(Visit visit) const {
    Decoder from(bytes_);
    std::vector<std::uint64_t> cells;
    for (std::uint64_t left = size_; left > 0; --left) {
      const std::string_view labels = from.text();
      const auto created_ms = static_cast<std::int64_t>(from.number());
      cells.resize(from.size());
      for (std::uint64_t& cell : cells) cell = from.number();
      if (!from.is_good()) return;  // another version's, or ours that are wrong: the checksum saw to all else
      visit(labels, created_ms, std::span<const std::uint64_t>(cells));
    }
  }

  bool operator==(const SavedSeries&) const = default;

  // For the record.
  auto fields() { return std::tie(size_, bytes_); }
  [[nodiscard]] auto fields() const { return std::tie(size_, bytes_); }

 private:
  std::uint64_t size_ = 0;
  std::string bytes_;
};

// Jobs that have no end yet; see OpenJobs.
struct SavedJobs {
  struct Job {
    std::string key;
    std::array<std::uint64_t, kDecimalCells> begin{};

    bool operator==(const Job&) const = default;
  };
  std::string scope;
  std::vector<Job> jobs;

  bool operator==(const SavedJobs&) const = default;
};

// What a label has learned of its paths; see PathLearner.
struct SavedPaths {
  std::string label;
  std::vector<PathNode> nodes;

  bool operator==(const SavedPaths&) const = default;
};

// A metric family. Its values are those of a later family only if it is described alike.
struct SavedFamily {
  std::uint64_t removed_ms = 0;  // since when no rule has it, since 1970; 0: one has
  std::string description{};     // see description_key()
  std::array<std::uint64_t, 6> statistics{};
  SavedSeries series{};
  std::vector<SavedJobs> jobs{};    // duration: for each entry of the rule file
  std::vector<SavedPaths> paths{};  // for each label that learns

  bool operator==(const SavedFamily&) const = default;
};

struct Record {
  std::string machine_id;  // machine-id(5)
  std::string boot_id;     // of /proc/sys/kernel/random/boot_id
  std::uint64_t written_ms = 0;
  std::vector<SavedSource> sources{};
  std::vector<SavedFamily> families{};

  bool operator==(const Record&) const = default;
};

[[nodiscard]] std::string family_name(const SavedFamily& family);

// Equal for families whose values mean the same: the name, kind, labels and bounds.
[[nodiscard]] std::string description_key(const FamilyDescription& family);

[[nodiscard]] SavedFamily save_family(const FamilySnapshot& family);

[[nodiscard]] std::string encode_record(const Record& record);

// Nothing if the bytes are not those of a record of this version.
[[nodiscard]] std::optional<Record> decode_record(std::string_view bytes);

}  // namespace tailmeter
