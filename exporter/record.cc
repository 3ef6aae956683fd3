#include "exporter/record.h"

#include "exporter/codec.h"

namespace tailmeter {
namespace {

// To be raised with every change of what is written; a record of another version is not read.
constexpr std::uint64_t kVersion = 1;

// Known to the templates below.
void encode(Encoder& to, const SavedGeneration& generation);
void decode(Decoder& from, SavedGeneration& generation);
void encode(Encoder& to, const SavedName& name);
void decode(Decoder& from, SavedName& name);
void encode(Encoder& to, const SavedSource& source);
void decode(Decoder& from, SavedSource& source);
void encode(Encoder& to, const SavedSeries& series);
void decode(Decoder& from, SavedSeries& series);
void encode(Encoder& to, const SavedFamily& family);
void decode(Decoder& from, SavedFamily& family);

void encode(Encoder& to, std::uint64_t cell) {
  to.number(cell);
}
void decode(Decoder& from, std::uint64_t& cell) {
  cell = from.number();
}

template <std::size_t kSize>
void encode(Encoder& to, const std::array<std::uint64_t, kSize>& numbers) {
  for (const std::uint64_t number : numbers) to.number(number);
}

template <std::size_t kSize>
void decode(Decoder& from, std::array<std::uint64_t, kSize>& numbers) {
  for (std::uint64_t& number : numbers) number = from.number();
}

void encode(Encoder& to, const FileIdentity& identity) {
  to.text(identity.bytes);
}
void decode(Decoder& from, FileIdentity& identity) {
  identity.bytes = from.text();
}

void encode(Encoder& to, const std::string& text) {
  to.text(text);
}
void decode(Decoder& from, std::string& text) {
  text = from.text();
}

template <typename Element>
void encode(Encoder& to, const std::vector<Element>& elements) {
  to.number(elements.size());
  for (const Element& element : elements) encode(to, element);
}

template <typename Element>
void decode(Decoder& from, std::vector<Element>& elements) {
  for (std::size_t left = from.size(); left > 0 && from.is_good(); --left) decode(from, elements.emplace_back());
}

void encode(Encoder& to, const SavedGeneration& generation) {
  encode(to, generation.identity);
  to.text(generation.path);
  to.number(generation.offset_bytes);
  to.number(generation.oversize_bytes);
  to.number(generation.known_bytes);
  to.text(generation.head);
  to.text(generation.window);
  to.number(generation.is_skipping_nuls ? 1 : 0);
}
void decode(Decoder& from, SavedGeneration& generation) {
  decode(from, generation.identity);
  decode(from, generation.path);
  generation.offset_bytes = from.number();
  generation.oversize_bytes = from.number();
  generation.known_bytes = from.number();
  decode(from, generation.head);
  decode(from, generation.window);
  generation.is_skipping_nuls = from.number() != 0;
}

void encode(Encoder& to, const SavedName& name) {
  to.text(name.path);
  encode(to, name.identity);
  to.text(name.real_path);
  to.number(name.start_bytes);
  to.number(name.is_present ? 1 : 0);
  encode(to, name.settled_rotated);
  encode(to, name.unread_rotated);
}
void decode(Decoder& from, SavedName& name) {
  decode(from, name.path);
  decode(from, name.identity);
  decode(from, name.real_path);
  name.start_bytes = from.number();
  name.is_present = from.number() != 0;
  decode(from, name.settled_rotated);
  decode(from, name.unread_rotated);
}

void encode(Encoder& to, const ByteTotals& totals) {
  for (const std::uint64_t number :
       {totals.line_bytes, totals.oversize_bytes, totals.nul_bytes, totals.lost_bytes, totals.appended_newlines}) {
    to.number(number);
  }
}
void decode(Decoder& from, ByteTotals& totals) {
  for (std::uint64_t* const number :
       {&totals.line_bytes, &totals.oversize_bytes, &totals.nul_bytes, &totals.lost_bytes, &totals.appended_newlines}) {
    *number = from.number();
  }
}

void encode(Encoder& to, const SavedSource& source) {
  to.text(source.name);
  encode(to, source.files.patterns);
  encode(to, source.files.names);
  encode(to, source.files.generations);
  encode(to, source.files.totals);
  encode(to, source.counts);
  to.number(source.last_line_ms);
  encode(to, source.rotations);
  encode(to, source.lost_bytes);
}
void decode(Decoder& from, SavedSource& source) {
  decode(from, source.name);
  decode(from, source.files.patterns);
  decode(from, source.files.names);
  decode(from, source.files.generations);
  decode(from, source.files.totals);
  decode(from, source.counts);
  source.last_line_ms = from.number();
  decode(from, source.rotations);
  decode(from, source.lost_bytes);
}

void encode(Encoder& to, const SavedSeries& series) {
  to.text(series.labels);
  to.number(static_cast<std::uint64_t>(series.created_ms));
  encode(to, series.cells);
}
void decode(Decoder& from, SavedSeries& series) {
  decode(from, series.labels);
  series.created_ms = static_cast<std::int64_t>(from.number());
  decode(from, series.cells);
}

void encode(Encoder& to, const SavedFamily& family) {
  to.text(family.description);
  encode(to, family.statistics);
  encode(to, family.series);
}
void decode(Decoder& from, SavedFamily& family) {
  decode(from, family.description);
  decode(from, family.statistics);
  decode(from, family.series);
}

}  // namespace

std::string description_key(const FamilyDescription& family) {
  Encoder key;
  key.text(family.name);
  key.number(static_cast<std::uint64_t>(family.kind));
  encode(key, family.label_names);
  key.number(family.bounds.size());
  for (const Decimal bound : family.bounds) key.text(to_string(bound));
  return key.take();
}

std::string family_name(const SavedFamily& family) {
  return std::string(Decoder(family.description).text());
}

SavedFamily save_family(const FamilySnapshot& family) {
  SavedFamily saved{.description = description_key(family.description())};
  family.for_each_series([&](std::string_view labels, std::uint32_t row) {
    const std::span<const std::uint64_t> cells = family.cells(row);
    saved.series.push_back({std::string(labels), family.created_ms(row), {cells.begin(), cells.end()}});
  });
  return saved;
}

std::string encode_record(const Record& record) {
  Encoder to;
  to.number(kVersion);
  to.text(record.machine_id);
  to.text(record.boot_id);
  to.number(record.written_ms);
  encode(to, record.sources);
  encode(to, record.families);
  return to.take();
}

std::optional<Record> decode_record(std::string_view bytes) {
  Decoder from(bytes);
  if (from.number() != kVersion) return std::nullopt;
  Record record;
  decode(from, record.machine_id);
  decode(from, record.boot_id);
  record.written_ms = from.number();
  decode(from, record.sources);
  decode(from, record.families);
  if (!from.is_good() || !from.is_at_end()) return std::nullopt;
  return record;
}

}  // namespace tailmeter
