// Sockets for syslog, with real ones on loopback and in a temporary directory.
#include "exporter/input/datagram_input.h"

#include <cstring>
#include <fstream>

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "test/input/input_lab.h"

namespace tailmeter {
namespace {

InputPlace unix_socket(const std::string& path) {
  return {.source = 0, .kind = InputPlace::Kind::kUnixSocket, .path = path};
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

sockaddr_in6 ipv6_address(std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  address.sin6_addr = in6addr_loopback;
  return address;
}

sockaddr_in ipv4_address(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Whoever sends datagrams to one address.
class Sender {
 public:
  template <typename Address>
  explicit Sender(const Address& address)
      : socket_(::socket(reinterpret_cast<const sockaddr&>(address).sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0)),
        is_connected_(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {}

  [[nodiscard]] bool is_connected() const { return is_connected_; }
  [[nodiscard]] int fd() const { return socket_.get(); }
  bool send(std::string_view bytes, int flags = 0) const {
    return ::send(socket_.get(), bytes.data(), bytes.size(), flags) == static_cast<ssize_t>(bytes.size());
  }

 private:
  Descriptor socket_;
  bool is_connected_;
};

std::uint16_t free_port() {
  const Descriptor probe(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = ipv4_address(0);
  socklen_t bytes = sizeof address;
  REQUIRE(::bind(probe.get(), reinterpret_cast<sockaddr*>(&address), bytes) == 0);
  REQUIRE(::getsockname(probe.get(), reinterpret_cast<sockaddr*>(&address), &bytes) == 0);
  return ntohs(address.sin_port);
}

InputPlace udp(const std::string& host, std::uint16_t port) {
  return {.source = 0, .kind = InputPlace::Kind::kUdp, .path = {}, .host = host, .port = port};
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? status.st_mode : 0;
}

}  // namespace

TEST_CASE("a datagram is one line or several, however its end is written", "[input]") {
  TemporaryDirectory directory;
  const std::string path = directory / "socket";
  InputLab lab({unix_socket(path)});
  const Sender sender(address_of(path));
  struct Case {
    std::string datagram;
    std::string lines;
  };
  const std::string longest(200'000, 'x');
  for (const Case& each :
       {Case{"one", "one\n"}, Case{"one\n", "one\n"}, Case{{"one\0", 4}, "one\n"}, Case{"one\ntwo", "one\ntwo\n"},
        Case{"one\n\ntwo\n", "one\n\ntwo\n"}, Case{"", ""}, Case{"\n", "\n"}, Case{{"\0", 1}, "\n"},
        Case{{"a\0b", 3}, std::string("a\0b\n", 4)}, Case{longest, longest + '\n'}}) {
    REQUIRE(sender.send(each.datagram));
    CHECK((lab.settle().take_lines() == each.lines));
  }
  CHECK(lab.sink().path == "unix:" + path);
  CHECK(lab.sink().oversize.empty());
}

TEST_CASE("a datagram that does not fit counts as one line that is too long, with its size", "[input]") {
  TemporaryDirectory directory;
  const std::string path = directory / "socket";
  InputLab lab({unix_socket(path)});
  const Sender sender(address_of(path));
  const int wanted_bytes = 1 << 20;
  ::setsockopt(sender.fd(), SOL_SOCKET, SO_SNDBUF, &wanted_bytes, sizeof wanted_bytes);
  if (!sender.send(std::string(DatagramInput::kDatagramBytesMax + 1, 'x'))) {
    WARN("not tested: net.core.wmem_max allows no datagram of such a size");
    return;
  }
  REQUIRE(sender.send("one"));
  REQUIRE(sender.send(std::string(DatagramInput::kDatagramBytesMax, 'y')));
  const std::string lines = lab.settle().take_lines();
  CHECK(lines.size() == 4 + DatagramInput::kDatagramBytesMax + 1);
  CHECK(lab.sink().oversize == std::vector<std::uint64_t>{DatagramInput::kDatagramBytesMax + 1});
}

TEST_CASE("UDP is taken on IPv4, on IPv6, and on every address", "[input]") {
  const std::uint16_t port = free_port();
  const auto host = GENERATE(values<std::string>({"127.0.0.1", "::1", ""}));
  InputLab lab({udp(host, port)});
  if (lab.inputs().fds().empty()) {
    WARN("not tested: the machine has no address " << host);
    return;
  }
  if (host != "::1") REQUIRE(Sender(ipv4_address(port)).send("four"));
  CHECK(lab.settle().take_lines() == (host != "::1" ? "four\n" : ""));
  const Sender sender(ipv6_address(port));
  if (host == "::1") REQUIRE((sender.is_connected() && sender.send("six")));
  CHECK(lab.settle().take_lines() == (host == "::1" ? "six\n" : ""));
  const std::string shown = host == "::1" ? "[::1]" : host;
  CHECK(lab.sink().path == "udp://" + shown + ':' + std::to_string(port));
}

TEST_CASE("an address that is taken is said once, and bound when it is free", "[input]") {
  const std::uint16_t port = free_port();
  auto first = std::make_unique<InputLab>(std::vector{udp("127.0.0.1", port)});
  InputLab second({udp("127.0.0.1", port)});
  second.look();
  CHECK(second.take_news() == News{"unreadable: Address already in use"});
  first.reset();
  second.look();
  CHECK(second.take_news() == News{"open"});
}

TEST_CASE("in a flood, what was taken and what the kernel dropped is what was sent", "[input]") {
  const std::uint16_t port = free_port();
  const Sender sender(ipv4_address(port));
  auto lab = std::make_unique<InputLab>(std::vector{udp("127.0.0.1", port)});
  constexpr std::uint64_t kSent = 100'000;
  const std::string datagram(100, 'x');
  for (std::uint64_t i = 0; i < kSent; ++i) REQUIRE(sender.send(datagram));
  lab->settle();
  const std::uint64_t taken = lab->take_lines().size() / (datagram.size() + 1);
  const std::uint64_t dropped = lab->inputs().status(0).dropped_datagrams;
  CHECK(taken > 0);
  CHECK(dropped > 0);  // no buffer holds them all
  CHECK(taken + dropped == kSent);
  lab->inputs().restore_dropped_datagrams(0, 7);
  CHECK(lab->inputs().status(0).dropped_datagrams == dropped + 7);
}

TEST_CASE("a flood holds up neither another input nor a scrape", "[input]") {
  TemporaryDirectory directory;
  const std::uint16_t port = free_port();
  InputLab lab({udp("127.0.0.1", port), unix_socket(directory / "socket")});
  const Sender flood(ipv4_address(port));
  struct FloodingSink final : RecordingSink {
    void take(const Batch& batch) override {
      if (batch.bytes == "quiet\n") ++quiet;
      ++batches;
      sender->send("flood");
      sender->send("flood");
    }
    const Sender* sender = nullptr;
    std::uint64_t quiet = 0;
    std::uint64_t batches = 0;
  } sink;
  sink.sender = &flood;
  for (std::size_t i = 0; i < 2 * DatagramInput::kTurnDatagrams; ++i) REQUIRE(flood.send("flood"));
  REQUIRE(Sender(address_of(directory / "socket")).send("quiet"));

  lab.inputs().poll(lab.now(), sink);
  CHECK(sink.quiet == 1);
  CHECK(sink.batches == DatagramInput::kTurnDatagrams + 1);

  sink.batches = 0;
  CHECK(lab.inputs().drain(lab.now(), sink, [] { return false; }));
  CHECK(sink.batches >= DatagramInput::kBacklogDatagramsMax);  // or it was no flood
  CHECK(sink.batches < DatagramInput::kBacklogDatagramsMax + 2 * DatagramInput::kTurnDatagrams);

  sink.batches = 0;
  CHECK_FALSE(lab.inputs().drain(lab.now(), sink, [] { return true; }));
  CHECK(sink.batches == 0);
}

TEST_CASE("the socket may be written by everyone, whatever the umask, and is gone at the end", "[input]") {
  TemporaryDirectory directory;
  const std::string path = directory / "socket";
  const mode_t umask = ::umask(0077);
  auto lab = std::make_unique<InputLab>(std::vector{unix_socket(path)});
  ::umask(umask);
  CHECK(mode_of(path) == (S_IFSOCK | 0666));
  lab.reset();
  CHECK(mode_of(path) == 0);
}

TEST_CASE("the socket that an earlier run left behind is replaced", "[input]") {
  TemporaryDirectory directory;
  const std::string path = directory / "socket";
  {
    const Descriptor earlier(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = address_of(path);
    REQUIRE(::bind(earlier.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  REQUIRE(mode_of(path) != 0);
  InputLab lab({unix_socket(path)});
  CHECK(lab.take_news() == News{"open"});
  REQUIRE(Sender(address_of(path)).send("one"));
  CHECK(lab.settle().take_lines() == "one\n");
}

TEST_CASE("a socket that is in use, and what is no socket, is left alone", "[input]") {
  TemporaryDirectory directory;
  const std::string path = directory / "socket";
  InputLab first({unix_socket(path)});
  {
    InputLab second({unix_socket(path)});
    CHECK(second.take_news() ==
          News{"unreadable: another program takes datagrams there; stop it, or choose another path"});
  }
  REQUIRE(Sender(address_of(path)).send("one"));
  CHECK(first.settle().take_lines() == "one\n");

  const std::string file = directory / "file";
  std::ofstream(file) << "text\n";
  {
    InputLab third({unix_socket(file)});
    CHECK(third.take_news() == News{"unreadable: there is something else than a socket, which is left alone; remove "
                                    "it, or choose another path"});
  }
  CHECK(S_ISREG(mode_of(file)));
}

TEST_CASE("a socket whose path was removed is bound again, and what it held is taken", "[input]") {
  TemporaryDirectory directory;
  const std::string path = directory / "socket";
  InputLab lab({unix_socket(path)});
  const Sender sender(address_of(path));
  REQUIRE(sender.send("one"));
  REQUIRE(::unlink(path.c_str()) == 0);
  CHECK(lab.look().take_lines() == "one\n");
  REQUIRE(Sender(address_of(path)).send("two"));
  CHECK(lab.settle().take_lines() == "two\n");
  CHECK(lab.take_news() == News{"open", "open"});
}

}  // namespace tailmeter
