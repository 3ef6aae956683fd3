#include "exporter/cli/progress.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace tailmeter {
namespace {

constexpr std::size_t kBarWidth = 24;
constexpr std::chrono::milliseconds kDrawInterval{200};

std::string size_text(double bytes) {
  const char* const units[] = {"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  for (; bytes >= 1000 && unit + 1 < std::size(units); ++unit) bytes /= 1000;
  return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, units[unit]);
}

}  // namespace

std::string progress_text(const std::string& what, std::uint64_t done_bytes, std::uint64_t total_bytes,
                          double seconds) {
  const auto done = static_cast<double>(done_bytes);
  const double rate = seconds > 0 ? done / seconds : 0;
  if (total_bytes == 0) return fmt::format("{}  {}  {}/s", what, size_text(done), size_text(rate));
  const auto total = static_cast<double>(std::max(total_bytes, done_bytes));
  const auto filled = static_cast<std::size_t>(done / total * kBarWidth);
  const std::string bar = std::string(filled, '=') + std::string(kBarWidth - filled, ' ');
  return fmt::format("{}  [{}]  {:.0f} %  {} of {}  {}/s  {:.0f} s left", what, bar, done / total * 100,
                     size_text(done), size_text(total), size_text(rate), rate > 0 ? (total - done) / rate : 0);
}

Progress::Progress(std::string what) : what_(std::move(what)), is_terminal_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (is_drawn_) std::fputs("\r\x1b[K", stderr);
}

void Progress::update(std::uint64_t done_bytes, std::uint64_t total_bytes) {
  if (!is_terminal_) return;
  const Clock::time_point now = Clock::now();
  if (now - last_draw_ < kDrawInterval) return;
  last_draw_ = now;
  is_drawn_ = true;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  std::fputs(("\r" + progress_text(what_, done_bytes, total_bytes, seconds) + "\x1b[K").c_str(), stderr);
}

}  // namespace tailmeter
