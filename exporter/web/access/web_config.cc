#include "exporter/web/access/web_config.h"

#include <algorithm>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "parsers/number.h"
#include "rules/file/document.h"
#include "rules/file/rule_file.h"
#include "rules/file/value.h"

namespace tailmeter {
namespace {

const Keys kFileKeys = {{"tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"}, {}};
const Keys kTlsKeys = {
    {"cert", "cert_file", "key", "key_file", "client_ca", "client_ca_file", "client_auth_type", "client_allowed_sans",
     "min_version", "max_version", "cipher_suites", "curve_preferences", "prefer_server_cipher_suites"},
    {}};
const Keys kHttpKeys = {{"http2", "headers"}, {}};
const Keys kRateKeys = {{"interval", "burst"}, {}};
const Keys kHeaders = {{"Content-Security-Policy", "Strict-Transport-Security", "X-Content-Type-Options",
                        "X-Frame-Options", "X-XSS-Protection"},
                       {}};

const Choices<ClientAuth> kClientAuths = {{"NoClientCert", ClientAuth::kNone},
                                          {"RequestClientCert", ClientAuth::kRequested},
                                          {"RequireAnyClientCert", ClientAuth::kRequired},
                                          {"RequireClientCert", ClientAuth::kRequired},  // its name in old files
                                          {"VerifyClientCertIfGiven", ClientAuth::kVerifiedIfGiven},
                                          {"RequireAndVerifyClientCert", ClientAuth::kRequiredAndVerified}};
const Choices<int> kVersions = {{"TLS13", kTls13}, {"TLS12", kTls12}, {"TLS11", 0x0302}, {"TLS10", 0x0301}};
const Choices<std::string> kCurves = {
    {"CurveP256", "P-256"}, {"CurveP384", "P-384"}, {"CurveP521", "P-521"}, {"X25519", "X25519"}};
// As YAML 1.1 writes them.
const Choices<bool> kBooleans = {{"true", true},   {"false", false}, {"True", true}, {"False", false}, {"TRUE", true},
                                 {"FALSE", false}, {"yes", true},    {"no", false},  {"Yes", true},    {"No", false},
                                 {"YES", true},    {"NO", false},    {"on", true},   {"off", false},   {"On", true},
                                 {"Off", false},   {"ON", true},     {"OFF", false}, {"y", true},      {"n", false},
                                 {"Y", true},      {"N", false}};
const Choices<bool> kWrittenBooleans = {{"true", true}, {"false", false}};
// Those that crypto/tls calls safe in Go 1.19.
const std::vector<std::string> kCipherSuites = {
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
};

bool read_boolean(const Value& value, bool otherwise) {
  for (const auto& [name, boolean] : kBooleans) {
    if (value.is_text(name)) return boolean;
  }
  return value.choice(kWrittenBooleans, otherwise);
}

std::string in_directory(const std::string& directory, const std::string& path) {
  return path.starts_with('/') || directory.empty() ? path : directory + '/' + path;
}

// What `key` holds, or the file that `key_file` names.
std::optional<WebConfig::Pem> read_pem(const Value& tls, const std::string& key, const std::string& directory) {
  auto text = tls.find(key);
  const auto path = tls.find(key + "_file");
  if (text && path) {
    path->error(fmt::format("stands beside {}: one of them is enough", quoted(key)));
  }
  if (text) {
    if (key == "key") text->hide();
    return WebConfig::Pem{text->text().value, "", text->place()};
  }
  if (!path) return std::nullopt;
  return WebConfig::Pem{"", in_directory(directory, path->text().value), path->place()};
}

// As a certificate would be written out.
std::string written_name(const std::string& name) {
  unsigned char bytes[sizeof(in6_addr)];
  char written[INET6_ADDRSTRLEN];
  for (const int family : {AF_INET, AF_INET6}) {
    if (::inet_pton(family, name.c_str(), bytes) == 1) return ::inet_ntop(family, bytes, written, sizeof written);
  }
  return name;
}

void read_client_auth(const Value& value, const std::string& directory, WebConfig::Tls& tls) {
  const auto auth = value.find("client_auth_type");
  if (auth) tls.client_auth = auth->choice(kClientAuths, tls.client_auth);
  tls.client_ca = read_pem(value, "client_ca", directory);
  const bool verifies =
      tls.client_auth == ClientAuth::kVerifiedIfGiven || tls.client_auth == ClientAuth::kRequiredAndVerified;
  if (verifies && !tls.client_ca) {
    auth->error("has neither \"client_ca\" nor \"client_ca_file\" beside it: who may sign clients' certificates");
  }
  if (tls.client_ca && tls.client_auth == ClientAuth::kNone) {
    value.error(tls.client_ca->place,
                "no client is asked for a certificate: add \"client_auth_type: RequireAndVerifyClientCert\"");
  }
  const auto sans = value.find("client_allowed_sans");
  if (!sans) return;
  const std::vector<Value> names = sans->elements();
  if (sans->is_list() && names.empty()) sans->error("the list is empty: no client would get in");
  for (const Value& name : names) tls.allowed_sans.push_back(written_name(name.text().value));
  if (tls.client_auth == ClientAuth::kRequired) {
    value.warning(sans->place(), "with RequireAnyClientCert nobody checks who signed these names: anyone may");
  } else if (tls.client_auth != ClientAuth::kRequiredAndVerified) {
    sans->error("only for certificates that clients must show: add \"client_auth_type: RequireAndVerifyClientCert\"");
  }
}

void read_versions(const Value& value, WebConfig::Tls& tls) {
  const auto min = value.find("min_version");
  const auto max = value.find("max_version");
  if (min) tls.min_version = min->choice(kVersions, tls.min_version);
  if (max) tls.max_version = max->choice(kVersions, tls.max_version);
  if (tls.max_version < kTls12) {
    max->error("nothing older than TLS12 is spoken here: no client could connect");
  } else if (tls.min_version > tls.max_version) {
    (max ? max : min)->error("\"min_version\" is above \"max_version\": no client could connect");
  }
  if (tls.min_version < kTls12) {
    value.warning(min->place(), "nothing older than TLS12 is spoken here, whatever min_version allows");
    tls.min_version = kTls12;
  }
}

void read_ciphers(const Value& value, WebConfig::Tls& tls) {
  if (const auto suites = value.find("cipher_suites")) {
    for (const Value& suite : suites->elements()) {
      const std::string name = suite.text().value;
      if (name.empty()) continue;
      if (std::find(kCipherSuites.begin(), kCipherSuites.end(), name) == kCipherSuites.end())
        suite.error(fmt::format("unknown cipher suite {}{}", quoted(name), did_you_mean(name, kCipherSuites)));
      tls.cipher_suites.push_back(name);
    }
    const bool has_old = std::any_of(tls.cipher_suites.begin(), tls.cipher_suites.end(),
                                     [](const std::string& name) { return is_tls12_suite(name); });
    if (!tls.cipher_suites.empty() && !has_old) {
      if (tls.max_version < kTls13) suites->error("none of them is of TLS 1.2, and \"max_version\" is TLS12");
      tls.min_version = kTls13;
    }
  }
  if (const auto curves = value.find("curve_preferences")) {
    for (const Value& curve : curves->elements()) {
      if (std::string name = curve.choice(kCurves, std::string()); !name.empty()) tls.curves.push_back(std::move(name));
    }
  }
  if (const auto prefers = value.find("prefer_server_cipher_suites"))
    tls.prefers_own_ciphers = read_boolean(*prefers, tls.prefers_own_ciphers);
}

std::optional<WebConfig::Tls> read_tls(const Value& value, const std::string& directory) {
  WebConfig::Tls tls;
  tls.place = value.place();
  const bool is_known = value.has_only(kTlsKeys);
  const auto certificate = read_pem(value, "cert", directory);
  const auto key = read_pem(value, "key", directory);
  read_client_auth(value, directory, tls);
  read_versions(value, tls);
  read_ciphers(value, tls);
  // Versions and ciphers alone ask for no TLS: so the toolkit has it.
  if (!certificate && !key && !tls.client_ca && !value.find("client_auth_type")) return std::nullopt;
  if (is_known && !certificate) value.error("has neither \"cert\" nor \"cert_file\"");
  if (is_known && !key) value.error("has neither \"key\" nor \"key_file\"");
  tls.certificate = certificate.value_or(WebConfig::Pem{});
  tls.key = key.value_or(WebConfig::Pem{});
  return tls;
}

bool may_be_in_header(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7F;
  });
}

