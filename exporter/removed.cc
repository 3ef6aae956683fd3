#include "exporter/removed.h"

namespace tailmeter {
namespace {

std::size_t size_bytes(const std::vector<SavedGeneration>& generations) {
  std::size_t bytes = 0;
  for (const SavedGeneration& one : generations) {
    bytes += sizeof one + one.path.size() + one.beginning.head.size() + one.window.size() + one.pending.size() +
             (one.beginning.rungs.size() + one.rungs.size()) * sizeof(Rung);
  }
  return bytes;
}

}  // namespace

std::size_t size_bytes(const SavedFamily& family) {
  return family.series.size_bytes();
}

std::size_t size_bytes(const SavedSource& source) {
  std::size_t bytes = size_bytes(source.files.generations) + size_bytes(source.files.finished);
  for (const SavedName& name : source.files.names) {
    bytes += sizeof name + name.path.size() + name.settled_rotated.size() * sizeof(SettledFile) +
             name.settled_beginnings.size() * sizeof(BeginningMark);
  }
  return bytes;
}

}  // namespace tailmeter
