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
  lab.limits.gone_heads_max = 2;
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
  CHECK(saved.names.at(0).settled_heads.size() <= 2 * 8 + 2);
  lab.restart(saved);
  CHECK(lab.lines().empty());
}

}  // namespace tailmeter
