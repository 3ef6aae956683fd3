#include "exporter/web/listening_socket.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "exporter/web/listen_error.h"

namespace tailmeter {
namespace {

constexpr mode_t kSocketMode = 0660;

// tcp(7): what the kernel keeps of an answer beyond what the client has room for. It would take megabytes of each for
// clients that read slowly.
constexpr int kUnsentBytes = 128 * 1024;

std::error_code last_error() {
  return {errno, std::system_category()};
}

struct AddressesDeleter {
  void operator()(addrinfo* addresses) const { ::freeaddrinfo(addresses); }
};
using Addresses = std::unique_ptr<addrinfo, AddressesDeleter>;

// The addresses of a host; null if it has none.
Addresses addresses_of(const std::string& host, int port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV | flags;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return nullptr;
  return Addresses(found);
}

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

bool fits_unix_address(const std::string& path) {
  return path.size() < sizeof(sockaddr_un::sun_path);
}

// A socket that a run left which was killed. False if something else has the name: that is not ours to remove.
bool remove_socket(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return true;
  return S_ISSOCK(status.st_mode) && ::unlink(path.c_str()) == 0;
}

// True if somebody listens on the unix socket at `path`.
bool is_answered(const std::string& path) {
  const sockaddr_un address = unix_address(path);
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
  return errno == EAGAIN;  // its queue is full
}

std::error_code listen_on(int fd, const sockaddr* address, socklen_t size, int backlog) {
  if (::bind(fd, address, size) != 0 || ::listen(fd, backlog) != 0) return last_error();
  return {};
}

void set(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof value);
}

// Not SO_REUSEPORT: a second exporter on the same port must be refused, not share the scrapes.
std::error_code listen_on(const addrinfo& address, int backlog, Descriptor& socket) {
  socket = Descriptor(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) return last_error();
  set(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.ai_family == AF_INET6) set(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  return listen_on(socket.get(), address.ai_addr, address.ai_addrlen, backlog);
}

int port_of(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  sockaddr_in6 inet{};  // whose port lies where that of sockaddr_in does
  std::memcpy(&inet, &address, sizeof inet);
  return ntohs(inet.sin6_port);
}

std::string number_of(const sockaddr* address, socklen_t size) {
  char host[NI_MAXHOST] = "";
  ::getnameinfo(address, size, host, sizeof host, nullptr, 0, NI_NUMERICHOST);
  return host;
}

// Where a socket listens that somebody else has opened.
ListenAddress address_of(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  if (address.ss_family == AF_UNIX) {
    sockaddr_un name{};
    std::memcpy(&name, &address, sizeof name);
    name.sun_path[sizeof name.sun_path - 1] = '\0';
    return {name.sun_path, 0, true};
  }
  return {number_of(reinterpret_cast<const sockaddr*>(&address), size), port_of(fd), false};
}

}  // namespace

std::vector<ListenAddress> resolve(const ListenAddress& address) {
  if (address.is_unix || address.host.empty()) return {address};
  std::vector<ListenAddress> found;
  const Addresses addresses = addresses_of(address.host, address.port, 0);
  for (const addrinfo* one = addresses.get(); one != nullptr; one = one->ai_next) {
    std::string host = number_of(one->ai_addr, one->ai_addrlen);
    const bool is_known =
        std::any_of(found.begin(), found.end(), [&](const auto& known) { return known.host == host; });
    if (!is_known) found.push_back({std::move(host), address.port, false});
  }
  return found;
}

ListeningSocket::ListeningSocket(Descriptor socket)
    : address_(address_of(socket.get())),
      socket_(std::move(socket)),
      url_(address_url(address_, address_.port)),
      is_inherited_(true) {}

ListeningSocket::~ListeningSocket() {
  if (has_made_file_) ::unlink(address_.host.c_str());
}

std::error_code ListeningSocket::open(int backlog) {
  const std::error_code error = address_.is_unix ? open_unix(backlog) : open_inet(backlog);
  if (error) {
    socket_ = Descriptor();
    return error;
  }
  if (!address_.is_unix) address_.port = port_of(socket_.get());  // to be had again
  url_ = address_url(address_, address_.port);
  return {};
}

std::error_code ListeningSocket::open_again(int backlog) {
  if (is_inherited_) return {EBADF, std::system_category()};
  socket_.close();
  return open(backlog);
}

std::error_code ListeningSocket::open_unix(int backlog) {
  const std::string& path = address_.host;
  if (!fits_unix_address(path)) return ListenError::kLongPath;
  if (is_answered(path)) return {EADDRINUSE, std::system_category()};
  if (!remove_socket(path)) return ListenError::kNoSocket;
  socket_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_.is_open()) return last_error();
  // The file never gives more than it is to give: it is made with no more than this, and less where the umask takes
  // away, which chmod() gives back.
  ::fchmod(socket_.get(), kSocketMode);
  const sockaddr_un address = unix_address(path);
  const std::error_code error =
      listen_on(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address, backlog);
  if (error) return error;
  has_made_file_ = true;
  ::chmod(path.c_str(), kSocketMode);
  return {};
}

// Without a host, all addresses: IPv6 and IPv4, or IPv4 alone where there is no IPv6.
std::error_code ListeningSocket::open_inet(int backlog) {
  const bool is_any = address_.host.empty();
  const Addresses address = addresses_of(is_any ? "::" : address_.host, address_.port, AI_NUMERICHOST);
  if (!address) return ListenError::kNoAddress;
  const std::error_code error = listen_on(*address, backlog, socket_);
  const bool has_no_ipv6 =
      error == std::errc::address_family_not_supported || error == std::errc::address_not_available;
  if (!is_any || !has_no_ipv6) return error;
  const Addresses ipv4 = addresses_of("0.0.0.0", address_.port, AI_NUMERICHOST);
  return ipv4 ? listen_on(*ipv4, backlog, socket_) : error;
}

ListeningSocket::Taken ListeningSocket::take() {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  Descriptor taken(
      ::accept4(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!taken.is_open()) return {.error = errno};
  // Refused on a unix socket: no matter.
  set(taken.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  set(taken.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentBytes);
  return {.socket = std::move(taken), .peer = describe_peer(address)};
}

bool ListeningSocket::has_waiting() const {
  pollfd waiting{socket_.get(), POLLIN, 0};
  return ::poll(&waiting, 1, 0) == 1;
}

}  // namespace tailmeter
