#include "test/exporter/web/plain_request_head.h"

#include <cctype>
#include <map>
#include <set>
#include <vector>

namespace tailmeter {
namespace {

std::vector<std::string> split(const std::string& text, const std::string& by) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find(by, begin)) != std::string::npos; begin = end + by.size()) {
    parts.push_back(text.substr(begin, end - begin));
  }
  parts.push_back(text.substr(begin));
  return parts;
}

bool consists_of(const std::string& text, const std::string& more) {
  for (const char c : text) {
    const bool is_ascii_alphanumeric = static_cast<unsigned char>(c) < 0x80 && std::isalnum(c) != 0;
    if (!is_ascii_alphanumeric && more.find(c) == std::string::npos) return false;
  }
  return true;
}

std::string stripped(std::string text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.erase(0, 1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.pop_back();
  return text;
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x80) c = static_cast<char>(std::tolower(c));
  }
  return text;
}

bool is_text(const std::string& line) {
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return false;
  }
  return true;
}

bool is_target(const std::string& target) {
  if (target.empty() || target[0] != '/') return false;
  for (const char c : target) {
    if (c <= 0x20 || c > 0x7e || c == '#') return false;
  }
  const std::vector<std::string> parts = split(target, "%");
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i].size() < 2 || std::isxdigit(parts[i][0]) == 0 || std::isxdigit(parts[i][1]) == 0) return false;
  }
  return true;
}

// What begins with the path; "" if that cannot be said.
std::string without_host(const std::string& target) {
  for (const std::string scheme : {"http://", "https://"}) {
    if (lower(target.substr(0, scheme.size())) != scheme) continue;
    std::string rest = target.substr(scheme.size());
    std::string host;
    while (!rest.empty() && rest[0] != '/' && rest[0] != '?') {
      host += rest[0];
      rest.erase(0, 1);
    }
    if (host.empty() || !consists_of(host, "-._~!$&'()*+;=:[]%")) return "";
    return rest.empty() || rest[0] == '?' ? "/" + rest : rest;
  }
  return target;
}

}  // namespace

std::string plain_request_head(std::string_view bytes) {
  std::size_t most = 16384;
  if (bytes.substr(0, 2) == "\r\n") {
    bytes.remove_prefix(2);
    most -= 2;
  }
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos || end + 4 > most) return "";
  std::vector<std::string> lines = split(std::string(bytes.substr(0, end)), "\r\n");
  for (const std::string& line : lines) {
    if (!is_text(line)) return "";
  }
  const std::string first = lines[0];
  lines.erase(lines.begin());
  std::vector<std::string> words = split(first, " ");
  if (first.size() > 8000 || lines.size() > 100 || words.size() != 3) return "";
  words[1] = without_host(words[1]);
  if (std::set<std::string>{"GET", "HEAD", "POST"}.count(words[0]) == 0 || !is_target(words[1])) return "";
  const bool is_new = words[2] == "HTTP/1.1";
  if (!is_new && words[2] != "HTTP/1.0") return "";

  std::map<std::string, std::vector<std::string>> fields;
  for (const std::string& line : lines) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || colon == 0) return "";
    const std::string name = line.substr(0, colon);
    if (!consists_of(name, "!#$%&'*+-.^_`|~")) return "";
    fields[lower(name)].push_back(stripped(line.substr(colon + 1)));
  }
  const std::size_t hosts = fields.count("host") != 0 ? fields["host"].size() : 0;
  if (hosts > 1 || (is_new && hosts == 0)) return "";
  if (hosts == 1 && !consists_of(fields["host"][0], "-._~!$&'()*+;=:[]%")) return "";
  if (fields.count("transfer-encoding") != 0) return "";
  if (fields.count("content-length") != 0) {
    const std::vector<std::string>& lengths = fields["content-length"];
    if (lengths.size() != 1 || lengths[0].empty() || lengths[0] != std::string(lengths[0].size(), '0')) return "";
  }
  bool is_kept = is_new;
  std::string text;
  for (const auto& [name, values] : fields) {
    std::string list;
    for (const std::string& value : values) {
      if (!list.empty() && !value.empty()) list += ", ";
      list += value;
    }
    if (name == "connection") {
      for (const std::string& option : split(list, ",")) is_kept = is_kept && lower(stripped(option)) != "close";
    }
    text += name + ": " + list + "\n";
  }
  const std::size_t query = words[1].find('?');
  return words[0] + "\n" + words[1].substr(0, query) + "\n" +
         (query == std::string::npos ? "" : words[1].substr(query + 1)) + "\n" + (is_kept ? "kept" : "closed") + "\n" +
         text;
}

}  // namespace tailmeter
