#include "exporter/tail/saved_files.h"

namespace tailmeter {

Print SavedGeneration::print() const {
  return {.position_bytes = offset_bytes + oversize_bytes, .head = head, .window = window, .pending = pending};
}

}  // namespace tailmeter
