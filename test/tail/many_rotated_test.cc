// More rotated files, and more logs, than are remembered of what is gone.
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "test/tail/tail_lab.h"

namespace tailmeter {
namespace {

std::string rotated_name(int number) {
  return "access.log." + std::to_string(number);
}

void make_rotated(const TailLab& lab, int count) {
  for (int number = 1; number <= count; ++number)
    lab.append(rotated_name(number), "old " + std::to_string(number) + "\n");
}

// More than the first bytes that are compared, or less.
std::string text_of(const std::string& name, bool is_long) {
  return name + (is_long ? std::string(600, '.') : "") + "\n";
}

std::vector<std::string> paths_of(const TailLab& lab, const std::vector<SavedGeneration>& generations) {
  std::vector<std::string> paths;
  for (const SavedGeneration& generation : generations) {
    paths.push_back(generation.path.substr(lab.directory.path().string().size() + 1));
  }
  return paths;
}

std::vector<std::string> paths_of_finished(const TailLab& lab) {
  return paths_of(lab, lab.save().finished);
}

std::vector<std::string> paths_of_done(const TailLab& lab) {
  std::vector<SavedGeneration> generations = lab.save().generations;
  std::erase_if(generations, [](const SavedGeneration& generation) { return !generation.is_done; });
  return paths_of(lab, generations);
}

std::size_t settled_count(const TailLab& lab) {
  return lab.save().names.at(0).settled_rotated.size();
}

}  // namespace

TEST_CASE("rotated files that were there before us are old after a restart, however many", "[tail]") {
  TailLab lab(any_hints());
  make_rotated(lab, 300);
  lab.append("access.log", "zero\n");
  lab.follow({"access.log"});
  lab.append("access.log", "one\n");
  lab.look();
  lab.restart(lab.save(), [&] { lab.append("access.log", "two\n"); });
  CHECK(lab.lines() == Lines{"one", "two"});
  lab.rename("access.log", "access.log.0");
  lab.append("access.log", "three\n");
  lab.look();
  lab.restart(lab.save());
  CHECK(lab.lines() == Lines{"three"});
}

TEST_CASE("rotated files that were read are not read again after a restart, however many", "[tail]") {
  TailLab lab;
  lab.limits.done_generations_max = lab.limits.finished_generations_max = lab.limits.gone_rotated_max = 2;
  lab.append("access.log", "");
  lab.follow({"access.log"});
  Lines written;
  for (int number = 9; number > 0; --number) {
    written.push_back("in " + std::to_string(number));
    lab.append("access.log", written.back() + "\n");
    lab.look();
    lab.rename("access.log", rotated_name(number));
    lab.append("access.log", "");
    lab.look_after_quiet_time();
  }
  CHECK(lab.lines() == written);
  lab.restart(lab.save());
  lab.restart(lab.save(), [&] {
    lab.rename("access.log", "access.log.0");
    lab.append("access.log", "one\n");
  });
  CHECK(lab.lines() == Lines{"one"});
}

TEST_CASE("of rotated files that are gone the last ones are remembered, up to a limit", "[tail]") {
  TailLab lab;
  lab.limits.gone_rotated_max = 2;
  make_rotated(lab, 6);
  lab.append("access.log", "");
  lab.follow({"access.log"});
  CHECK(settled_count(lab) == 6);
  for (const int number : {6, 5, 4}) {
    lab.rename(rotated_name(number), "aside." + std::to_string(number));
    lab.look();
  }
  CHECK(settled_count(lab) == 5);
  for (const int number : {4, 5}) {
    lab.rename("aside." + std::to_string(number), rotated_name(number));
    lab.look();
  }
  CHECK(lab.lines().empty());
  CHECK(settled_count(lab) == 5);
}

TEST_CASE("a file that was read long ago is known when it is compressed at last", "[tail]") {
  const bool is_long = GENERATE(false, true);
  const bool is_down = GENERATE(false, true);
  CAPTURE(is_long, is_down);
  TailLab lab;
  lab.limits.done_generations_max = lab.limits.finished_generations_max = 1;
  lab.append("access.log", "");
  lab.follow({"access.log"});
  for (int number = 9; number > 0; --number) {
    lab.append("access.log", text_of("in " + std::to_string(number), is_long));
    lab.look();
    lab.rename("access.log", rotated_name(number));
    lab.append("access.log", "");
    lab.look_after_quiet_time();
  }
  CHECK(lab.lines().size() == 9);
  const auto compress = [&] {
    for (int number = 9; number > 0; --number) lab.compress(rotated_name(number));
  };
  if (is_down) lab.restart(lab.save(), compress);
  if (!is_down) compress();
  lab.look_after_quiet_time();
  lab.restart(lab.save());
  lab.append("access.log", "one\n");
  lab.look();
  CHECK(lab.lines() == Lines{"one"});
}

TEST_CASE("what is known of compressed files lasts as long as they, and is let go of when they are gone", "[tail]") {
  TailLab lab;
  lab.limits.gone_beginnings_max = 2;
  lab.limits.finished_generations_max = 1;
  make_rotated(lab, 3);
  lab.append("access.log", "");
  lab.follow({"access.log"});
  for (const int number : {3, 2, 1}) lab.compress(rotated_name(number));
  lab.look();
  const auto turn = [&](int day) {
    lab.append("access.log", text_of("in " + std::to_string(day), true));
    lab.look();
    const std::string name = "access.log-" + std::to_string(20261100 + day);
    lab.rename("access.log", name);
    lab.append("access.log", "");
    lab.look_after_quiet_time();
    lab.compress(name);
    lab.look();
    if (day > 13) lab.remove("access.log-" + std::to_string(20261100 + day - 3) + ".gz");
  };
  for (int day = 10; day < 30; ++day) turn(day);
  CHECK(lab.lines().size() == 20);
  const SavedFiles saved = lab.save();
  CHECK(saved.names.at(0).settled_beginnings.size() <= 2 * 8 + 2);
  lab.restart(saved);
  CHECK(lab.lines().empty());
}

TEST_CASE("a log's rotated files are known once they are compressed, however many other logs there are", "[tail]") {
  TailLab lab(any_hints());
  const auto log = [](int number) { return "vhost" + std::to_string(number) + ".log"; };
  constexpr int kLogs = 70;
  for (int number = 0; number < kLogs; ++number) lab.append(log(number), "");
  lab.follow({"*.log"});
  for (int day = 1; day < 4; ++day) {
    for (int number = 0; number < kLogs; ++number)
      lab.append(log(number), text_of(std::to_string(day), true) + log(number) + "\n");
    lab.look();
    CHECK(lab.lines().size() == 2 * kLogs);
    for (int number = 0; number < kLogs; ++number) {
      if (day > 2) lab.rename(log(number) + ".2.gz", log(number) + ".3.gz");
      if (day > 1) lab.rename(log(number) + ".1", log(number) + ".2");
      if (day > 1) lab.compress(log(number) + ".2");
      lab.rename(log(number), log(number) + ".1");
      lab.append(log(number), "");
    }
    lab.look_after_quiet_time();
  }
  lab.restart(lab.save());
  CHECK(lab.lines().empty());
}

TEST_CASE("of what was read each log keeps as much as the others", "[tail]") {
  TailLab lab;
  lab.limits.done_generations_max = 1;
  lab.limits.finished_generations_max = 2;
  for (const char* const log : {"a.log", "b.log", "c.log"}) lab.append(log, "");
  lab.follow({"*.log"});
  const auto rotate = [&](const std::string& log, int day) {
    lab.append(log, log + " " + std::to_string(day) + "\n");
    lab.look();
    lab.rename(log, log + "-" + std::to_string(20261100 + day));
    lab.append(log, "");
    lab.look_after_quiet_time();
  };
  rotate("b.log", 10);
  rotate("b.log", 11);
  rotate("c.log", 10);
  for (int day = 10; day < 14; ++day) rotate("a.log", day);
  CHECK(paths_of_finished(lab) == Lines{"b.log", "a.log", "a.log"});
  CHECK(paths_of_done(lab) == Lines{"c.log", "b.log", "a.log"});

  lab.limits.finished_of_source_max = 3;
  lab.limits.done_of_source_max = 2;
  lab.restart(lab.save());
  lab.look_after_quiet_time();
  CHECK(paths_of_finished(lab) == Lines{"b.log", "a.log", "c.log"});
  CHECK(paths_of_done(lab) == Lines{"b.log", "a.log"});
  for (const char* const name : {"a.log-20261110", "a.log-20261113", "b.log-20261111"}) lab.compress(name);
  lab.look();
  CHECK(lab.lines().size() == 7);
}

}  // namespace tailmeter
