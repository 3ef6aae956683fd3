// The simulated files beside the kernel's: the same happens to both, and a reader must not be able to tell them apart.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exporter/tail/real_file_system.h"
#include "test/simulation/simulated_files.h"
#include "test/support/temporary_directory.h"

namespace tailmeter {
namespace {

using WriteAt = SimulatedFiles::WriteAt;

constexpr std::size_t kReadersMax = 8;
constexpr std::size_t kWritersMax = 6;

std::set<std::string> take_hints(FileSystem& files) {
  std::vector<Hint> hints;
  files.take_hints(hints);
  std::set<std::string> set;
  for (const Hint& hint : hints) {
    set.insert((hint.kind == Hint::Kind::kNames ? "names " : "write ") + hint.directory + " " + hint.name);
  }
  return set;
}

// Success has many categories.
std::string text(std::error_code error) {
  return error ? error.message() : "no error";
}

std::set<std::pair<std::string, bool>> list(FileSystem& files, const std::string& path) {
  std::vector<DirectoryEntry> entries;
  std::set<std::pair<std::string, bool>> set;
  set.emplace(text(files.list(path, entries)), false);
  for (const DirectoryEntry& entry : entries) CHECK(set.emplace(entry.name, entry.is_directory).second);
  return set;
}

std::string read(FileSystem& files, const OpenFile& file, std::uint64_t offset_bytes, std::size_t size) {
  std::string room(size, '-');
  std::size_t bytes_read = 0;
  REQUIRE_FALSE(files.read(file, offset_bytes, room, bytes_read));
  return room.substr(0, bytes_read);
}

// The same change at random to both, and then the same look. Both use the same paths.
class Twins {
 public:
  explicit Twins(std::uint64_t seed) : random_(seed), simulated_(seed) {
    root_ = std::filesystem::canonical(directory_.path()).string();
    for (std::size_t end = 1; end != std::string::npos; end = root_.find('/', end + 1)) {
      simulated_.make_directory(root_.substr(0, root_.find('/', end + 1)));
    }
    for (const char* directory : {"", "/a", "/b", "/a/c"}) {
      directories_.push_back(root_ + directory);
      for (const char* name : {"/log", "/log.1", "/log.2", "/link", "/c"}) {
        paths_.push_back(directories_.back() + name);
      }
    }
    paths_.insert(paths_.end(), directories_.begin() + 1, directories_.end());
    watch();
  }
  ~Twins() {
    for (const auto& [fd, writer] : writers_) ::close(fd);
  }
  Twins(const Twins&) = delete;
  Twins& operator=(const Twins&) = delete;

  void change() {
    const std::string there = any_there();
    const std::string path = any(paths_);
    switch (random_.below(16)) {
      case 0:
        return make_directory(any(directories_));
      case 1:
        return make_directory(path);
      case 2:
        return create(path);
      case 3:
      case 4:
        return same("rename", there, path, ::rename(there.c_str(), path.c_str()) == 0, simulated_.rename(there, path));
      case 5:
        return same("remove", there, {}, std::remove(there.c_str()) == 0, simulated_.remove(there));
      case 6:
        return same("link", there, path, ::link(there.c_str(), path.c_str()) == 0, simulated_.link(there, path));
      case 7:
        return symlink(random_.below(2) == 0 ? there : any(paths_), path);
      case 8:
        return truncate(there);
      case 9:
        return same("chmod", there, {}, ::chmod(there.c_str(), 0755) == 0, simulated_.set_readable(there, true));
      case 10:
        return remove_tree(there);
      case 11:
        return open_reader(there);
      case 12:
        return close_one();
      case 13:
        return random_.below(2) == 0 ? watch() : open_writer(path);
      default:
        return write();
    }
  }

  void look() {
    INFO(what_);
    for (const std::string& path : paths_) look_at(path);
    for (const auto& [real, simulated] : readers_) look_at(real, simulated);
    CHECK(take_hints(real_) == take_hints(simulated_));
    what_.clear();
  }

  [[nodiscard]] int successes() const { return successes_; }

 private:
  const std::string& any(const std::vector<std::string>& texts) { return texts[random_.below(texts.size())]; }

  // Of three, if need be.
  std::string any_there() {
    std::string path = any(paths_);
    for (int i = 0; i < 2 && !simulated_.identity(path).is_known(); ++i) path = any(paths_);
    return path;
  }

  void same(const std::string& call, const std::string& path, const std::string& other, bool real, bool simulated) {
    (((what_ += call) += ' ') += path) += ' ' + other + '\n';
    INFO(what_);
    CHECK(real == simulated);
    successes_ += real ? 1 : 0;
  }

  void make_directory(const std::string& path) {
    same("mkdir", path, {}, ::mkdir(path.c_str(), 0755) == 0, simulated_.make_directory(path));
  }

  void create(const std::string& path) {
    const int fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0644);
    same("create", path, {}, fd >= 0, simulated_.create(path).is_known());
    if (fd >= 0) ::close(fd);
  }

  void symlink(const std::string& to, const std::string& path) {
    const std::string target = random_.below(2) == 0 ? to : to.substr(to.rfind('/') + 1);
    same("symlink", target, path, ::symlink(target.c_str(), path.c_str()) == 0, simulated_.symlink(target, path));
  }

