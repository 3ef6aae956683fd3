// The first byte chooses the format, the second where reading starts, the rest is the file: it is found bad, or every
// read gives the same bytes.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

#include "exporter/tail/compressed_files.h"
#include "test/tail/memory_file_system.h"

namespace {

using namespace tailmeter;

std::error_code read_some(CompressedFiles& files, const OpenFile& file, std::uint64_t offset, std::string& bytes) {
  std::size_t bytes_read = 0;
  const std::error_code error = files.read(file, offset, bytes, bytes_read);
  if (!error) bytes.resize(bytes_read);
  return error;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  MemoryFileSystem memory;
  const std::string name = bytes[0] % 2 == 0 ? "log.gz" : "log.zst";
  memory.contents[name].assign(reinterpret_cast<const char*>(bytes + 2), size - 2);
  CompressedFiles files(memory);
  OpenFile file;
  const bool is_open = !files.open(name, file);
  assert(is_open);

  std::string early(bytes[1] * std::size_t{100}, '\0');
  const bool has_early = !read_some(files, file, bytes[1], early);
  FileStatus status;
  if (const std::error_code error = files.status(file, status)) {
    std::string none(1, '\0');
    const bool is_still_bad = read_some(files, file, 0, none) == error;
    assert(is_still_bad);
    return 0;
  }
  assert(has_early);
  std::uint64_t offset = 0;
  for (;;) {
    std::string turn(4096 + (std::size_t{256} << 10), '\0');
    const bool is_read = !read_some(files, file, offset, turn);
    assert(is_read);
    assert(offset + turn.size() <= status.size_bytes);
    if (offset == 0 && turn.size() > bytes[1]) {
      const std::size_t common = std::min(early.size(), turn.size() - bytes[1]);
      assert(turn.compare(bytes[1], common, early, 0, common) == 0);
    }
    if (offset + turn.size() == status.size_bytes) break;
    offset += turn.size() - 4096;
  }
  return 0;
}
