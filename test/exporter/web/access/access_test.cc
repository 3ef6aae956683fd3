#include "exporter/web/access/access.h"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "rules/file/diagnostics.h"
#include "test/support/certificate_files.h"
#include "test/support/fake_bcrypt.h"
#include "test/support/peers.h"
#include "test/support/temporary_directory.h"

namespace tailmeter {
namespace {

using namespace std::chrono_literals;

// The file changes by being replaced, as it should be: that always shows.
void write(const std::string& path, const std::string& text) {
  std::ofstream(path + ".new") << text;
  std::filesystem::rename(path + ".new", path);
}

struct Site {
  explicit Site(const std::string& text) { write(path, text); }

  Access& access() {
    if (!access_) {
      access_ = std::make_unique<Access>(
          path, [this](const Access::News& heard) { news.push_back(heard.is_in_force ? "in force" : heard.why_not); },
          [this] { return now; },
          [this](const auto& password, const auto& setting) { return hash(password, setting); });
    }
    return *access_;
  }

  // "200 known" from the page, or what stands in front of it.
  std::string get(const std::string& authorization = "", const std::string& peer = "192.0.2.1") {
    WebRequest request{"GET", "/metrics"};
    request.peer_group = peer_of(peer).group;
    if (!authorization.empty()) request.headers["authorization"] = authorization;
    const WebResponse response = access().respond(request, [](const WebRequest& asked) {
      return plain_response(200, asked.is_authenticated ? "known" : "unknown");
    });
    std::string answer = std::to_string(response.status) + ' ' + *response.body;
    if (answer.ends_with('\n')) answer.pop_back();
    for (const auto& [name, value] : response.headers) answer += " " + name + ": " + value;
    return answer;
  }

  void replace(const std::string& text) {
    write(path, text);
    now += 1s;
  }

  TemporaryDirectory directory;
  std::string path = directory / "web.yml";
  std::chrono::steady_clock::time_point now{1h};
  FakeBcrypt hash;
  std::vector<std::string> news;

