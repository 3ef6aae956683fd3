// Takes records to the disk, one at a time, while their maker goes on.
//
// All calls come from one thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <system_error>

namespace tailmeter {

class RecordWriter {
 public:
  virtual ~RecordWriter() = default;

  // Begins to write `record`. Not while busy.
  virtual void submit(std::string record) = 0;
  [[nodiscard]] virtual bool is_busy() const = 0;

  // How it went, once it is known; then the writer is no longer busy.
  [[nodiscard]] virtual std::optional<std::error_code> take_result() = 0;

  // The same, waiting for it.
  [[nodiscard]] virtual std::optional<std::error_code> wait_for_result(std::chrono::milliseconds patience) = 0;
};

}  // namespace tailmeter
