#include "exporter/version.h"

namespace tailmeter {

std::string version() {
  return TAILMETER_VERSION;
}

std::string compiler() {
#ifdef __clang__
  return "clang " __clang_version__;
#else
  return "gcc " __VERSION__;
#endif
}

std::string version_text() {
  return "tailmeter, version " + version() + " (" + compiler() + ")";
}

}  // namespace tailmeter
