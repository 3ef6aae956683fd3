#include "exporter/input/input.h"

#include <cerrno>

#include "exporter/input/datagram_input.h"
#include "exporter/input/stream_input.h"

namespace tailmeter {
namespace {

class InputErrorCategory : public std::error_category {
 public:
  const char* name() const noexcept override { return "input"; }
  std::string message(int error) const override {
    switch (static_cast<InputError>(error)) {
      case InputError::kNotFifo:
        return "not a FIFO; make one with mkfifo, or follow a file with files:";
      case InputError::kNotSocket:
        return "there is something else than a socket, which is left alone; remove it, or choose another path";
      case InputError::kSocketInUse:
        return "another program takes datagrams there; stop it, or choose another path";
    }
    return "unknown error";
  }
};

}  // namespace

std::error_code make_error_code(InputError error) {
  static const InputErrorCategory category;
  return {static_cast<int>(error), category};
}

std::error_code last_input_error() {
  return {errno, std::generic_category()};
}

std::string name_of(const InputPlace& place) {
  switch (place.kind) {
    case InputPlace::Kind::kFifo:
      return place.path;
    case InputPlace::Kind::kStandardInput:
      return "-";
    case InputPlace::Kind::kUnixSocket:
      return "unix:" + place.path;
    case InputPlace::Kind::kUdp:
      break;
  }
  const bool is_ipv6 = place.host.find(':') != std::string::npos;
  return "udp://" + (is_ipv6 ? '[' + place.host + ']' : place.host) + ':' + std::to_string(place.port);
}

std::unique_ptr<Input> make_input(const InputPlace& place) {
  switch (place.kind) {
    case InputPlace::Kind::kFifo:
    case InputPlace::Kind::kStandardInput:
      return std::make_unique<StreamInput>(place);
    case InputPlace::Kind::kUdp:
    case InputPlace::Kind::kUnixSocket:
      break;
  }
  return std::make_unique<DatagramInput>(place);
}

}  // namespace tailmeter
