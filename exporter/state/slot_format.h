// The bytes of the slot file: a header, then two slots of equal size. Integers are little-endian.
//
//   header, 4096 bytes                      slot
//   offset  size                            offset  size
//        0     8  "tailmtr\n"                    0    16  checksum of the slot from 16 to the record's end
//        8     4  format version                16     8  sequence number of the record, 0: there is none
//       12     4  0                             24     8  size of the record
//       16     8  size of a slot                32    16  fingerprint of the identity of the file
//       24  4056  0                             48        the record; what follows it has no meaning
//     4080    16  checksum of 0 to 4080
//
// Magic, version and checksum of the header stay where they are in all versions. Checksums and fingerprints are XXH3's
// 128 bits, the low 64 first: they find damage, not forgery.
//
// Pure functions, any thread. Nothing here trusts the bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tailmeter {

inline constexpr std::size_t kSlotFileHeaderBytes = 4096;
inline constexpr std::size_t kSlotHeadBytes = 48;
inline constexpr std::uint64_t kSlotAlignmentBytes = 4096;  // the kernel writes pages: no page holds parts of two slots
inline constexpr std::uint64_t kMaxSlotBytes = std::uint64_t{256} << 20;

using Fingerprint = std::array<char, 16>;
[[nodiscard]] Fingerprint fingerprint(std::string_view bytes);

[[nodiscard]] std::string encode_header(std::uint64_t slot_bytes);

struct DecodedHeader {
  enum class Kind { kRight, kOtherVersion, kDamaged };
  Kind kind = Kind::kDamaged;
  std::uint64_t slot_bytes = 0;  // of a right one: a multiple of kSlotAlignmentBytes, at most kMaxSlotBytes
};
[[nodiscard]] DecodedHeader decode_header(std::string_view bytes);

struct Slot {
  std::uint64_t sequence = 0;
  Fingerprint file{};
  std::string_view record;
};
[[nodiscard]] std::string encode_slot(const Slot& slot);

// How many bytes the slot says that it fills, head and record; `head` are its first kSlotHeadBytes. May be any number.
[[nodiscard]] std::uint64_t claimed_slot_bytes(std::string_view head);

// The slot that fills `bytes` exactly, nothing if they are not one. The record points into `bytes`.
[[nodiscard]] std::optional<Slot> decode_slot(std::string_view bytes);

}  // namespace tailmeter
