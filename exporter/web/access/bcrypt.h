// bcrypt by libxcrypt's crypt_rn(3).
#pragma once

#include <cstddef>
#include <string>

namespace tailmeter {

// Of a password these count, as in every bcrypt.
inline constexpr std::size_t kBcryptPasswordBytes = 72;

// The whole hash of `password`, to its first NUL, by the cost and the salt that `setting`, $2a$, $2b$ or $2y$, begins
// with; "" if it is no setting. Takes from milliseconds to hours, by the cost. Any thread.
[[nodiscard]] std::string bcrypt(const std::string& password, std::string setting);

}  // namespace tailmeter
