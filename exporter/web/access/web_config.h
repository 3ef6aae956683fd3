// The file of --web.config.file: TLS, passwords, headers and a rate limit, as Prometheus' exporter-toolkit reads them
// from its web.yml (github.com/prometheus/exporter-toolkit, docs/web-configuration.md).
//
// What the toolkit takes is taken, and means the same, but for what could not do what its author wants: such a file is
// refused here. Checked for shape only; what certificates and keys hold is seen when a TLS context is made of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/file/diagnostics.h"

namespace tailmeter {

inline constexpr std::chrono::nanoseconds kMaxRateInterval = std::chrono::hours(1);
inline constexpr std::size_t kMaxRateBurst = 1'000'000;
inline constexpr int kLeastBcryptCost = 4;
inline constexpr int kLargestBcryptCost = 31;
inline constexpr int kSlowBcryptCost = 14;  // from the next on, who waits for a guess notices

// TLS versions by their numbers on the wire (RFC 8446 4.2.1).
inline constexpr int kTls12 = 0x0303;
inline constexpr int kTls13 = 0x0304;

// What is asked of clients, by crypto/tls's names.
enum class ClientAuth {
  kNone,                 // NoClientCert
  kRequested,            // RequestClientCert: taken, not verified
  kRequired,             // RequireAnyClientCert: not verified
  kVerifiedIfGiven,      // VerifyClientCertIfGiven
  kRequiredAndVerified,  // RequireAndVerifyClientCert
};

struct WebConfig {
  // Certificates or a key: text in PEM, or where it is.
  struct Pem {
    std::string text;
    std::string path;  // "" with a text
    Place place;
  };

  struct Tls {
    Pem certificate;  // and those that link it to a root
    Pem key;
    std::optional<Pem> client_ca;
    ClientAuth client_auth = ClientAuth::kNone;
    std::vector<std::string> allowed_sans;  // empty: any
    int min_version = kTls12;
    int max_version = kTls13;
    std::vector<std::string> cipher_suites;  // by IANA's names; empty: ours
    std::vector<std::string> curves;         // by OpenSSL's names, the best first; empty: ours
    bool prefers_own_ciphers = true;
    Place place;
  };

  // A request now and then, and `burst` of them at once: golang.org/x/time/rate.
  struct RateLimit {
    std::chrono::nanoseconds interval;
    std::size_t burst;
    friend bool operator==(const RateLimit&, const RateLimit&) = default;
  };

  std::optional<Tls> tls;
  std::vector<std::pair<std::string, std::string>> headers;
  std::map<std::string, std::string, std::less<>> users;  // to bcrypt hashes; empty: everyone may read
  std::optional<RateLimit> rate_limit;
};

// What `text` says; paths in it are relative to `directory`. Mistakes go to `diagnostics`.
[[nodiscard]] WebConfig load_web_config(const std::string& text, const std::string& directory,
                                        Diagnostics& diagnostics);

// True for a cipher suite of TLS 1.2, false for one of TLS 1.3.
[[nodiscard]] bool is_tls12_suite(std::string_view iana_name);

// The cost of a hash that was read by load_web_config().
[[nodiscard]] int bcrypt_cost(std::string_view hash);

}  // namespace tailmeter
