// What a scrape has to show: which lines were written, and which of them nobody can count any more.
//
// It knows lines by their text. A line must be counted if it is in a file now, if a durable scrape showed it, or if the
// program that is running has counted it already. One that is gone from all files, and was in nobody's memory that is
// left, may be missing. None may be counted twice, and none that was shown may go.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "exporter/scrape.h"

namespace tailmeter {

using Texts = std::set<std::string, std::less<>>;

class Expectation {
 public:
  // A line of a banner, which stands in many logs: it, and any part of it, may be counted as often as it likes.
  void ignore(std::string text) { ignored_.insert(std::move(text)); }

  // A line that was ended, or that nobody will end. The same text may come again.
  void add(const std::string& text) {
    if (!is_ignored(text)) ++lines_[text].written;
  }

  // True if such a line was ended, or one that begins like it.
  [[nodiscard]] bool has_beginning_with(const std::string& text) const;

  // A run counted it. kill() says that this memory is lost.
  void note_counted(const Snapshot& counted);
  void kill();

  // The lines that have to be in an answer that is made now, when `readable` is what the files hold.
  [[nodiscard]] Texts required(const Texts& readable) const;

  // What is wrong with an answer; empty: nothing. A `is_whole` answer has all that is required.
  [[nodiscard]] std::string check(const Scrape& scrape, const Texts& required, bool is_whole);

  [[nodiscard]] std::size_t size() const { return lines_.size(); }

 private:
  struct Line {
    std::uint64_t written = 0;
    std::uint64_t shown = 0;    // by a durable answer, or by one of the program that is running
    std::uint64_t durable = 0;  // by a durable answer
    bool is_in_memory = false;
  };

  [[nodiscard]] bool is_ignored(std::string_view text) const;

  std::map<std::string, Line, std::less<>> lines_;
  Texts ignored_;
};

}  // namespace tailmeter
