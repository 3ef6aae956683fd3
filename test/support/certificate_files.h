// CertificateFiles for one test, made by the openssl command.
#pragma once

#include <string>

#include "test/support/temporary_directory.h"

namespace tailmeter {

// Throws std::runtime_error if the command fails.
class CertificateFiles {
 public:
  CertificateFiles();

  // Makes NAME.pem and NAME.key, signed by the authority `ca`, or by itself without one. `names` as openssl has them:
  // DNS:a.example.org,IP:192.0.2.1.
  void make(const std::string& name, const std::string& ca, const std::string& names = "DNS:localhost");

  [[nodiscard]] std::string certificate(const std::string& name) const { return directory_ / (name + ".pem"); }
  [[nodiscard]] std::string key(const std::string& name) const { return directory_ / (name + ".key"); }
  [[nodiscard]] const TemporaryDirectory& directory() const { return directory_; }

  void run(const std::string& arguments);  // of openssl, in the directory

 private:
  TemporaryDirectory directory_;
};

}  // namespace tailmeter
