// The fields of one line, by index.
//
// Names are resolved when the rule file is loaded; on the line's way there are only indexes. A field's value is a view
// into the line, or into the scratch space kept here when escapes had to be undone. "-" and an empty field are no
// value: nginx, httpd and HAProxy all write them for what does not exist.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace tailmeter {

using FieldIndex = std::uint16_t;

[[nodiscard]] inline bool has_value(std::string_view field) {
  return !field.empty() && !(field.size() == 1 && field.front() == '-');
}

// One line's values. Belongs to one thread; reused from line to line.
class FieldValues {
 public:
  explicit FieldValues(std::size_t field_count) : values_(field_count) {}

  // Forgets the last line's values and makes room for undoing the escapes of the next, which has `line_bytes` bytes.
  // Views into the scratch space given out before become invalid.
  void start_line(std::size_t line_bytes) {
    // A loop takes ten times as long.
    if (!values_.empty()) std::memset(values_.data(), 0, values_.size() * sizeof(Value));
    if (scratch_.size() < 2 * line_bytes) scratch_.resize(2 * line_bytes);
    scratch_used_ = 0;
  }

  // An index is settled when the rules are loaded; it is not checked again for each value of each line.
  void set(FieldIndex index, std::string_view value) { values_.data()[index] = {value.data(), value.size()}; }
  [[nodiscard]] std::string_view operator[](FieldIndex index) const {
    const Value value = values_.data()[index];
    return {value.data, value.size};
  }
  [[nodiscard]] std::size_t size() const { return values_.size(); }

  // `size` bytes that stay where they are until the next start_line(). All of a line's calls together may ask for twice
  // as many bytes as the line has: undoing an escape never makes a value longer, and what stands in a list may be both
  // a value of its own and part of the list's.
  [[nodiscard]] char* scratch(std::size_t size) {
    assert(scratch_used_ + size <= scratch_.size());
    char* const place = scratch_.data() + scratch_used_;
    scratch_used_ += size;
    return place;
  }

 private:
  struct Value {  // a std::string_view whose bytes may all be set to 0
    const char* data;
    std::size_t size;
  };

  std::vector<Value> values_;
  std::vector<char> scratch_;
  std::size_t scratch_used_ = 0;
};

}  // namespace tailmeter
