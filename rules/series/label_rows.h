// The label sets of a family: text to row, each text rendered and kept once.
//
// Rows are numbered as they come. A row stays until remove() takes it away, which numbers the others anew. What
// column() gives is shared with snapshots and never changes: the next change is made to a copy.
//
// Belongs to the loop thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "rules/series/hash.h"
#include "rules/series/snapshot.h"

namespace tailmeter {

using Row = std::uint32_t;
inline constexpr Row kNoRow = std::numeric_limits<Row>::max();

class LabelRows {
 public:
  LabelRows() : column_(std::make_shared<LabelColumn>()) {}
  LabelRows(const LabelRows&) = delete;
  LabelRows& operator=(const LabelRows&) = delete;

  [[nodiscard]] std::size_t size() const { return column_->texts.size(); }
  [[nodiscard]] Row find(std::string_view text) const;  // kNoRow if there is none
  [[nodiscard]] std::string_view text(Row row) const { return column_->texts[row]; }
  Row append(std::string_view text, std::int64_t created_ms);
  void set_created(Row row, std::int64_t created_ms) { own().created_ms[row] = created_ms; }

  // Takes away the rows of which is_gone[row]. The others keep their order.
  void remove(const std::vector<bool>& is_gone);

  // Those that are there now, sorted.
  [[nodiscard]] std::shared_ptr<const LabelColumn> column();

 private:
  LabelColumn& own();
  std::string_view keep(std::string_view text);
  void sort_new_rows();

  std::shared_ptr<LabelColumn> column_;
  bool is_shared_ = false;
  std::size_t chunk_used_bytes_ = 0;
  std::size_t chunk_size_bytes_ = 0;
  boost::unordered_flat_map<std::string_view, Row, SeededHash, std::equal_to<>> rows_;
};

}  // namespace tailmeter
