#include "rules/series/label_rows.h"

#include <algorithm>

namespace tailmeter {
namespace {

constexpr std::size_t kFirstChunkBytes = 512;
constexpr std::size_t kLargestChunkBytes = 64 * 1024;

}  // namespace

Row LabelRows::find(std::string_view text) const {
  const auto found = rows_.find(text);
  return found != rows_.end() ? found->second : kNoRow;
}

Row LabelRows::append(std::string_view text, std::int64_t created_ms) {
  LabelColumn& column = own();
  const auto row = static_cast<Row>(column.texts.size());
  const std::string_view kept = keep(text);
  column.texts.push_back(kept);
  column.created_ms.push_back(created_ms);
  rows_.emplace(kept, row);
  return row;
}

void LabelRows::remove(const std::vector<bool>& is_gone) {
  const std::shared_ptr<const LabelColumn> before = column_;
  column_ = std::make_shared<LabelColumn>();
  is_shared_ = false;
  chunk_used_bytes_ = chunk_size_bytes_ = 0;
  rows_.clear();
  for (std::size_t row = 0; row < before->texts.size(); ++row) {
    if (!is_gone[row]) append(before->texts[row], before->created_ms[row]);
  }
}

std::shared_ptr<const LabelColumn> LabelRows::column() {
  sort_new_rows();
  is_shared_ = true;
  return column_;
}

LabelColumn& LabelRows::own() {
  if (is_shared_) {
    column_ = std::make_shared<LabelColumn>(*column_);
    is_shared_ = false;
  }
  return *column_;
}

std::string_view LabelRows::keep(std::string_view text) {
  LabelColumn& column = own();
  if (column.chunks.empty() || chunk_size_bytes_ - chunk_used_bytes_ < text.size()) {
    const std::size_t grown = std::clamp(chunk_size_bytes_ * 2, kFirstChunkBytes, kLargestChunkBytes);
    chunk_size_bytes_ = std::max(grown, text.size());
    chunk_used_bytes_ = 0;
    column.chunks.push_back(std::make_shared<char[]>(chunk_size_bytes_));
  }
  // The chunk's unused part belongs to no text that a snapshot knows, so writing there is not seen by it.
  char* const place = const_cast<char*>(column.chunks.back().get()) + chunk_used_bytes_;
  std::copy(text.begin(), text.end(), place);
  chunk_used_bytes_ += text.size();
  return {place, text.size()};
}

void LabelRows::sort_new_rows() {
  if (column_->order.size() == column_->texts.size()) return;
  LabelColumn& column = own();
  const auto by_text = [&](Row left, Row right) { return column.texts[left] < column.texts[right]; };
  const auto sorted_size = static_cast<std::ptrdiff_t>(column.order.size());
  for (auto row = static_cast<Row>(column.order.size()); row < column.texts.size(); ++row) column.order.push_back(row);
  std::sort(column.order.begin() + sorted_size, column.order.end(), by_text);
  std::inplace_merge(column.order.begin(), column.order.begin() + sorted_size, column.order.end(), by_text);
}

}  // namespace tailmeter
