#include "exporter/web/access/web_config.h"

#include <string>

#include <catch2/catch.hpp>

namespace tailmeter {
namespace {

using namespace std::chrono_literals;

const std::string kHash = "$2y$10$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234";

struct Loaded {
  WebConfig config;
  std::string errors;
  std::string warnings;
};

Loaded load(const std::string& text) {
  Diagnostics diagnostics("web.yml", text);
  WebConfig config = load_web_config(text, "/etc/tailmeter", diagnostics);
  return {std::move(config), diagnostics.errors(), diagnostics.warnings()};
}

TEST_CASE("a web configuration says all that it can say", "[access]") {
  const auto [config, errors, warnings] = load(R"(
tls_server_config:
  cert_file: tls/cert.pem
  key_file: /etc/ssl/key.pem
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [scraper.example.org, 192.0.2.7, '2001:db8:0::1', 'spiffe://example.org/scraper', a@example.org]
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]
  curve_preferences: [X25519, CurveP256, CurveP384, CurveP521]
  prefer_server_cipher_suites: false
http_server_config:
  http2: true
  headers:
    Strict-Transport-Security: max-age=31536000
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: ''
    Content-Security-Policy: default-src 'self'
basic_auth_users:
  alice: )" + kHash + R"(
  '': )" + kHash + R"(
rate_limit: {interval: 100ms, burst: 20}
)");
  CHECK(errors.empty());
  CHECK(warnings.empty());
  REQUIRE(config.tls);
  CHECK(config.tls->certificate.path == "/etc/tailmeter/tls/cert.pem");
  CHECK(config.tls->key.path == "/etc/ssl/key.pem");
  CHECK(config.tls->client_ca->path == "/etc/tailmeter/ca.pem");
  CHECK(config.tls->client_auth == ClientAuth::kRequiredAndVerified);
  CHECK(config.tls->allowed_sans == std::vector<std::string>{"scraper.example.org", "192.0.2.7", "2001:db8::1",
                                                             "spiffe://example.org/scraper", "a@example.org"});
  CHECK(config.tls->min_version == kTls12);
  CHECK(config.tls->max_version == kTls13);
  CHECK(config.tls->cipher_suites ==
        std::vector<std::string>{"TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"});
  CHECK(config.tls->curves == std::vector<std::string>{"X25519", "P-256", "P-384", "P-521"});
  CHECK_FALSE(config.tls->prefers_own_ciphers);
  CHECK(config.headers ==
        std::vector<std::pair<std::string, std::string>>{{"Strict-Transport-Security", "max-age=31536000"},
                                                         {"X-Frame-Options", "deny"},
                                                         {"X-Content-Type-Options", "nosniff"},
                                                         {"X-XSS-Protection", ""},
                                                         {"Content-Security-Policy", "default-src 'self'"}});
  CHECK(config.users == std::map<std::string, std::string, std::less<>>{{"", kHash}, {"alice", kHash}});
  CHECK(config.rate_limit == WebConfig::RateLimit{100ms, 20});
}

TEST_CASE("certificates and keys may stand in the file itself", "[access]") {
  const auto [config, errors, warnings] = load("tls_server_config:\n  cert: |\n    a\n    b\n  key: c\n");
  CHECK(errors.empty());
  REQUIRE(config.tls);
  CHECK(config.tls->certificate.text == "a\nb\n");
  CHECK(config.tls->certificate.path.empty());
  CHECK(config.tls->key.text == "c");
}

TEST_CASE("a file that asks for nothing asks for nothing", "[access]") {
  const std::string text = GENERATE(
      as<std::string>(), "", "# basic_auth_users:\n", "---\n", "{}", "tls_server_config: {}", "basic_auth_users: {}",
      "rate_limit: {}", "rate_limit: {interval: 0, burst: 5}", "rate_limit: {interval: 0s}", "rate_limit: {burst: 5}",
      "tls_server_config: {min_version: TLS13, cipher_suites: [], prefer_server_cipher_suites: off}",
      "http_server_config: {http2: no, headers: {}}");
  CAPTURE(text);
  const auto [config, errors, warnings] = load(text);
  CHECK(errors.empty());
  CHECK_FALSE(config.tls);
  CHECK(config.users.empty());
  CHECK(config.headers.empty());
  CHECK_FALSE(config.rate_limit);
}

TEST_CASE("ciphers of TLS 1.3 alone leave TLS 1.3 alone", "[access]") {
  const auto [config, errors, warnings] =
      load("tls_server_config: {cert_file: c, key_file: k, cipher_suites: [TLS_AES_256_GCM_SHA384]}");
  CHECK(errors.empty());
  CHECK(config.tls->min_version == kTls13);
}

struct Refused {
  std::string text;
  std::string errors;
};

TEST_CASE("what is wrong in a web configuration is refused with its place", "[access]") {
  const auto [text, errors] = GENERATE(values<Refused>({
      {"- tls_server_config\n", R"(
web.yml:1:1: expected a mapping with tls_server_config, http_server_config, basic_auth_users and rate_limit, not a list
    1 | - tls_server_config
      | ^)"},
      {"basic_auth_user: {}\n", R"(
web.yml:1:1: unknown key "basic_auth_user" (did you mean "basic_auth_users"?)
    1 | basic_auth_user: {}
      | ^)"},
      {"basic_auth_users:\n", R"(
web.yml:1:1: "basic_auth_users" has no value
    1 | basic_auth_users:
      | ^)"},
      {"tls_server_config: &tls {}\n", R"(
web.yml:1:20: "&" begins a YAML anchor, and none is read here: put a text that begins with "&" in quotes
    1 | tls_server_config: &tls {}
      |                    ^)"},
      {"tls_server_config:\n  cert_file: c\n", R"(
web.yml:2:3: tls_server_config: has neither "key" nor "key_file"
    2 |   cert_file: c
      |   ^)"},
      {"tls_server_config: {key_file: k}\n", R"(
web.yml:1:20: tls_server_config: has neither "cert" nor "cert_file"
    1 | tls_server_config: {key_file: k}
      |                    ^)"},
      {"tls_server_config: {cert_file: c, key_file: k, cert: x}\n", R"(
web.yml:1:32: tls_server_config.cert_file: stands beside "cert": one of them is enough
    1 | tls_server_config: {cert_file: c, key_file: k, cert: x}
      |                                ^)"},
      {"tls_server_config: {cert_file: '', key_file: k}\n", R"(
web.yml:1:32: tls_server_config.cert_file: the text is empty
    1 | tls_server_config: {cert_file: '', key_file: k}
      |                                ^)"},
      {"tls_server_config: {cert_file: c, key_file: k, client_auth_type: RequireAndVerifyClientCert}\n", R"(
web.yml:1:66: tls_server_config.client_auth_type: has neither "client_ca" nor "client_ca_file" beside it: who may sign clients' certificates
    1 | tls_server_config: {cert_file: c, key_file: k, client_auth_type: RequireAndVerifyClientCert}
      |                                                                  ^)"},
      {"tls_server_config: {cert_file: c, key_file: k, client_ca_file: a}\n", R"(
web.yml:1:64: tls_server_config: no client is asked for a certificate: add "client_auth_type: RequireAndVerifyClientCert"
    1 | tls_server_config: {cert_file: c, key_file: k, client_ca_file: a}
      |                                                                ^)"},
      {"tls_server_config: {cert_file: c, key_file: k, client_auth_type: Required}\n", R"(
web.yml:1:66: tls_server_config.client_auth_type: expected one of NoClientCert, RequestClientCert, RequireAnyClientCert, RequireClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert, not "Required"
    1 | tls_server_config: {cert_file: c, key_file: k, client_auth_type: Required}
      |                                                                  ^)"},
      {"tls_server_config: {cert_file: c, key_file: k, client_allowed_sans: [a]}\n", R"(
web.yml:1:69: tls_server_config.client_allowed_sans: only for certificates that clients must show: add "client_auth_type: RequireAndVerifyClientCert"
    1 | tls_server_config: {cert_file: c, key_file: k, client_allowed_sans: [a]}
      |                                                                     ^)"},
      {"tls_server_config:\n  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: []\n  cert_file: c\n"
       "  key_file: k\n",
       R"(
web.yml:3:24: tls_server_config.client_allowed_sans: the list is empty: no client would get in
    3 |   client_allowed_sans: []
      |                        ^)"},
      {"tls_server_config: {min_version: TLS13, max_version: TLS12}\n", R"(
web.yml:1:54: tls_server_config.max_version: "min_version" is above "max_version": no client could connect
    1 | tls_server_config: {min_version: TLS13, max_version: TLS12}
      |                                                      ^)"},
      {"tls_server_config: {max_version: TLS11}\n", R"(
web.yml:1:34: tls_server_config.max_version: nothing older than TLS12 is spoken here: no client could connect
    1 | tls_server_config: {max_version: TLS11}
      |                                  ^)"},
      {"tls_server_config: {min_version: TLS1.2}\n", R"(
web.yml:1:34: tls_server_config.min_version: expected one of TLS13, TLS12, TLS11, TLS10, not "TLS1.2"
    1 | tls_server_config: {min_version: TLS1.2}
      |                                  ^)"},
      {"tls_server_config: {cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA348]}\n", R"(
web.yml:1:37: tls_server_config.cipher_suites[0]: unknown cipher suite "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA348" (did you mean "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"?)
    1 | tls_server_config: {cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA348]}
      |                                     ^)"},
      {"tls_server_config: {max_version: TLS12, cipher_suites: [TLS_AES_128_GCM_SHA256]}\n", R"(
web.yml:1:56: tls_server_config.cipher_suites: none of them is of TLS 1.2, and "max_version" is TLS12
    1 | tls_server_config: {max_version: TLS12, cipher_suites: [TLS_AES_128_GCM_SHA256]}
      |                                                        ^)"},
      {"tls_server_config: {curve_preferences: [P256]}\n", R"(
web.yml:1:41: tls_server_config.curve_preferences[0]: expected one of CurveP256, CurveP384, CurveP521, X25519, not "P256"
    1 | tls_server_config: {curve_preferences: [P256]}
      |                                         ^)"},
      {"http_server_config: {http2: maybe}\n", R"(
web.yml:1:29: http_server_config.http2: expected one of true, false, not "maybe"
    1 | http_server_config: {http2: maybe}
      |                             ^)"},
      {"http_server_config: {headers: {X-Frame-Option: deny}}\n", R"(
web.yml:1:32: http_server_config.headers: unknown key "X-Frame-Option" (did you mean "X-Frame-Options"?)
    1 | http_server_config: {headers: {X-Frame-Option: deny}}
      |                                ^)"},
      {"http_server_config: {headers: {X-Frame-Options: DENY, X-Content-Type-Options: sniff}}\n", R"(
web.yml:1:49: http_server_config.headers.X-Frame-Options: expected one of deny, sameorigin, not "DENY"
    1 | http_server_config: {headers: {X-Frame-Options: DENY, X-Content-Type-Options: sniff}}
      |                                                 ^
web.yml:1:79: http_server_config.headers.X-Content-Type-Options: expected one of nosniff, not "sniff"
    1 | http_server_config: {headers: {X-Frame-Options: DENY, X-Content-Type-Options: sniff}}
      |                                                                               ^)"},
      {"http_server_config: {headers: {X-XSS-Protection: \"1\\r\\nSet-Cookie: a\"}}\n", R"(
web.yml:1:50: http_server_config.headers.X-XSS-Protection: a header's value is one line, without control characters
    1 | http_server_config: {headers: {X-XSS-Protection: "1\r\nSet-Cookie: a"}}
      |                                                  ^)"},
      {"rate_limit: {interval: 1, burst: 1}\n", R"(
web.yml:1:24: rate_limit.interval: expected a time up to an hour with its unit, such as 100ms or 1s, not "1"
    1 | rate_limit: {interval: 1, burst: 1}
      |                        ^)"},
      {"rate_limit: {interval: -1s, burst: 1}\n", R"(
web.yml:1:24: rate_limit.interval: expected a time up to an hour with its unit, such as 100ms or 1s, not "-1s"
    1 | rate_limit: {interval: -1s, burst: 1}
      |                        ^)"},
      {"rate_limit: {interval: 61m, burst: 1}\n", R"(
web.yml:1:24: rate_limit.interval: expected a time up to an hour with its unit, such as 100ms or 1s, not "61m"
    1 | rate_limit: {interval: 61m, burst: 1}
      |                        ^)"},
      {"rate_limit: {interval: 1s}\n", R"(
web.yml:1:13: rate_limit: with a "burst" of 0 no request would be answered: write 1 or more
    1 | rate_limit: {interval: 1s}
      |             ^)"},
      {"rate_limit: {interval: 1s, burst: many}\n", R"(
web.yml:1:35: rate_limit.burst: expected a whole number from 0 to 1000000, not "many"
    1 | rate_limit: {interval: 1s, burst: many}
      |                                   ^)"},
  }));
  CAPTURE(text);
  CHECK('\n' + load(text).errors == errors);
}

