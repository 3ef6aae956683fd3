#include "test/support/certificate_files.h"

#include <cstdlib>
#include <stdexcept>

namespace tailmeter {

CertificateFiles::CertificateFiles() {
  make("ca", "", "DNS:ca");
}

void CertificateFiles::run(const std::string& arguments) {
  const std::string command = "cd '" + directory_.path().string() + "' && openssl " + arguments + " 2>errors";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

void CertificateFiles::make(const std::string& name, const std::string& ca, const std::string& names) {
  run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name + " -keyout " + name +
      ".key -out " + name + ".pem -addext 'subjectAltName=" + names + "'" +
      (ca.empty() ? "" : " -CA " + ca + ".pem -CAkey " + ca + ".key -addext basicConstraints=critical,CA:false"));
}

}  // namespace tailmeter
