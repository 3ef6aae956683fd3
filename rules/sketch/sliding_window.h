// The newest part of a stream: a ring of slices of time, each with the cells of one sketch, in cells that somebody else
// owns.
//
// In the window is what came in the slice of this moment and in the slices before it, `slices` together. So it is never
// longer than window_ms, and shorter by at most one slice: of 5 minutes in 10 slices the newest 4:30 to 5:00.
//
// A clock that goes back takes nothing out of the window and nothing back into it: slices are old by the newest of
// them. One that goes back by a window or more dates them back with it, by whole windows, so that what was observed
// under a wrong time does not stay until that time.
//
// Cells that are all 0 have seen nothing. Nothing here allocates. Any thread may use its own cells.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tailmeter {

inline constexpr std::size_t kDefaultWindowSlices = 10;

class SlidingWindow {
 public:
  struct Shape {
    std::int64_t window_ms = 0;  // a multiple of `slices`
    std::size_t slices = kDefaultWindowSlices;
    std::size_t sketch_cells = 0;  // of a slice
  };

  explicit constexpr SlidingWindow(Shape shape) : shape_(shape) {
    assert(shape.window_ms > 0 && shape.window_ms % static_cast<std::int64_t>(shape.slices) == 0);
  }

  // How many cells a window takes: the slices' numbers, then the slices.
  [[nodiscard]] constexpr std::size_t cells() const { return shape_.slices * (1 + shape_.sketch_cells); }

  // The sketch of the slice of this moment, all 0 if it has just begun. To be called before a snapshot is taken, too: a
  // clock that went back is noticed here alone.
  [[nodiscard]] std::span<std::uint64_t> current(std::span<std::uint64_t> cells, std::int64_t now_ms) const {
    const auto numbers = cells.first(shape_.slices);
    const std::uint64_t number = number_at(now_ms);
    const std::uint64_t newest = *std::max_element(numbers.begin(), numbers.end());
    if (newest >= number + shape_.slices) {
      const std::uint64_t back = (newest - number) / shape_.slices * shape_.slices;
      for (std::uint64_t& dated : numbers) dated -= std::min(dated, back);
    }
    const std::size_t place = number % shape_.slices;
    const auto slice = cells.subspan(place_of_slice(place), shape_.sketch_cells);
    if (numbers[place] != number) {
      std::fill(slice.begin(), slice.end(), 0);
      numbers[place] = number;
    }
    return slice;
  }

  // Calls visit(sketch) for each slice that is in the window.
  template <typename Visit>
  void for_each_valid(std::span<const std::uint64_t> cells, std::int64_t now_ms, Visit visit) const {
    const auto numbers = cells.first(shape_.slices);
    const std::uint64_t newest = std::max(number_at(now_ms), *std::max_element(numbers.begin(), numbers.end()));
    for (std::size_t place = 0; place < numbers.size(); ++place) {
      if (numbers[place] == 0 || numbers[place] + shape_.slices <= newest) continue;
      visit(cells.subspan(place_of_slice(place), shape_.sketch_cells));
    }
  }

 private:
  // Slices are numbered since 1970, from 1.
  [[nodiscard]] std::uint64_t number_at(std::int64_t now_ms) const {
    const std::int64_t slice_ms = shape_.window_ms / static_cast<std::int64_t>(shape_.slices);
    return static_cast<std::uint64_t>(std::max<std::int64_t>(now_ms, 0) / slice_ms) + 1;
  }
  [[nodiscard]] std::size_t place_of_slice(std::size_t place) const {
    return shape_.slices + place * shape_.sketch_cells;
  }

  Shape shape_;
};

}  // namespace tailmeter
