#include "exporter/web/listen_error.h"

#include <string>

namespace tailmeter {
namespace {

class ListenErrors final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "listen"; }
  [[nodiscard]] std::string message(int error) const override {
    switch (static_cast<ListenError>(error)) {
      case ListenError::kNoAddress:
        return "no address is known for this name: write the address, or a name that is in /etc/hosts or in DNS";
      case ListenError::kNoSocket:
        return "the file there is no socket: remove it, or choose another path";
      case ListenError::kLongPath:
        return "the path of a unix socket has at most 107 bytes: choose a shorter one";
    }
    return "";
  }
};

}  // namespace

std::error_code make_error_code(ListenError error) {
  static const ListenErrors errors;
  return {static_cast<int>(error), errors};
}

}  // namespace tailmeter
