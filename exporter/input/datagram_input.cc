#include "exporter/input/datagram_input.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/un.h>

namespace tailmeter {
namespace {

constexpr std::size_t kSlotBytes = DatagramInput::kDatagramBytesMax + 1;  // with the newline that it may lack
constexpr mode_t kSocketMode = 0666;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t bytes = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

template <typename T>
SocketAddress address_of(const T& address) {
  SocketAddress result;
  std::memcpy(&result.storage, &address, sizeof address);
  result.bytes = sizeof address;
  return result;
}

SocketAddress ipv4_address(const std::string& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address_of(address);
}

SocketAddress ipv6_address(const std::string& host, std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  ::inet_pton(AF_INET6, host.c_str(), &address.sin6_addr);
  return address_of(address);
}

SocketAddress path_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  assert(path.size() < sizeof address.sun_path);
  std::copy(path.begin(), path.end(), address.sun_path);
  return address_of(address);
}

Descriptor make_socket(int family) {
  return Descriptor(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

std::error_code bind_to(const Descriptor& socket, const SocketAddress& address) {
  // The second is for those who may go over net.core.rmem_max. What they give is the system's choice, not an error.
  const int bytes = DatagramInput::kReceiveBufferBytes;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
  return ::bind(socket.get(), address.get(), address.bytes) == 0 ? std::error_code() : last_input_error();
}

// Removes the socket of an earlier run, which nobody reads any more.
std::error_code make_way(const std::string& path, const SocketAddress& address) {
  struct stat there {};
  if (::lstat(path.c_str(), &there) != 0) return errno == ENOENT ? std::error_code() : last_input_error();
  if (!S_ISSOCK(there.st_mode)) return InputError::kNotSocket;
  const Descriptor probe = make_socket(AF_UNIX);
  if (!probe.is_open()) return last_input_error();
  if (::connect(probe.get(), address.get(), address.bytes) == 0 || errno == EPROTOTYPE) return InputError::kSocketInUse;
  if (errno != ECONNREFUSED || ::unlink(path.c_str()) != 0) return last_input_error();
  return {};
}

}  // namespace

DatagramInput::DatagramInput(const InputPlace& place)
    : place_(place),
      name_(name_of(place)),
      buffer_(std::make_unique_for_overwrite<char[]>(kTurnDatagrams * kSlotBytes)) {}

DatagramInput::~DatagramInput() {
  close();
}

std::error_code DatagramInput::open() {
  Descriptor socket;
  const std::error_code error = place_.kind == InputPlace::Kind::kUnixSocket ? bind_path(socket) : bind_udp(socket);
  if (error) return error;
  socket_ = std::move(socket);
  dropped_by_socket_ = 0;
  return {};
}

std::error_code DatagramInput::bind_udp(Descriptor& socket) const {
  const bool is_every = place_.host.empty();
  const bool is_ipv6 = is_every || place_.host.find(':') != std::string::npos;
  if (is_ipv6) {
    socket = make_socket(AF_INET6);
    if (socket.is_open()) {
      const int is_ipv6_only = is_every ? 0 : 1;
      ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &is_ipv6_only, sizeof is_ipv6_only);
      return bind_to(socket, ipv6_address(is_every ? "::" : place_.host, place_.port));
    }
    if (!is_every || errno != EAFNOSUPPORT) return last_input_error();
  }
  socket = make_socket(AF_INET);
  if (!socket.is_open()) return last_input_error();
  return bind_to(socket, ipv4_address(is_every ? "0.0.0.0" : place_.host, place_.port));
}

std::error_code DatagramInput::bind_path(Descriptor& socket) {
  const SocketAddress address = path_address(place_.path);
  if (const std::error_code error = make_way(place_.path, address)) return error;
  socket = make_socket(AF_UNIX);
  if (!socket.is_open()) return last_input_error();
  if (const std::error_code error = bind_to(socket, address)) return error;
  if (::chmod(place_.path.c_str(), kSocketMode) != 0) return last_input_error();
  return ::lstat(place_.path.c_str(), &bound_) == 0 ? std::error_code() : last_input_error();
}

void DatagramInput::close(SourceIndex /*source*/, LineSink& /*sink*/) {
  close();
}

void DatagramInput::close() {
  if (!socket_.is_open()) return;
  static_cast<void>(dropped_datagrams());
  if (place_.kind == InputPlace::Kind::kUnixSocket && !has_moved()) ::unlink(place_.path.c_str());
  socket_.close();
}

bool DatagramInput::has_moved() const {
  if (place_.kind != InputPlace::Kind::kUnixSocket) return false;
  struct stat there {};
  if (::lstat(place_.path.c_str(), &there) != 0) return true;
  return there.st_dev != bound_.st_dev || there.st_ino != bound_.st_ino;
}

Input::Turn DatagramInput::read_turn(SourceIndex source, LineSink& sink) {
  std::array<iovec, kTurnDatagrams> rooms;
  std::array<mmsghdr, kTurnDatagrams> datagrams{};
  for (std::size_t i = 0; i < kTurnDatagrams; ++i) {
    rooms[i] = {buffer_.get() + i * kSlotBytes, kDatagramBytesMax};
    datagrams[i].msg_hdr.msg_iov = &rooms[i];
    datagrams[i].msg_hdr.msg_iovlen = 1;
  }
  // With MSG_TRUNC the length is that of the datagram, also where it did not fit.
  const int got = ::recvmmsg(socket_.get(), datagrams.data(), kTurnDatagrams, MSG_DONTWAIT | MSG_TRUNC, nullptr);
  if (got < 0) {
    if (errno == EAGAIN || errno == EINTR) return {};
    const std::error_code error = last_input_error();
    close();
    return {.units = 0, .error = error};
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
    take(buffer_.get() + i * kSlotBytes, datagrams[i].msg_len, source, sink);
  }
  return {.units = static_cast<std::uint64_t>(got)};
}

void DatagramInput::take(char* datagram, std::size_t bytes, SourceIndex source, LineSink& sink) const {
  if (bytes == 0) return;
  if (bytes > kDatagramBytesMax) {
    sink.take_oversize(source, bytes);
    return;
  }
  char& last = datagram[bytes - 1];
  if (last == '\0') last = '\n';
  if (last != '\n') datagram[bytes++] = '\n';
  sink.take({source, name_, {datagram, bytes}});
}

// SO_RXQ_OVFL gives the same count, but only with the next datagram that is taken: after a burst there may be none.
std::uint64_t DatagramInput::dropped_datagrams() {
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t bytes = sizeof memory;
  if (socket_.is_open() && ::getsockopt(socket_.get(), SOL_SOCKET, SO_MEMINFO, memory.data(), &bytes) == 0 &&
      bytes > SK_MEMINFO_DROPS * sizeof(std::uint32_t)) {
    const std::uint32_t dropped = memory[SK_MEMINFO_DROPS];
    dropped_datagrams_ += dropped - std::exchange(dropped_by_socket_, dropped);  // it begins anew at 2^32
  }
  return dropped_datagrams_;
}

}  // namespace tailmeter
