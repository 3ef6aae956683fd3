#include "test/parsers/line_generator.h"

#include <array>

#include <fmt/format.h>

namespace tailmeter {
namespace {

constexpr std::string_view kUsers[] = {"-",
                                       "-",
                                       "",
                                       "alice",
                                       "john doe",
                                       "eve]",
                                       "[eve",
                                       "a [b] [c",
                                       " [",
                                       "x] \\x22y",
                                       "\\xE9\\x95\\x9C \\xE7\\xAE\\xA1",
                                       "q\\\"q",
                                       "back\\\\",
                                       "- - [21/Nov/2026:18:49:31 +0000] \\\"GET",
                                       "o'neil, 42 | x"};
constexpr std::string_view kRequests[] = {
    "",
    "-",
    "GET / HTTP/1.1",
    "GET",
    "GET /",
    "HELP",
    "SSH-2.0-Go",
    "PRI * HTTP/2.0",
    "GET  /two  spaces HTTP/1.1",
    "get / http/1.1",
    "\\x16\\x03\\x01\\x02\\x00\\x01\\x00\\x01\\xFC\\x03\\x03 \\x5C \\x22",
    "\\x16\\x03\\x01 \\xC0\\x09 =(\\x00",
    "GET /?q=\\\"quoted\\\"&b=\\\\ HTTP/1.0",
    "POST /\\x22 200 17 \\x22-\\x22 HTTP/1.1",
    "GET /caf\xc3\xa9 HTTP/1.1",
};
constexpr std::string_view kTexts[] = {
    "-",
    "",
    "curl/7.88.1",
    "https://mirror.example.net/debian/?C=M;O=D",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36",
    "pip/23.3.1 {\\x22ci\\x22:null,\\x22cpu\\x22:\\x22x86_64\\x22}",
    "pip/23.3.1 {\\\"ci\\\":null}",
    "${jndi:ldap://x\\x22 \\x22200\\x22 1}",
    "\\\"-\\\" \\\"-\\\" 200",
    "ends in one backslash \\\\",
    "\\\\\\\" \\\\",
    "198.51.100.178, 2001:db8:2c12::cde0",
    "\\x5Cx22 sent by the client",
    "[x] \"no",  // its quote is escaped below
    " ",
};
constexpr std::string_view kHosts[] = {"registry.example.org",    "127.0.0.1:8080", "[2001:db8::1]", "-", "", "_",
                                       "m\\xC3\\xBCnchen.example"};
constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "PURGE", "SSTP_DUPLEX_POST", "-"};
constexpr std::string_view kCacheStates[] = {"-",     "HIT",      "MISS",        "EXPIRED", "BYPASS",
                                             "STALE", "UPDATING", "REVALIDATED", ""};
constexpr std::string_view kUpstreams[] = {"127.0.0.1:8101", "[2001:db8::7]:443", "unix:/run/app.sock", "backend", "-"};
constexpr std::string_view kUris[] = {
    "/", "/v2/library/nginx/blobs/sha256:ab", "/two  spaces", "/a HTTP/1.0", "/%20", "/q\\x22", ""};
constexpr std::string_view kMonths[] = {"Jan", "Jun", "Nov", "Dec"};

// The bytes that formats are made of do the most damage.
constexpr std::string_view kStructuralBytes = "\" \\[]:,-|\t=x2";

// A value that was written with nginx's default escaping, as it is written with another.
std::string with_escaping(const std::string& written, Escaping escaping) {
  if (escaping == Escaping::kDefault) return written;
  std::string raw(written.size(), '?');
  raw.resize(undo_escapes(Escaping::kDefault, written, raw.data()));
  if (escaping == Escaping::kNone) return raw;
  std::string text;
  for (const char byte : raw) {
    if (byte == '"' || byte == '\\') {
      text += {'\\', byte};
    } else if (byte == '\t') {
      text += "\\t";
    } else if (static_cast<unsigned char>(byte) < 0x20) {
      text += fmt::format("\\u00{:02X}", static_cast<unsigned char>(byte));
    } else {
      text += byte;
    }
  }
  return text;
}

}  // namespace

std::string LineGenerator::address() {
  switch (below(6)) {
    case 0:
      return fmt::format("2001:db8:{:x}::{:x}", below(65536), below(65536));
    case 1:
      return fmt::format("::ffff:203.0.113.{}", below(256));
    case 2:
      return one_in(4) ? "unix:" : "::1";
    default:
      return fmt::format("198.51.100.{}", below(256));
  }
}