void read_headers(const Value& value, WebConfig& config) {
  (void)value.has_only(kHeaders);
  for (const auto& [name, text] : value.entries()) {
    std::string header = text.text_or_empty().value;
    if (name.value == "X-Content-Type-Options") header = text.choice<std::string>({{"nosniff", header}}, header);
    if (name.value == "X-Frame-Options") {
      header = text.choice<std::string>({{"deny", header}, {"sameorigin", header}}, header);
    }
    if (!may_be_in_header(header)) text.error("a header's value is one line, without control characters");
    config.headers.emplace_back(name.value, std::move(header));
  }
}

void read_http(const Value& value, WebConfig& config) {
  (void)value.has_only(kHttpKeys);
  // Only HTTP/1.1 is spoken here, which is right for clients of both.
  if (const auto http2 = value.find("http2")) (void)read_boolean(*http2, true);
  if (const auto headers = value.find("headers")) read_headers(*headers, config);
}

constexpr std::size_t kSaltAndHashBytes = 53;

bool is_bcrypt_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '/';
}

// $2y$10$ and behind it salt and hash. Of the old variants, $2x$ has a fault of one program's past, and $2$ ended a
// password nowhere.
bool is_bcrypt(std::string_view hash) {
  if (hash.size() != 7 + kSaltAndHashBytes || hash[0] != '$' || hash[1] != '2') return false;
  if ((hash[2] != 'a' && hash[2] != 'b' && hash[2] != 'y') || hash[3] != '$' || hash[6] != '$') return false;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return is_digit(hash[4]) && is_digit(hash[5]) && std::all_of(hash.begin() + 7, hash.end(), is_bcrypt_digit);
}

