// A sink that keeps what it is given.
#pragma once

#include <string>
#include <vector>

#include "exporter/lines/line_sink.h"

namespace tailmeter {

struct RecordingSink : LineSink {
  void take(const Batch& batch) override {
    lines += batch.bytes;
    path = batch.path;
  }
  void take_oversize(SourceIndex, std::uint64_t line_bytes) override { oversize.push_back(line_bytes); }

  std::string lines;
  std::string path;  // of the last batch
  std::vector<std::uint64_t> oversize;
};

}  // namespace tailmeter
