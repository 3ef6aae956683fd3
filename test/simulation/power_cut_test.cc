// What a power cut may take from the simulated files, and what it may not.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "test/simulation/simulated_files.h"

namespace tailmeter {
namespace {

using WriteAt = SimulatedFiles::WriteAt;
using Texts = std::set<std::string>;

void append(SimulatedFiles& files, const std::string& path, const std::string& text) {
  const int writer = files.open_to_write(path, WriteAt::kEnd);
  files.write(writer, text);
  files.close_writer(writer);
}

std::string names_and_bytes(SimulatedFiles& files) {
  std::vector<DirectoryEntry> entries;
  REQUIRE_FALSE(files.list("/", entries));
  std::set<std::string> names;
  for (const DirectoryEntry& entry : entries) names.insert(entry.name);
  std::string text;
  for (const std::string& name : names) text += name + "=" + files.content(name).value_or("?") + " ";
  return text;
}

// All that is seen behind power cuts that follow the same story.
template <typename Story>
Texts outcomes(const Story& story) {
  Texts texts;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SimulatedFiles files(seed);
    story(files);
    files.power_cut(seed);
    texts.insert(names_and_bytes(files));
  }
  return texts;
}

}  // namespace

TEST_CASE("what was synced outlives a power cut, and so do changes of other names before", "[simulation]") {
  CHECK(outcomes([](SimulatedFiles& files) {
          append(files, "old", "12");
          files.rename("old", "log.1");
          append(files, "log", "ab");
          files.sync("log");
        }) == Texts{"log=ab log.1= ", "log=ab log.1=1 ", "log=ab log.1=12 "});
  CHECK(outcomes([](SimulatedFiles& files) {
          append(files, "log.1", "12");
          append(files, "log", "ab");
          files.sync_all();
        }) == Texts{"log=ab log.1=12 "});
}

TEST_CASE("changes of names are lost from the latest back, a rename as a whole", "[simulation]") {
  CHECK(outcomes([](SimulatedFiles& files) {
          files.create("log");
          files.rename("log", "log.1");
          files.create("log");
          files.remove("log.1");
        }) == Texts{"", "log= ", "log.1= ", "log= log.1= "});
  CHECK(outcomes([](SimulatedFiles& files) {
          append(files, "log", "new");
          append(files, "log.1", "old");
          files.sync_all();
          files.rename("log", "log.1");
        }) == Texts{"log=new log.1=old ", "log.1=new "});
}

TEST_CASE("appended bytes are kept up to any of them", "[simulation]") {
  CHECK(outcomes([](SimulatedFiles& files) {
          append(files, "log", "ab");
          files.sync("log");
          append(files, "log", "cd");
          append(files, "log", "e");
        }) == Texts{"log=ab ", "log=abc ", "log=abcd ", "log=abcde "});
}

TEST_CASE("a truncation leaves nothing of before, or is lost with what was written after it", "[simulation]") {
  CHECK(outcomes([](SimulatedFiles& files) {
          append(files, "log", "ab");
          files.sync("log");
          append(files, "log", "c");
          files.truncate("log", 0);
          append(files, "log", "XY");
        }) == Texts{"log=ab ", "log=abc ", "log= ", "log=X ", "log=XY "});
  CHECK(outcomes([](SimulatedFiles& files) {
          append(files, "log", "abc");
          files.sync("log");
          files.truncate("log", 0);
          files.sync("log");
          append(files, "log", "X");
        }) == Texts{"log= ", "log=X "});
}

TEST_CASE("a directory comes back with all that it held, or goes with it", "[simulation]") {
  std::set<std::pair<bool, bool>> seen;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SimulatedFiles files(seed);
    files.make_directory("logs");
    append(files, "logs/a", "text");
    files.sync_all();
    files.rename("logs", "old");
    files.make_directory("logs");
    files.remove_tree("old");
    files.power_cut(seed);
    const bool is_renamed = files.identity("old").is_known();
    if (files.identity("logs/a").is_known()) CHECK_FALSE(is_renamed);
    if (files.identity("old/a").is_known()) CHECK(files.content("old/a") == "text");
    seen.emplace(files.identity("logs/a").is_known(), files.identity("old/a").is_known());
  }
  CHECK(seen == std::set<std::pair<bool, bool>>{{true, false}, {false, true}, {false, false}});
}

TEST_CASE("written back is any part of what was not synced", "[simulation]") {
  Texts kept;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SimulatedFiles files(seed);
    append(files, "log", "abc");
    files.rename("log", "log.1");
    for (int i = 0; i < 20; ++i) files.write_back();
    files.power_cut(seed);
    kept.insert(names_and_bytes(files));
  }
  CHECK(kept == Texts{"log.1=abc "});  // twenty times a part is all
}