  void truncate(const std::string& path) {
    const std::uint64_t size = random_.below(3) * random_.below(40);
    same("truncate", path, std::to_string(size), ::truncate(path.c_str(), static_cast<off_t>(size)) == 0,
         simulated_.truncate(path, size));
  }

  void remove_tree(const std::string& path) {
    if (random_.below(4) != 0) return;
    std::error_code error;
    const bool is_removed = std::filesystem::remove_all(path, error) > 0 && !error;
    same("remove_tree", path, {}, is_removed, simulated_.remove_tree(path));
  }

  void open_reader(const std::string& path) {
    std::pair<OpenFile, OpenFile> files;
    const std::error_code error = real_.open(path, files.first);
    CHECK(text(error) == text(simulated_.open(path, files.second)));
    same("open", path, {}, !error, files.second.is_open());
    if (!error && readers_.size() < kReadersMax) readers_.push_back(std::move(files));
  }

  void open_writer(const std::string& path) {
    const bool is_appending = random_.below(2) == 0;
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | (is_appending ? O_APPEND : 0), 0644);
    const int writer = simulated_.open_to_write(path, is_appending ? WriteAt::kEnd : WriteAt::kOwnOffset);
    same("open to write", path, {}, fd >= 0, writer >= 0);
    if (fd >= 0) writers_.emplace_back(fd, writer);
    if (writers_.size() > kWritersMax) close_writer();
  }

  void write() {
    if (writers_.empty()) return;
    const auto& [fd, writer] = writers_[random_.below(writers_.size())];
    const std::string text(random_.below(30), static_cast<char>('a' + random_.below(26)));
    REQUIRE(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    simulated_.write(writer, text);
    same("write", std::to_string(writer), text, true, true);
  }

  void close_one() {
    if (random_.below(2) == 0 && !writers_.empty()) close_writer();
    if (!readers_.empty()) readers_.erase(readers_.begin() + static_cast<long>(random_.below(readers_.size())));
  }

  void close_writer() {
    const auto writer = writers_.begin() + static_cast<long>(random_.below(writers_.size()));
    ::close(writer->first);
    simulated_.close_writer(writer->second);
    writers_.erase(writer);
  }

  void watch() {
    std::vector<std::string> wanted;
    for (const std::string& path : paths_) {
      const bool is_directory = std::find(directories_.begin(), directories_.end(), path) != directories_.end();
      if (random_.below(is_directory ? 2 : 8) == 0) wanted.push_back(path);
    }
    what_ += "watch\n";
    CHECK(text(real_.watch(wanted)) == text(simulated_.watch(wanted)));
  }

  void look_at(const std::string& path) {
    INFO(path);
    FileStatus real;
    FileStatus simulated;
    const std::error_code error = real_.status(path, real);
    REQUIRE(text(error) == text(simulated_.status(path, simulated)));
    if (!error) compare(real, simulated);

    std::string real_path;
    std::string simulated_path;
    CHECK(text(real_.resolve(path, real_path)) == text(simulated_.resolve(path, simulated_path)));
    CHECK(real_path == simulated_path);

    CHECK(list(real_, path) == list(simulated_, path));
  }

  void look_at(const OpenFile& real_file, const OpenFile& simulated_file) {
    FileStatus real;
    FileStatus simulated;
    REQUIRE_FALSE(real_.status(real_file, real));
    REQUIRE_FALSE(simulated_.status(simulated_file, simulated));
    compare(real, simulated);
    const std::uint64_t from = random_.below(3) * random_.below(real.size_bytes + 2);
    const std::size_t size = random_.below(real.size_bytes + 20);
    CHECK(read(real_, real_file, from, size) == read(simulated_, simulated_file, from, size));
  }

  // Each identity of the one side stands for one of the other, for ever.
  void compare(const FileStatus& real, const FileStatus& simulated) {
    CHECK(real.type == simulated.type);
    CHECK(by_real_.emplace(real.identity, simulated.identity).first->second == simulated.identity);
    CHECK(by_simulated_.emplace(simulated.identity, real.identity).first->second == real.identity);
    if (real.type == FileType::kDirectory) return;  // there, sizes and links are the file system's own
    CHECK(real.size_bytes == simulated.size_bytes);
    CHECK(real.link_count == simulated.link_count);
  }

  TemporaryDirectory directory_;
  std::string root_;
  SeededRandom random_;
  RealFileSystem real_;
  SimulatedFiles simulated_;
  std::vector<std::string> directories_;
  std::vector<std::string> paths_;
  std::vector<std::pair<OpenFile, OpenFile>> readers_;
  std::vector<std::pair<int, int>> writers_;  // a descriptor, and the number of the simulated one
  std::map<FileIdentity, FileIdentity> by_real_;
  std::map<FileIdentity, FileIdentity> by_simulated_;
  std::string what_;  // since the last look
  int successes_ = 0;
};

}  // namespace

TEST_CASE("a reader cannot tell the simulated files from the kernel's", "[simulation]") {
  int successes = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    Twins twins(seed);
    for (int i = 0; i < 500; ++i) {
      twins.change();
      if (i % 2 == 0) twins.look();
    }
    twins.look();
    successes += twins.successes();
  }
  CHECK(successes > 1000);  // of 4000 changes tried
}

}  // namespace tailmeter
