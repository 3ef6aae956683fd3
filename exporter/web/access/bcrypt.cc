#include "exporter/web/access/bcrypt.h"

#include <cstring>
#include <memory>

#include <crypt.h>

namespace tailmeter {

std::string bcrypt(const std::string& password, std::string setting) {
  if (setting.size() < 4) return "";
  // The three are one: libxcrypt hashes some passwords otherwise for $2a$, against a fault of its own past.
  setting[2] = 'b';
  const std::string counted = password.substr(0, kBcryptPasswordBytes);  // crypt_rn() refuses 512 bytes
  const auto data = std::make_unique<crypt_data>();                      // 32 KiB
  const char* const hash = ::crypt_rn(counted.c_str(), setting.c_str(), data.get(), sizeof *data);
  std::string result = hash == nullptr ? "" : hash;
  ::explicit_bzero(data.get(), sizeof *data);
  return result;
}

}  // namespace tailmeter