 private:
  std::unique_ptr<Access> access_;
};

const std::string kUsers = "basic_auth_users: {alice: " + fake_hash("secret") + "}\n";
const std::string kRight = "Basic YWxpY2U6c2VjcmV0";
const std::string kWrong = "Basic YWxpY2U6d3Jvbmc=";
const std::string kRefused =
    "401 401 a user and a password are needed here WWW-Authenticate: Basic realm=\"tailmeter\"";

TEST_CASE("without users everyone sees the pages", "[access]") {
  Site site("");
  CHECK(site.get() == "200 unknown");
  CHECK(site.get(kRight) == "200 unknown");
  CHECK_FALSE(site.access().uses_tls());
  CHECK(site.access().tls_context() == nullptr);
}

TEST_CASE("with users, only they see the pages", "[access]") {
  Site site(kUsers);
  CHECK(site.get() == kRefused);
  CHECK(site.get("Bearer x") == kRefused);
  CHECK(site.hash.costs().empty());
  CHECK(site.get(kWrong) == kRefused);
  CHECK(site.get(kRight) == "200 known");
}

TEST_CASE("a verified certificate spares nobody the password", "[access]") {
  Site site(kUsers);
  WebRequest request{"GET", "/metrics"};
  request.is_authenticated = true;
  CHECK(site.access().respond(request, [](const WebRequest&) { return WebResponse(); }).status == 401);
}

TEST_CASE("who guesses is asked for patience", "[access]") {
  Site site(kUsers);
  for (int i = 0; i < 5; ++i) CHECK(site.get(kWrong) == kRefused);
  CHECK(site.get(kWrong) == "429 429 too many passwords were tried; try again later Retry-After: 12");
  CHECK(site.get(kRight, "192.0.2.2") == "200 known");
}

TEST_CASE("the headers that are asked for are on every answer", "[access]") {
  Site site(kUsers + "http_server_config: {headers: {X-Frame-Options: deny, X-XSS-Protection: '0'}}\n");
  CHECK(site.get() == kRefused + " X-Frame-Options: deny X-XSS-Protection: 0");
  CHECK(site.get(kRight) == "200 known X-Frame-Options: deny X-XSS-Protection: 0");
}

TEST_CASE("a rate limit is one for all clients, and begins anew when it is another", "[access]") {
  const std::string refused = "429 429 too many requests; try again later Retry-After: ";
  Site site("rate_limit: {interval: 10s, burst: 2}\n");
  CHECK(site.get("", "192.0.2.1") == "200 unknown");
  CHECK(site.get("", "192.0.2.2") == "200 unknown");
  CHECK(site.get("", "192.0.2.3") == refused + "10");
  site.replace("rate_limit: {interval: 10s, burst: 2} # the same\n");
  CHECK(site.get() == refused + "9");
  site.replace("rate_limit: {interval: 500ms, burst: 1}\n");
  CHECK(site.get() == "200 unknown");
  CHECK(site.get() == refused + "1");
}

TEST_CASE("a changed file is in force with the next request, a second after the last look at most", "[access]") {
  Site site("");
  CHECK(site.get() == "200 unknown");
  write(site.path, kUsers);
  CHECK(site.get() == "200 unknown");
  site.now += 1s;
  CHECK(site.get() == kRefused);
  site.now += 1s;
  CHECK(site.get(kRight) == "200 known");
  CHECK(site.news == std::vector<std::string>{"in force"});
}

TEST_CASE("a file that became wrong is told of once for each change, and what was in force stays", "[access]") {
  Site site(kUsers);
  CHECK(site.get() == kRefused);
  for (const char* text : {"users: {}\n", "users: {} # still\n"}) {
    site.replace(text);
    for (int i = 0; i < 3; ++i) {
      CHECK(site.get() == kRefused);
      site.now += 1s;
    }
  }
  REQUIRE(site.news.size() == 2);
  CHECK(site.news[0] == site.path + ":1:1: unknown key \"users\"\n    1 | users: {}\n      | ^");
  std::filesystem::remove(site.path);
  for (int i = 0; i < 3; ++i) {
    site.now += 1s;
    CHECK(site.get() == kRefused);
  }
  REQUIRE(site.news.size() == 3);
  CHECK(site.news[2] == site.path + ": No such file or directory");
  site.replace("");
  CHECK(site.get() == "200 unknown");
  CHECK(site.news.size() == 4);
  CHECK(site.news[3] == "in force");
}

TEST_CASE("a file that is wrong at the start is refused", "[access]") {
  Site site("rate_limits: {}\n");
  CHECK_THROWS_WITH(site.access(), site.path +
                                       ":1:1: unknown key \"rate_limits\" (did you mean \"rate_limit\"?)\n"
                                       "    1 | rate_limits: {}\n      | ^");
  CHECK_THROWS_AS(site.access(), RuleFileError);
  std::filesystem::remove(site.path);
  CHECK_THROWS_WITH(site.access(), site.path + ": No such file or directory");
  CHECK_THROWS_AS(site.access(), std::system_error);
}

struct TlsSite {
  TlsSite() {
    certificates.make("server", "ca");
    certificates.make("next", "ca");
  }
  std::string file(const std::string& name) const { return certificates.directory() / name; }
  void install(const std::string& from, const std::string& to) const {
    std::filesystem::copy_file(file(from), file(to + ".new"));
    std::filesystem::rename(file(to + ".new"), file(to));
  }
  std::string text() const {
    return "tls_server_config: {cert_file: " + file("server.pem") + ", key_file: " + file("server.key") + "}\n";
  }
  CertificateFiles certificates;
};

TEST_CASE("a new certificate is shown to the next client, and a half of one to nobody", "[access]") {
  const TlsSite tls;
  Site site(tls.text());
  CHECK(site.access().uses_tls());
  const auto before = site.access().tls_context();
  REQUIRE(before != nullptr);
  site.now += 1s;
  CHECK(site.access().tls_context() == before);
  tls.install("next.pem", "server.pem");
  for (int i = 0; i < 3; ++i) {
    site.now += 1s;
    CHECK(site.access().tls_context() == before);
  }
  tls.install("next.key", "server.key");
  site.now += 1s;
  const auto after = site.access().tls_context();
  CHECK(after != before);
  CHECK(after != nullptr);
  const std::size_t column = tls.text().find(tls.file("server.key")) + 1;
  REQUIRE(site.news.size() == 2);
  CHECK(site.news[0].find(site.path + ":1:" + std::to_string(column) + ": tls_server_config: " +
                          tls.file("server.key") + ": the key is not that of the certificate\n") == 0);
  CHECK(site.news[1] == "in force");
}

TEST_CASE("TLS comes and goes with a restart alone", "[access]") {
  const TlsSite tls;
  const bool begins_with_tls = GENERATE(true, false);
  CAPTURE(begins_with_tls);
  Site site(begins_with_tls ? tls.text() : "");
  CHECK(site.access().uses_tls() == begins_with_tls);
  site.replace(begins_with_tls ? kUsers : kUsers + tls.text());
  CHECK((site.access().tls_context() != nullptr) == begins_with_tls);
  CHECK(site.get() == "200 unknown");
  CHECK(site.news ==
        std::vector<std::string>{site.path + ": whether TLS is spoken is settled at the start: restart tailmeter for a "
                                             "\"tls_server_config\" that came or went"});
}

}  // namespace
}  // namespace tailmeter
