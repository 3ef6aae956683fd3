// FIFOs and standard input.
#include <fstream>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exporter/descriptors/descriptor.h"
#include "test/input/input_lab.h"

namespace tailmeter {
namespace {

InputPlace fifo(const std::string& path) {
  return {.source = 0, .kind = InputPlace::Kind::kFifo, .path = path};
}

Descriptor writer_of(const std::string& path) {
  Descriptor writer(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  REQUIRE(writer.is_open());  // ENXIO: nobody reads
  return writer;
}

void write(const Descriptor& to, std::string_view bytes) {
  REQUIRE(::write(to.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
}

// The program's standard input is `fd` as long as this lives.
class StandardInput {
 public:
  explicit StandardInput(int fd) : saved_(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)) { ::dup2(fd, STDIN_FILENO); }
  ~StandardInput() { ::dup2(saved_.get(), STDIN_FILENO); }

 private:
  Descriptor saved_;
};

}  // namespace

TEST_CASE("what is written to a FIFO comes as whole lines under its path", "[input]") {
  TemporaryDirectory directory;
  const std::string path = directory / "log";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  InputLab lab({fifo(path)});
  const Descriptor writer = writer_of(path);
  write(writer, "one\ntw");
  CHECK(lab.settle().take_lines() == "one\n");
  CHECK(lab.inputs().status(0).pending_bytes == 2);
  write(writer, "o\n");
  CHECK(lab.settle().take_lines() == "two\n");
  CHECK(lab.sink().path == path);
  CHECK(lab.take_news() == News{"open"});
}

TEST_CASE("writers that come and go cost no line, join no two, and leave nothing to wake up for", "[input]") {
  TemporaryDirectory directory;
  const std::string path = directory / "log";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  InputLab lab({fifo(path)});
  CHECK_FALSE(lab.is_readable());
  for (int i = 0; i < 100; ++i) {
    write(writer_of(path), "unended");
    if (i % 3 == 0) lab.step();
    if (i % 3 != 1) lab.settle();
    write(writer_of(path), "\nended\n");
    if (i % 2 == 0) lab.settle();
    static_cast<void>(writer_of(path));  // and one that says nothing
  }
  lab.settle();
  std::string lines = lab.take_lines();
  CHECK(std::count(lines.begin(), lines.end(), '\n') >= 200);
  for (std::size_t at = 0; (at = lines.find("unendedunended", at)) != std::string::npos; ++at) FAIL("joined");
  CHECK_FALSE(lab.is_readable());
  CHECK(lab.inputs().status(0).pending_bytes == 0);
  CHECK(lab.take_news() == News{"open"});
}

TEST_CASE("an unended last line is a line when its writer is gone", "[input]") {
  TemporaryDirectory directory;
  const std::string path = directory / "log";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  InputLab lab({fifo(path)});
  for (const char* const text : {"one", "two", "three"}) {
    write(writer_of(path), text);
    CHECK(lab.settle().take_lines() == text + std::string("\n"));
  }
  const Descriptor first = writer_of(path);
  write(first, "fo");
  write(writer_of(path), "ur\n");  // another is still there
  CHECK(lab.settle().take_lines() == "four\n");
}

TEST_CASE("a FIFO that is not there, or is something else, is said once and read when it comes", "[input]") {
  TemporaryDirectory directory;
  const std::string path = directory / "log";
  InputLab lab({fifo(path)});
  CHECK(lab.take_news() == News{"unreadable: No such file or directory"});
  CHECK(lab.inputs().status(0).inputs_unreadable == 1);
  lab.look().look();
  CHECK(lab.take_news().empty());
  std::ofstream(path) << "text\n";
  lab.look().look();
  CHECK(lab.take_news() == News{"unreadable: not a FIFO; make one with mkfifo, or follow a file with files:"});
  REQUIRE(::unlink(path.c_str()) == 0);
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  lab.look();
  CHECK(lab.take_news() == News{"open"});
  CHECK(lab.inputs().status(0).inputs_unreadable == 0);
  CHECK(lab.inputs().status(0).inputs_open == 1);
  write(writer_of(path), "one\n");
  CHECK(lab.settle().take_lines() == "one\n");
}

TEST_CASE("a FIFO that was replaced is read to its end, and then the one that has its name", "[input]") {
  TemporaryDirectory directory;
  const std::string path = directory / "log";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  InputLab lab({fifo(path)});
  const Descriptor old_writer = writer_of(path);
  REQUIRE(::unlink(path.c_str()) == 0);
  write(old_writer, "one\n");
  CHECK(lab.look().settle().take_lines() == "one\n");  // without a name, and with a writer
  write(old_writer, "two\nthr");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(lab.look().take_lines() == "two\nthr\n");
  write(writer_of(path), "four\n");
  CHECK(lab.settle().take_lines() == "four\n");
}

TEST_CASE("a scrape gets what is in the FIFO when it comes", "[input]") {
  TemporaryDirectory directory;
  const std::string path = directory / "log";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  InputLab lab({fifo(path)});
  const Descriptor writer = writer_of(path);
  REQUIRE(::fcntl(writer.get(), F_SETPIPE_SZ, 1 << 20) >= 1 << 20);
  std::string lines;
  while (lines.size() < 900'000) lines += "line number " + std::to_string(lines.size()) + '\n';
  write(writer, lines);
  CHECK(lab.inputs().drain(lab.now(), lab.sink(), [] { return false; }));
  CHECK((lab.take_lines() == lines));
}

TEST_CASE("standard input is read to its end, which is said, and nobody is asked for more", "[input]") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const Descriptor reader(ends[0]);
  Descriptor writer(ends[1]);
  const StandardInput standard_input(reader.get());
  InputLab lab({{.source = 0, .kind = InputPlace::Kind::kStandardInput}});
  CHECK(lab.step().take_lines().empty());  // and does not wait, although the pipe would
  write(writer, "one\ntwo");
  CHECK(lab.settle().take_lines() == "one\n");
  CHECK(lab.sink().path == "-");
  writer.close();
  CHECK(lab.settle().take_lines() == "two\n");
  lab.look().look();
  CHECK(lab.take_news() == News{"open", "ended"});
  CHECK(lab.inputs().fds().empty());
  CHECK(lab.inputs().status(0).inputs_unreadable == 0);
}

}  // namespace tailmeter
