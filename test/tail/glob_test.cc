#include "exporter/tail/glob.h"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "exporter/tail/path.h"
#include "exporter/tail/real_file_system.h"
#include "test/support/temporary_directory.h"

namespace tailmeter {
namespace {

// A tree of files, with the paths that a pattern comes to cut to those inside.
class Tree {
 public:
  TemporaryDirectory directory;

  void make(const std::string& path) const {
    std::filesystem::create_directories(std::filesystem::path(directory / path).parent_path());
    std::ofstream(directory / path) << '\n';
  }

  [[nodiscard]] Expansion expand(const std::string& pattern) {
    Expansion expansion;
    Glob(directory / pattern).expand(files_, expansion);
    return expansion;
  }

  [[nodiscard]] std::set<std::string> paths(const std::string& pattern) { return cut(expand(pattern).paths); }
  [[nodiscard]] std::set<std::string> directories(const std::string& pattern) {
    return cut(expand(pattern).directories);
  }

 private:
  [[nodiscard]] std::set<std::string> cut(const std::set<std::string>& paths) const {
    std::set<std::string> inside;
    for (const std::string& path : paths) {
      inside.insert(path == directory.path() ? "." : path.substr(directory.path().string().size() + 1));
    }
    return inside;
  }

  RealFileSystem files_;
};

}  // namespace

TEST_CASE("a path has a directory and a name, and both make the path again", "[tail]") {
  struct Case {
    const char *path, *directory, *name;
  };
  const Case c =
      GENERATE(Case{"/var/log/a", "/var/log", "a"}, Case{"/a", "/", "a"}, Case{"a", ".", "a"}, Case{"x/a", "x", "a"});
  CHECK(parent_directory(c.path) == c.directory);
  CHECK(file_name(c.path) == c.name);
  CHECK(join_path(c.directory, c.name) == c.path);
  CHECK(join_path(c.directory, "") == c.directory);
}

TEST_CASE("wildcards match within names, and ** any number of directories", "[tail]") {
  struct Case {
    const char *pattern, *path;
    bool matches;
  };
  const Case c = GENERATE(
      Case{"/l/a.log", "/l/a.log", true}, Case{"/l/a.log", "/l/b.log", false}, Case{"/l/*.log", "/l/a.log", true},
      Case{"/l/*.log", "/l/s/a.log", false}, Case{"/l/?.log", "/l/a.log", true}, Case{"/l/?.log", "/l/ab.log", false},
      Case{"/l/[a-c].log", "/l/b.log", true}, Case{"/l/[!a-c].log", "/l/b.log", false},
      Case{"/l/[a.log", "/l/[a.log", true}, Case{"/l/**/a.log", "/l/a.log", true},
      Case{"/l/**/a.log", "/l/x/y/a.log", true}, Case{"/l/**/a.log", "/a.log", false}, Case{"/l/**", "/l/x/y", true},
      Case{"/l/**", "/l", false}, Case{"/**/*.log", "/x/a.log", true}, Case{"/l/*", "/l/.hidden", false},
      Case{"/l/.*", "/l/.hidden", true}, Case{"/l/**/a.log", "/l/.git/a.log", false},
      Case{"//l/./a.log", "/l/a.log", true}, Case{"l/*.log", "l/a.log", true}, Case{"l/*.log", "/l/a.log", false},
      Case{"/l/{a,b}.log", "/l/a.log", false}, Case{"/l/a\\*b", "/l/a\\xb", true}, Case{"/l/**/**/a", "/l/x/a", true});
  CAPTURE(c.pattern, c.path);
  CHECK(Glob(c.pattern).matches(c.path) == c.matches);
}

TEST_CASE("a pattern knows which paths it can lead through", "[tail]") {
  const Glob glob("/var/log/*/access.log");
  CHECK(glob.leads_to("/var"));
  CHECK(glob.leads_to("/var/log/nginx"));
  CHECK(glob.leads_to("/var/log/nginx/access.log"));
  CHECK_FALSE(glob.leads_to("/var/log/nginx/error.log"));
  CHECK_FALSE(glob.leads_to("/var/log/nginx/access.log/x"));
  CHECK_FALSE(glob.leads_to("/srv"));
  CHECK(Glob("/var/**/a").leads_to("/var/x/y/z"));
}

TEST_CASE("only a pattern without wildcards names a path", "[tail]") {
  CHECK(Glob("/var//log/./a.log").literal_path() == "/var/log/a.log");
  CHECK(Glob("./a.log").literal_path() == "a.log");
  CHECK(Glob("../a.log").literal_path() == "../a.log");
  CHECK(Glob("/var/*/a.log").literal_path().empty());
}

TEST_CASE("a pattern comes to the files that are there", "[tail]") {
  Tree tree;
  for (const char* path : {"a.log", "b.log", ".c.log", "x/a.log", "x/y/a.log", ".git/a.log"}) tree.make(path);
  std::filesystem::create_directory_symlink("x", tree.directory / "z");
  std::filesystem::create_directory(tree.directory / "directory.log");
  using Paths = std::set<std::string>;
  CHECK(tree.paths("*.log") == Paths{"a.log", "b.log"});
  CHECK(tree.paths("*/a.log") == Paths{"x/a.log", "z/a.log", "directory.log/a.log", "a.log/a.log", "b.log/a.log"});
  CHECK(tree.paths("*/[a].log") == Paths{"x/a.log", "z/a.log"});
  CHECK(tree.paths("**/[a].log") == Paths{"a.log", "x/a.log", "x/y/a.log"});
  CHECK(tree.paths("x/**") == Paths{"x/a.log", "x/y/a.log"});
  CHECK(tree.paths("*.txt").empty());
  CHECK(tree.paths("missing.log") == Paths{"missing.log"});
  CHECK(tree.paths("missing/*.log").empty());
}

TEST_CASE("the directories to watch are those that exist on the way to a match", "[tail]") {
  Tree tree;
  tree.make("x/y/a.log");
  using Paths = std::set<std::string>;
  CHECK(tree.directories("x/y/a.log") == Paths{"x/y"});
  CHECK(tree.directories("x/missing/deep/a.log") == Paths{"x"});
  CHECK(tree.directories("x/y/a.log/b") == Paths{"x/y"});
  CHECK(tree.directories("x/*/a.log") == Paths{"x", "x/y"});
  CHECK(tree.directories("missing/*.log") == Paths{"."});
  CHECK(tree.directories("**/a.log") == Paths{".", "x", "x/y"});
}

}  // namespace tailmeter