TEST_CASE("a file that is lost does not come back as another, and one that is kept is the same", "[simulation]") {
  int kept = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SimulatedFiles files(seed);
    const FileIdentity first = files.create("log");
    files.power_cut(seed);
    kept += files.identity("log") == first ? 1 : 0;
    files.remove("log");
    CHECK(files.create("log") != first);
  }
  CHECK(kept > 20);
  CHECK(kept < 80);
}

TEST_CASE("a power cut closes all files and ends all watches", "[simulation]") {
  SimulatedFiles files(1);
  files.make_directory("logs");
  append(files, "logs/log", "text");
  files.sync_all();
  const int writer = files.open_to_write("logs/log", WriteAt::kEnd);
  OpenFile file;
  REQUIRE_FALSE(files.open("/logs/log", file));
  REQUIRE_FALSE(files.watch(std::vector<std::string>{"/logs"}));
  files.create("logs/new");
  files.power_cut(1);

  files.write(writer, "more");
  files.close_writer(writer);
  append(files, "logs/log", "");
  files.remove("logs/new");
  CHECK(files.content("logs/log") == "text");
  std::vector<Hint> hints;
  files.take_hints(hints);
  CHECK(hints.empty());
  CHECK(files.open_files() == 0);
  FileStatus status;
  CHECK(files.status(file, status) == std::errc::bad_file_descriptor);
  file.close();
  CHECK(files.open_files() == 0);
}

namespace {

// The lives of one file: each ends with a truncation.
struct Lives {
  std::vector<std::string> bytes{""};
  std::size_t synced_life = 0;
  std::size_t synced_bytes = 0;
};

using Names = std::map<std::string, FileIdentity>;

// A second account of what is there, at each point of the journal since the last sync.
struct Story {
  struct Moment {
    Names names;
    std::map<FileIdentity, std::size_t> lives;
  };

  explicit Story(std::uint64_t seed) : random(seed), files(seed) { note(); }

  void step() {
    const std::string path = "/" + std::to_string(random.below(5));
    const std::string other = "/" + std::to_string(random.below(5));
    const FileIdentity identity = names.contains(path) ? names[path] : FileIdentity();
    switch (random.below(7)) {
      case 0:
        if (!identity.is_known()) lives[names[path] = files.create(path)];
        break;
      case 1:
        if (identity.is_known() && path != other && files.rename(path, other)) {
          names[other] = identity;
          names.erase(path);
        }
        break;
      case 2:
        if (files.remove(path)) names.erase(path);
        break;
      case 3:
        if (identity.is_known() && !lives[identity].bytes.back().empty()) {
          files.truncate(path, 0);
          lives[identity].bytes.emplace_back();
        }
        break;
      case 4:
        if (random.below(4) == 0 && files.sync(path)) {
          moments.clear();
          lives[identity].synced_life = lives[identity].bytes.size() - 1;
          lives[identity].synced_bytes = lives[identity].bytes.back().size();
        }
        break;
      case 5:
        files.write_back();
        break;
      default:
        if (identity.is_known()) {
          const std::string text(1 + random.below(9), static_cast<char>('a' + random.below(26)));
          append(files, path, text);
          lives[identity].bytes.back() += text;
        }
    }
    note();
  }

  void note() {
    Moment moment{names, {}};
    for (const auto& [identity, life] : lives) moment.lives[identity] = life.bytes.size() - 1;
    moments.push_back(std::move(moment));
  }

  [[nodiscard]] bool is_possible(const Moment& moment) {
    for (int i = 0; i < 5; ++i) {
      const std::string path = "/" + std::to_string(i);
      const auto named = moment.names.find(path);
      const std::optional<std::string> bytes = files.content(path);
      if (bytes.has_value() != (named != moment.names.end())) return false;
      if (!bytes) continue;
      if (files.identity(path) != named->second) return false;
      const Lives& file = lives.at(named->second);
      const std::size_t life = moment.lives.at(named->second);
      if (!file.bytes[life].starts_with(*bytes)) return false;
      if (life == file.synced_life && bytes->size() < file.synced_bytes) return false;
    }
    return true;
  }

  SeededRandom random;
  SimulatedFiles files;
  Names names;
  std::map<FileIdentity, Lives> lives;
  std::vector<Moment> moments;
};

}  // namespace

TEST_CASE("what a power cut leaves is a moment since the last sync, but for bytes that were not synced",
          "[simulation]") {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    CAPTURE(seed);
    Story story(seed);
    for (int i = 0; i < 40; ++i) story.step();
    story.files.power_cut(seed);
    CHECK(std::any_of(story.moments.begin(), story.moments.end(),
                      [&](const Story::Moment& moment) { return story.is_possible(moment); }));
  }
}

}  // namespace tailmeter