TEST_CASE("a password or key in the wrong place is shown in no report", "[access]") {
  const auto [text, errors] = GENERATE_COPY(values<Refused>({
      {"basic_auth_users:\n  alice: hunter2\n", R"(
web.yml:2:10: basic_auth_users.alice: expected a bcrypt hash, as "htpasswd -nBC 10 USER" writes one behind "USER:"
    2 |   alice: ...
      |          ^)"},
      {"basic_auth_users: {alice: " + kHash + "x, bob: hunter2}\n", R"(
web.yml:1:27: basic_auth_users.alice: expected a bcrypt hash, as "htpasswd -nBC 10 USER" writes one behind "USER:"
    1 | basic_auth_users: {alice: ...
      |                           ^
web.yml:1:95: basic_auth_users.bob: expected a bcrypt hash, as "htpasswd -nBC 10 USER" writes one behind "USER:"
    1 | basic_auth_users: {alice: ...
      |                              ^)"},
      {"basic_auth_users: hunter2\n", R"(
web.yml:1:19: basic_auth_users: expected a mapping of users to bcrypt hashes, not this text
    1 | basic_auth_users: ...
      |                   ^)"},
      {"basic_auth_users:\n  alice: [hunter2]\n", R"(
web.yml:2:10: basic_auth_users.alice: expected a text, not a list
    2 |   alice: ...
      |          ^)"},
      {"basic_auth_users: {'a:b': " + kHash + "}\n", R"(
web.yml:1:20: basic_auth_users.a:b: a user's name with ":" is one that nobody can give: in a request, it ends there
    1 | basic_auth_users: {'a:b': ...
      |                    ^)"},
      {"tls_server_config: {cert_file: c, key: hunter2, key_file: k}\n", R"(
web.yml:1:59: tls_server_config.key_file: stands beside "key": one of them is enough
    1 | tls_server_config: {cert_file: c, key: ...
      |                                           ^)"},
  }));
  CAPTURE(text);
  CHECK('\n' + load(text).errors == errors);
}

TEST_CASE("a hash is bcrypt's, of a cost that there is", "[access]") {
  const std::string rest = kHash.substr(7);
  const auto [hash, error] = GENERATE_COPY(table<std::string, std::string>({
      {"$2a$04$" + rest, ""},
      {"$2b$31$" + rest, ""},
      {"$2y$14$" + rest, ""},
      {"$2y$03$" + rest, "a bcrypt hash of cost 3, which goes from 4 to 31"},
      {"$2y$32$" + rest, "a bcrypt hash of cost 32, which goes from 4 to 31"},
      {"$2x$10$" + rest, "expected a bcrypt hash"},
      {"$2$10$" + rest + "a", "expected a bcrypt hash"},
      {"$1y$10$" + rest, "expected a bcrypt hash"},
      {"$2y$1a$" + rest, "expected a bcrypt hash"},
      {"$2y$10." + rest, "expected a bcrypt hash"},
      {"$2y$10$" + rest.substr(1), "expected a bcrypt hash"},
      {"$2y$10$" + rest + "a", "expected a bcrypt hash"},
      {"$2y$10$" + rest.substr(1) + "-", "expected a bcrypt hash"},
      {"$apr1$abcdefgh$abcdefghijklmnopqrstuv", "expected a bcrypt hash"},
  }));
  CAPTURE(hash);
  const std::string errors = load("basic_auth_users: {a: '" + hash + "'}").errors;
  CHECK(errors.empty() == error.empty());
  CHECK(errors.find(error) != std::string::npos);
}

TEST_CASE("what works, but not as its author may think, is warned of", "[access]") {
  const std::string tls = "tls_server_config: {cert_file: c, key_file: k, ";
  const auto [text, warning] = GENERATE_COPY(table<std::string, std::string>({
      {"basic_auth_users: {a: " + kHash + "}", ""},
      {"basic_auth_users: {a: $2y$16$" + kHash.substr(7) + "}",
       "a bcrypt hash of cost 16: who gives a password for the first time waits 64 times as long as at 10"},
      {tls + "min_version: TLS10}", "nothing older than TLS12 is spoken here, whatever min_version allows"},
      {tls + "client_auth_type: RequireAnyClientCert, client_allowed_sans: [a]}",
       "with RequireAnyClientCert nobody checks who signed these names: anyone may"},
  }));
  CAPTURE(text);
  const Loaded loaded = load(text);
  CHECK(loaded.errors.empty());
  CHECK(loaded.warnings.empty() == warning.empty());
  CHECK(loaded.warnings.find(warning) != std::string::npos);
}

}  // namespace
}  // namespace tailmeter
