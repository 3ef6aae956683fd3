#include "exporter/record.h"

#include <array>
#include <concepts>
#include <ranges>
#include <span>
#include <tuple>
#include <type_traits>

#include <fmt/format.h>

#include "exporter/codec.h"

namespace tailmeter {
namespace {

// To be raised with every change of what is written; a record of another version is not read.
constexpr std::uint64_t kVersion = 11;

// By SeriesKind: to be raised with every change of what its cells mean. Values that another version of a kind saved
// begin anew, those of the other kinds go on.
constexpr std::array<std::uint64_t, 7> kCellsVersions{1, 1, 1, 1, 1, 1, 1};

// The fields of what is written, in the order in which they are written and read.
template <typename T, typename Plain>
concept Is = std::same_as<std::remove_const_t<T>, Plain>;

auto fields(Is<FileIdentity> auto& identity) {
  return std::tie(identity.bytes);
}
auto fields(Is<SavedGeneration> auto& generation) {
  return std::tie(generation.identity, generation.inode, generation.path, generation.offset_bytes,
                  generation.oversize_bytes, generation.oversize_open, generation.known_bytes, generation.beginning,
                  generation.window, generation.pending, generation.is_skipping_nuls, generation.is_done,
                  generation.may_be_rolled_back, generation.may_go_on, generation.rungs);
}
auto fields(Is<Rung> auto& rung) {
  return std::tie(rung.offset_bytes, rung.window_bytes, rung.hash);
}
auto fields(Is<Beginning> auto& beginning) {
  return std::tie(beginning.bytes, beginning.head, beginning.rungs);
}
auto fields(Is<BeginningMark> auto& mark) {
  return std::tie(mark.bytes, mark.head, mark.last);
}
auto fields(Is<SettledFile> auto& file) {
  return std::tie(file.identity, file.mark);
}
auto fields(Is<FileMark> auto& mark) {
  return std::tie(mark.size_bytes, mark.modified_ns, mark.hashed_bytes, mark.hash, mark.is_copy);
}
auto fields(Is<SavedName> auto& name) {
  return std::tie(name.path, name.identity, name.real_path, name.start_bytes, name.is_present, name.is_unsettled,
                  name.settled_rotated, name.settled_beginnings, name.unread_rotated, name.left_rotated,
                  name.undecided);
}
auto fields(Is<ByteTotals> auto& totals) {
  return std::tie(totals.line_bytes, totals.oversize_bytes, totals.nul_bytes, totals.lost_bytes,
                  totals.appended_newlines, totals.taken_back_bytes, totals.uncertain_bytes);
}
auto fields(Is<SavedFiles> auto& files) {
  return std::tie(files.patterns, files.names, files.generations, files.finished, files.below, files.own_logs,
                  files.left, files.totals);
}
auto fields(Is<SavedSource> auto& source) {
  return std::tie(source.removed_ms, source.name, source.files, source.counts, source.last_line_ms, source.rotations,
                  source.lost_bytes, source.dropped_datagrams);
}
auto fields(Is<SavedSeries> auto& series) {
  return series.fields();
}
auto fields(Is<SavedJobs::Job> auto& job) {
  return std::tie(job.key, job.begin);
}
auto fields(Is<SavedJobs> auto& jobs) {
  return std::tie(jobs.scope, jobs.jobs);
}
auto fields(Is<PathNode> auto& node) {
  return std::tie(node.parent, node.name, node.is_cut);
}
auto fields(Is<SavedPaths> auto& paths) {
  return std::tie(paths.label, paths.nodes);
}
auto fields(Is<SavedFamily> auto& family) {
  return std::tie(family.removed_ms, family.description, family.statistics, family.series, family.jobs, family.paths);
}
auto fields(Is<Record> auto& record) {
  return std::tie(record.machine_id, record.boot_id, record.written_ms, record.sources, record.families);
}

template <typename T>
concept Listing = requires(T& list) {
  list.emplace_back();
}
&&!std::same_as<T, std::string>;

template <typename T>
void encode(Encoder& to, const T& value) {
  if constexpr (std::integral<T>) {
    to.number(static_cast<std::uint64_t>(value));
  } else if constexpr (std::same_as<T, std::string>) {
    to.text(value);
  } else if constexpr (std::ranges::range<T>) {
    if constexpr (Listing<T>) to.number(value.size());  // an array's size is known
    for (const auto& element : value) encode(to, element);
  } else {
    std::apply([&](const auto&... field) { (encode(to, field), ...); }, fields(value));
  }
}

template <typename T>
void decode(Decoder& from, T& value) {
  if constexpr (std::integral<T>) {
    value = static_cast<T>(from.number());
  } else if constexpr (std::same_as<T, std::string>) {
    value = from.text();
  } else if constexpr (Listing<T>) {
    for (std::size_t left = from.size(); left > 0 && from.is_good(); --left) decode(from, value.emplace_back());
  } else if constexpr (std::ranges::range<T>) {
    for (auto& element : value) decode(from, element);
  } else {
    std::apply([&](auto&... field) { (decode(from, field), ...); }, fields(value));
  }
}

}  // namespace

std::string description_key(const FamilyDescription& family) {
  Encoder key;
  key.text(family.name);
  const auto kind = static_cast<std::size_t>(family.kind);
  key.number(kind);
  key.number(kCellsVersions.at(kind));
  encode(key, family.label_names);
  key.number(family.bounds.size());
  for (const Decimal bound : family.bounds) key.text(to_string(bound));
  // What a family does not have is not said, so that the key of one stays what it was when there is more to have.
  if (family.native) key.text(fmt::format("native {} {}", family.native->schema, family.native->max_buckets));
  if (!family.exemplar_label.empty()) key.text("exemplar " + family.exemplar_label);
  if (family.window_ms != 0) key.text(fmt::format("window {}", family.window_ms));
  if (family.ttl_ms != 0) key.text("ttl");
  if (!family.meaning.empty()) key.text(family.meaning);
  return key.take();
}

void SavedSeries::add(std::string_view labels, std::int64_t created_ms, std::span<const std::uint64_t> cells) {
  Encoder to(std::move(bytes_));
  to.text(labels);
  to.number(static_cast<std::uint64_t>(created_ms));
  to.number(cells.size());
  for (const std::uint64_t cell : cells) to.number(cell);
  bytes_ = to.take();
  ++size_;
}

std::string family_name(const SavedFamily& family) {
  return std::string(Decoder(family.description).text());
}

SavedFamily save_family(const FamilySnapshot& family) {
  SavedFamily saved{.description = description_key(family.description())};
  family.for_each_kept([&](std::string_view labels, std::uint32_t row) {
    saved.series.add(labels, family.created_ms(row), family.cells(row));
  });
  return saved;
}

std::string encode_record(const Record& record) {
  std::string bytes;
  std::size_t series_bytes = 0;
  for (const SavedFamily& family : record.families) series_bytes += family.series.size_bytes();
  bytes.reserve(series_bytes + series_bytes / 8);
  Encoder to(std::move(bytes));
  to.number(kVersion);
  encode(to, record);
  return to.take();
}

std::optional<Record> decode_record(std::string_view bytes) {
  Decoder from(bytes);
  if (from.number() != kVersion) return std::nullopt;
  Record record;
  decode(from, record);
  if (!from.is_good() || !from.is_at_end()) return std::nullopt;
  return record;
}

}  // namespace tailmeter
