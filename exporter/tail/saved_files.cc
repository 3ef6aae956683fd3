#include "exporter/tail/saved_files.h"

#include <algorithm>

namespace tailmeter {
namespace {

template <typename T>
void append_new(std::vector<T>& to, const std::vector<T>& more) {
  for (const T& one : more) {
    if (std::find(to.begin(), to.end(), one) == to.end()) to.push_back(one);
  }
}

}  // namespace

Print SavedGeneration::print() const {
  return {
      .position_bytes = offset_bytes + oversize_bytes, .beginning = beginning, .window = window, .pending = pending};
}

void SavedFiles::merge(const SavedFiles& more) {
  append_new(patterns, more.patterns);
  append_new(names, more.names);
  append_new(generations, more.generations);
  append_new(finished, more.finished);
  append_new(below, more.below);
  append_new(own_logs, more.own_logs);
  append_new(left, more.left);
}

}  // namespace tailmeter
