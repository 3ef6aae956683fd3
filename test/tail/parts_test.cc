// Lines that come in parts: through reads, restarts and rotations between them.
#include <random>

#include <catch2/catch.hpp>

#include "test/tail/line_parts.h"
#include "test/tail/tail_lab.h"

namespace tailmeter {
namespace {

void follow_parts(TailLab& lab, StartAt start_at = StartAt::kBeginning) {
  FollowedSource source;
  source.files = {lab / "pod.log"};
  source.start_at = start_at;
  source.line_ends = line_ends_of_parts();
  lab.follow_sources({source});
}

std::string handed_over(TailLab& lab) {
  std::string all;
  for (const std::string& line : lab.lines()) all += line + '\n';
  return all;
}

// Every byte that was written is in exactly one of the totals.
void check_account(const TailLab& lab, std::uint64_t written_bytes) {
  const SourceStatus status = lab.status();
  const ByteTotals& totals = status.totals;
  CHECK(totals.line_bytes - totals.appended_newlines + totals.oversize_bytes + totals.lost_bytes +
            status.pending_bytes ==
        written_bytes);
}

TEST_CASE("a line in parts is handed over when its last part has come, and what stands between with it", "[tail]") {
  TailLab lab;
  follow_parts(lab);
  const Writer writer = lab.writer("pod.log");
  struct Step {
    std::string written;
    std::string handed_over;
  };
  const Step steps[] = {
      {"one\naP1", "one\n"},   {"\n", ""},   {"bF2\nb", ""},
      {"P3\na", ""},           {"F4\n", ""}, {"bF5\ntwo\naP6\n", "aP1\nbF2\nbP3\naF4\nbF5\ntwo\n"},
      {"aF7\n", "aP6\naF7\n"},
  };
  std::uint64_t written_bytes = 0;
  for (const Step& step : steps) {
    CAPTURE(step.written);
    writer.write(step.written);
    written_bytes += step.written.size();
    lab.look();
    CHECK(handed_over(lab) == step.handed_over);
    check_account(lab, written_bytes);
  }
  CHECK(lab.status().pending_bytes == 0);
}

TEST_CASE("parts come together wherever the program was stopped between them", "[tail]") {
  const std::string text = "one\naP1\nbP2\naF3\nbF4\ntwo\naP5\naP6\naF7\n";
  const bool is_saved_late = GENERATE(true, false);
  for (std::size_t stop = 0; stop <= text.size(); ++stop) {
    CAPTURE(is_saved_late, text.substr(0, stop));
    TailLab lab;
    follow_parts(lab);
    const Writer writer = lab.writer("pod.log");
    SavedFiles saved = lab.save();
    writer.write(text.substr(0, stop));
    lab.look();
    if (is_saved_late) {
      saved = lab.save();
    } else {
      static_cast<void>(lab.lines());  // counted, and the counts are lost with the positions
    }
    lab.restart(saved, [&] { writer.write(text.substr(stop)); });
    CHECK(handed_over(lab) == text);
    check_account(lab, text.size());
  }
}

TEST_CASE("parts come together in a file that was renamed between them", "[tail]") {
  TailLab lab;
  follow_parts(lab);
  const Writer writer = lab.writer("pod.log");
  writer.write("aP1\n");
  lab.look();
  const bool is_restarted = GENERATE(false, true);
  const SavedFiles saved = lab.save();
  const auto rotate = [&] {
    lab.rename("pod.log", "pod.log.1");
    lab.append("pod.log", "new\n");
  };
  if (is_restarted) {
    lab.restart(saved, rotate);
  } else {
    rotate();
    lab.look();
  }
  CHECK(handed_over(lab) == "new\n");
  writer.write("aF2\n");
  lab.drain();
  CHECK(handed_over(lab) == "aP1\naF2\n");
  check_account(lab, 12);
}

TEST_CASE("a part whose rest went to the next file comes once, by itself, when its file is final", "[tail]") {
  TailLab lab;
  follow_parts(lab);
  const std::string part = GENERATE("aP1\n", "aP1\nbF2\n", "aP1");
  lab.append("pod.log", part);
  lab.look();
  lab.rename("pod.log", "pod.log.1");
  lab.append("pod.log", "aF3\nnew\n");
  lab.look();
  CHECK(handed_over(lab) == "aF3\nnew\n");
  lab.look_after_quiet_time();
  CHECK(handed_over(lab) == part + (part.ends_with('\n') ? "" : "\n"));
  check_account(lab, part.size() + 8);
}

TEST_CASE("a part that was copied and truncated comes once, from the copy", "[tail]") {
  TailLab lab;
  follow_parts(lab);
  lab.append("pod.log", "one\naP1\n");
  lab.look();
  CHECK(handed_over(lab) == "one\n");
  lab.copy("pod.log", "pod.log.1");
  lab.truncate("pod.log");
  lab.append("pod.log", "aF2\n");
  lab.look();
  lab.look_after_quiet_time();
  Lines lines = lab.lines();
  std::sort(lines.begin(), lines.end());
  CHECK(lines == Lines{"aF2", "aP1"});
}

TEST_CASE("what is there at the start is left up to the last whole line", "[tail]") {
  TailLab lab;
  lab.append("pod.log", "one\naP1\naF2\naP3\nbF4\n");
  follow_parts(lab, StartAt::kEnd);
  CHECK(handed_over(lab).empty());
  lab.append("pod.log", "aF5\n");
  lab.look();
  CHECK(handed_over(lab) == "aP3\nbF4\naF5\n");
}

TEST_CASE("of parts that a power cut took back, those that are left are read on from a whole line", "[tail]") {
  TailLab lab;
  follow_parts(lab);
  lab.append("pod.log", "one\naP1\naF2\n");
  lab.look();
  CHECK(handed_over(lab) == "one\naP1\naF2\n");
  const SavedFiles saved = lab.save();
  lab.restart(
      saved,
      [&] {
        lab.truncate("pod.log", 8);
        lab.append("pod.log", "aF3 another\n");
      },
      true);
  CHECK(handed_over(lab) == "aP1\naF3 another\n");
}

TEST_CASE("in every schedule of pieces, looks and restarts, parts are cut as they are from the whole text", "[tail]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    TailLab lab;
    lab.limits.read_buffer_bytes = std::size_t{16} << (random() % 4);
    follow_parts(lab);
    const Writer writer = lab.writer("pod.log");
    std::string text;
    for (int step = 0; step < 60; ++step) {
      constexpr const char* kBegins[] = {"aP", "aF", "bP", "bF", "", "aF", "x", "bF"};
      std::string line = kBegins[random() % 8] + std::to_string(step);
      // A line that is read from its middle on looks like a part there.
      for (std::size_t pairs = random() % 9 == 0 ? random() % 75 : 0; pairs > 0; --pairs) line += "aP";
      line += '\n';
      for (std::string_view rest = line; !rest.empty();) {
        const std::size_t size = random() % 3 == 0 ? 1 + random() % rest.size() : rest.size();
        writer.write(rest.substr(0, size));
        text += rest.substr(0, size);
        rest.remove_prefix(size);
        if (random() % 3 == 0) lab.look();
        if (random() % 10 == 0) lab.restart(lab.save());
      }
    }
    lab.look();
    const CutText right = cut_slowly(text, lab.limits.read_buffer_bytes);
    std::string whole;
    for (const std::string& lines : right.whole) whole += lines;
    Lines oversize;
    for (const std::uint64_t bytes : right.oversize) oversize.push_back(std::to_string(bytes));
    CHECK(handed_over(lab) == whole);
    CHECK(lab.record.oversize == oversize);
    CHECK(lab.status().pending_bytes == right.rest.size());
    check_account(lab, text.size());
  }
}

}  // namespace
}  // namespace tailmeter
