// A progress bar with rate and time left, on a terminal; nothing on a pipe.
//
//   access.log  [=========>          ]  47 %  1.2 GB of 2.6 GB  810 MB/s  2 s left
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tailmeter {

class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress();  // takes the bar away
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::uint64_t done_bytes, std::uint64_t total_bytes);

 private:
  using Clock = std::chrono::steady_clock;
  std::string what_;
  bool is_terminal_;
  bool is_drawn_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_draw_ = start_;
};

// The bar's text, for a line of any width.
[[nodiscard]] std::string progress_text(const std::string& what, std::uint64_t done_bytes, std::uint64_t total_bytes,
                                        double seconds);

}  // namespace tailmeter