std::string LineGenerator::number(std::size_t decimals) {
  if (one_in(12)) return "-";
  std::string text = std::to_string(below(one_in(3) ? 4'000'000'000 : 1000));
  if (decimals > 0) text += fmt::format(".{:0{}}", below(10), decimals);
  return text;
}

std::string LineGenerator::time_local() {
  return fmt::format("{:02}/{}/2026:{:02}:{:02}:{:02} {}{:02}{}0", 1 + below(28), one_of(kMonths), below(24), below(60),
                     below(61), one_in(2) ? '+' : '-', below(13), one_in(2) ? 0 : 3);
}

std::string LineGenerator::time_iso() {
  return fmt::format("2026-{:02}-{:02}T{:02}:{:02}:{:02}+0{}:00", 1 + below(12), 1 + below(28), below(24), below(60),
                     below(60), below(10));
}

std::string LineGenerator::request() {
  if (one_in(2)) return std::string(one_of(kRequests));
  return fmt::format("{} /b/{}/{}?pkg=v2/library/nginx/manifests/latest HTTP/{}.{}", one_of(kMethods), below(600),
                     std::string(below(90), 'a'), 1 + below(2), below(2));
}

std::string LineGenerator::text() {
  std::string text(one_of(kTexts));
  if (one_in(4)) text += one_of(kTexts);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_bare_quote = text[i] == '"' && (i == 0 || text[i - 1] != '\\');
    if (is_bare_quote) text.replace(i, 1, "\\x22");
  }
  return text;
}

std::string LineGenerator::list(const std::string& name) {
  std::string text;
  for (std::size_t left = one_in(3) ? 1 + below(3) : 1;; --left) {
    if (name == "upstream_addr") {
      text += one_of(kUpstreams);
    } else {
      text += number(name.ends_with("time") ? 3 : 0);
    }
    if (left == 1) return text;
    text += one_in(4) ? " : " : ", ";
  }
}

std::string LineGenerator::value(const std::string& name) {
  if (name == "remote_addr") return address();
  if (name == "scheme") return "https";
  if (name == "remote_user") return std::string(one_of(kUsers));
  if (name == "time_local") return time_local();
  if (name == "time_iso8601") return time_iso();
  if (name == "request") return request();
  if (name == "request_method") return std::string(one_of(kMethods));
  if (name == "server_protocol") return one_in(9) ? "" : "HTTP/1.1";
  if (name == "uri" || name == "request_uri") return std::string(one_of(kUris));
  if (name == "status") return fmt::format("{:03}", one_in(5) ? below(600) : 200);
  if (name == "host" || name == "server_name") return std::string(one_of(kHosts));
  if (name == "upstream_cache_status") return std::string(one_of(kCacheStates));
  if (name == "ssl_protocol") return one_in(3) ? "-" : "TLSv1.3";
  if (name == "ssl_cipher") return one_in(3) ? "-" : "TLS_AES_256_GCM_SHA384";
  if (name.starts_with("proxy_")) return one_in(2) ? "" : "default-web-80";
  if (name == "request_id" || name == "req_id") return fmt::format("{:08x}", random_());
  if (name.starts_with("upstream_")) return list(name);
  if (name == "server_port") return one_in(4) ? "" : "443";
  if (name.ends_with("_time") || name == "gzip_ratio") return number(3);
  if (name.starts_with("http_")) return text();
  return number(0);
}

GeneratedLine LineGenerator::line(const LogFormat& format) {
  GeneratedLine line;
  line.text = format.prefix;
  for (const Variable& variable : format.variables) {
    line.fields.push_back(with_escaping(value(variable.name), format.escaping));
    line.text += line.fields.back() + variable.literal;
  }
  return line;
}

std::string LineGenerator::damage(std::string line, std::string_view other) {
  for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
    const std::size_t place = below(line.size() + 1);
    const std::size_t stretch = 1 + below(one_in(2) ? 3 : 40);
    const char byte = one_in(4) ? static_cast<char>(below(256)) : kStructuralBytes[below(kStructuralBytes.size())];
    switch (below(6)) {
      case 0:
        if (place < line.size()) line[place] = byte;
        break;
      case 1:
        line.insert(place, 1, byte);
        break;
      case 2:
        line.erase(place, stretch);
        break;
      case 3:
        line.insert(below(line.size() + 1), line.substr(place, stretch));
        break;
      case 4:
        if (one_in(3)) line.erase(place);
        break;
      default:
        line.replace(place, one_in(2) ? 0 : stretch, other.substr(below(other.size() + 1), stretch));
        break;
    }
  }
  return line;
}

}  // namespace tailmeter
