// Any bytes as web.yml: settings that can be put in force, or reports that have a place.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <openssl/ssl.h>
#include <re2/re2.h>

#include "exporter/web/access/credentials.h"
#include "exporter/web/access/web_config.h"

namespace tailmeter {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// Each report begins with a place, but for the few about the file as a whole; what follows quotes a line of it.
void check_reports(const std::string& reports) {
  static const RE2 line(
      R"(web\.yml:[1-9][0-9]*:[1-9][0-9]*: .*|web\.yml: the file has more than .*|\s*[0-9]+ \| .*|      \| .*\^|\.\.\. and [0-9]+ more errors)",
      RE2::Latin1);
  std::string_view rest = reports;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    require(RE2::FullMatch({rest.data(), end}, line));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

void check_pem(const WebConfig::Pem& pem) {
  require(pem.text.empty() != pem.path.empty());
  require(pem.place.line > 0 && pem.place.column > 0);
}

void check_tls(const WebConfig::Tls& tls) {
  check_pem(tls.certificate);
  check_pem(tls.key);
  const bool verifies =
      tls.client_auth == ClientAuth::kVerifiedIfGiven || tls.client_auth == ClientAuth::kRequiredAndVerified;
  require(tls.client_ca || !verifies);
  require(!tls.client_ca || tls.client_auth != ClientAuth::kNone);
  require(kTls12 <= tls.min_version && tls.min_version <= tls.max_version && tls.max_version <= kTls13);
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  for (const std::string& suite : tls.cipher_suites)
    require(std::string_view(OPENSSL_cipher_name(suite.c_str())) != "(NONE)");
  for (const std::string& curve : tls.curves) require(SSL_CTX_set1_groups_list(context, curve.c_str()) == 1);
  SSL_CTX_free(context);
}

void check(const WebConfig& config) {
  static const RE2 hash(R"(\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53})");
  static const RE2 header(R"([\t -~\x80-\xff]*)", RE2::Latin1);
  for (const auto& [user, value] : config.users) require(RE2::FullMatch(value, hash) && user.find(':') == user.npos);
  for (const auto& [name, value] : config.headers) require(RE2::FullMatch(value, header));
  if (config.rate_limit) require(config.rate_limit->burst > 0 && config.rate_limit->interval.count() > 0);
  if (config.tls) check_tls(*config.tls);
}

}  // namespace
}  // namespace tailmeter

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  tailmeter::Diagnostics diagnostics("web.yml", text);
  const tailmeter::WebConfig config = tailmeter::load_web_config(text, "/", diagnostics);
  tailmeter::check_reports(diagnostics.errors());
  if (!diagnostics.has_errors()) tailmeter::check(config);
  (void)tailmeter::parse_credentials(text);
  return 0;
}
