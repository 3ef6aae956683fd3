// Why an address is not listened on, where the system has no words for it.
#pragma once

#include <system_error>

namespace tailmeter {

enum class ListenError {
  kNoAddress = 1,  // of a host
  kNoSocket,       // the file has the name of a unix socket
  kLongPath,       // of a unix socket
};

// For std::error_code, whose message is for the user.
[[nodiscard]] std::error_code make_error_code(ListenError error);

}  // namespace tailmeter

template <>
struct std::is_error_code_enum<tailmeter::ListenError> : std::true_type {};
