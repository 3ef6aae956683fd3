#include "exporter/state/slot_format.h"

#include <algorithm>
#include <cassert>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tailmeter {
namespace {

constexpr std::string_view kMagic = "tailmtr\n";
constexpr std::uint32_t kFormatVersion = 1;

constexpr std::size_t kVersionOffset = 8;
constexpr std::size_t kSlotBytesOffset = 16;
constexpr std::size_t kHeaderChecksumOffset = kSlotFileHeaderBytes - sizeof(Fingerprint);

constexpr std::size_t kSequenceOffset = sizeof(Fingerprint);
constexpr std::size_t kRecordBytesOffset = 24;
constexpr std::size_t kFileOffset = 32;

template <typename T>
void put(std::string& bytes, std::size_t offset, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) bytes[offset + i] = static_cast<char>((value >> (8 * i)) & 0xff);
}

template <typename T>
T get(std::string_view bytes, std::size_t offset) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) {
    value |= static_cast<T>(T{static_cast<unsigned char>(bytes[offset + i])} << (8 * i));
  }
  return value;
}

void put(std::string& bytes, std::size_t offset, const Fingerprint& value) {
  std::copy(value.begin(), value.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}

Fingerprint get_fingerprint(std::string_view bytes, std::size_t offset) {
  Fingerprint value;
  std::copy_n(bytes.begin() + offset, value.size(), value.begin());
  return value;
}

}  // namespace

Fingerprint fingerprint(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  std::string text(sizeof(Fingerprint), '\0');
  put(text, 0, std::uint64_t{hash.low64});
  put(text, 8, std::uint64_t{hash.high64});
  return get_fingerprint(text, 0);
}

std::string encode_header(std::uint64_t slot_bytes) {
  assert(slot_bytes % kSlotAlignmentBytes == 0 && slot_bytes > 0 && slot_bytes <= kMaxSlotBytes);
  std::string bytes(kSlotFileHeaderBytes, '\0');
  bytes.replace(0, kMagic.size(), kMagic);
  put(bytes, kVersionOffset, kFormatVersion);
  put(bytes, kSlotBytesOffset, slot_bytes);
  put(bytes, kHeaderChecksumOffset, fingerprint(std::string_view(bytes).substr(0, kHeaderChecksumOffset)));
  return bytes;
}

DecodedHeader decode_header(std::string_view bytes) {
  using Kind = DecodedHeader::Kind;
  if (bytes.size() != kSlotFileHeaderBytes || !bytes.starts_with(kMagic) ||
      get_fingerprint(bytes, kHeaderChecksumOffset) != fingerprint(bytes.substr(0, kHeaderChecksumOffset))) {
    return {Kind::kDamaged, 0};
  }
  if (get<std::uint32_t>(bytes, kVersionOffset) != kFormatVersion) return {Kind::kOtherVersion, 0};
  const auto slot_bytes = get<std::uint64_t>(bytes, kSlotBytesOffset);
  if (slot_bytes % kSlotAlignmentBytes != 0 || slot_bytes == 0 || slot_bytes > kMaxSlotBytes) {
    return {Kind::kDamaged, 0};
  }
  return {Kind::kRight, slot_bytes};
}

std::string encode_slot(const Slot& slot) {
  std::string bytes;
  bytes.reserve(kSlotHeadBytes + slot.record.size());
  bytes.resize(kSlotHeadBytes);
  put(bytes, kSequenceOffset, slot.sequence);
  put(bytes, kRecordBytesOffset, std::uint64_t{slot.record.size()});
  put(bytes, kFileOffset, slot.file);
  bytes += slot.record;
  put(bytes, 0, fingerprint(std::string_view(bytes).substr(kSequenceOffset)));
  return bytes;
}

std::uint64_t claimed_slot_bytes(std::string_view head) {
  const auto record_bytes = get<std::uint64_t>(head, kRecordBytesOffset);
  return record_bytes > kMaxSlotBytes ? record_bytes : kSlotHeadBytes + record_bytes;
}

std::optional<Slot> decode_slot(std::string_view bytes) {
  if (bytes.size() < kSlotHeadBytes || claimed_slot_bytes(bytes) != bytes.size() ||
      get_fingerprint(bytes, 0) != fingerprint(bytes.substr(kSequenceOffset))) {
    return std::nullopt;
  }
  return Slot{get<std::uint64_t>(bytes, kSequenceOffset), get_fingerprint(bytes, kFileOffset),
              bytes.substr(kSlotHeadBytes)};
}

}  // namespace tailmeter
