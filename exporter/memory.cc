#include "exporter/memory.h"

#include <cstdint>

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

namespace tailmeter {
namespace {

// Code is never written to, so that its pages are those of the file, and nothing is lost with them.
int give_back_code(dl_phdr_info* object, std::size_t, void*) {
  const auto page_bytes = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0 || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t begin = (object->dlpi_addr + segment.p_vaddr) / page_bytes * page_bytes;
    const std::uintptr_t end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    madvise(reinterpret_cast<void*>(begin), end - begin,
            MADV_DONTNEED);  // refused for the kernel's own code: no matter
  }
  return 0;
}

}  // namespace

void share_heaps() {
  mallopt(M_ARENA_MAX, 2);
  mallopt(M_MMAP_THRESHOLD, 512 * 1024);  // said once, it no longer grows with what is freed
}

void give_back_memory_of_start() {
  malloc_trim(0);
  dl_iterate_phdr(give_back_code, nullptr);
}

}  // namespace tailmeter