// No report shows what stands in the place of a hash: it may be the password itself.
void read_users(Value value, WebConfig& config) {
  if (!value.is_mapping()) {
    value.hide();
    return value.expected("a mapping of users to bcrypt hashes");
  }
  for (auto& [user, hash] : value.entries()) {
    hash.hide();
    if (user.value.find(':') != std::string::npos)
      hash.error(user.place, "a user's name with \":\" is one that nobody can give: in a request, it ends there");
    const std::string text = hash.text().value;
    if (text.empty()) continue;  // reported
    if (!is_bcrypt(text)) {
      hash.error("expected a bcrypt hash, as \"htpasswd -nBC 10 USER\" writes one behind \"USER:\"");
      continue;
    }
    const int cost = bcrypt_cost(text);
    if (cost < kLeastBcryptCost || cost > kLargestBcryptCost) {
      hash.error(fmt::format("a bcrypt hash of cost {}, which goes from {} to {}", cost, kLeastBcryptCost,
                             kLargestBcryptCost));
    } else if (cost > kSlowBcryptCost) {
      hash.warning(hash.place(), fmt::format("a bcrypt hash of cost {}: who gives a password for the first time waits "
                                             "{} times as long as at 10",
                                             cost, 1 << (cost - 10)));
    }
    config.users.emplace(user.value, text);
  }
}

std::optional<std::chrono::nanoseconds> read_interval(const Value& value) {
  const std::string text = value.text().value;
  if (text.empty()) return std::nullopt;
  const Number number = parse_number(text, Unit::kGoDuration);
  // A number alone is nanoseconds to the toolkit, and hardly to who wrote it.
  const bool has_unit = text == "0" || text.find_first_not_of("0123456789.") != std::string::npos;
  if (number.outcome == NumberOutcome::kNumber && has_unit && !number.value.is_negative() &&
      number.value.nanos() <= kMaxRateInterval.count()) {
    return std::chrono::nanoseconds(static_cast<std::int64_t>(number.value.nanos()));
  }
  value.expected("a time up to an hour with its unit, such as 100ms or 1s");
  return std::nullopt;
}

void read_rate_limit(const Value& value, WebConfig& config) {
  (void)value.has_only(kRateKeys);
  const auto interval = value.find("interval");
  const auto burst = value.find("burst");
  const auto nanoseconds = interval ? read_interval(*interval) : std::nullopt;
  const auto requests = burst ? burst->whole_number(0, kMaxRateBurst) : std::size_t{0};
  if (!nanoseconds || nanoseconds->count() == 0 || !requests) return;  // no limit, or reported
  if (*requests == 0) {
    (burst ? *burst : value).error("with a \"burst\" of 0 no request would be answered: write 1 or more");
  }
  config.rate_limit = WebConfig::RateLimit{*nanoseconds, *requests};
}

}  // namespace

bool is_tls12_suite(std::string_view iana_name) {
  return iana_name.find("_WITH_") != std::string_view::npos;
}

int bcrypt_cost(std::string_view hash) {
  return 10 * (hash[4] - '0') + (hash[5] - '0');
}

WebConfig load_web_config(const std::string& text, const std::string& directory, Diagnostics& diagnostics) {
  WebConfig config;
  const auto document = read_document(text, diagnostics, RuleFileLimits{}, EmptyDocument::kIsMapping);
  if (!document) return config;
  const Value file(*document, "", diagnostics);
  if (!file.is_mapping()) {
    file.expected("a mapping with tls_server_config, http_server_config, basic_auth_users and rate_limit");
    return config;
  }
  (void)file.has_only(kFileKeys);
  if (const auto users = file.find("basic_auth_users")) read_users(*users, config);
  if (const auto tls = file.find("tls_server_config")) config.tls = read_tls(*tls, directory);
  if (const auto http = file.find("http_server_config")) read_http(*http, config);
  if (const auto rate_limit = file.find("rate_limit")) read_rate_limit(*rate_limit, config);
  return config;
}

}  // namespace tailmeter
