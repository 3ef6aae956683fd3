// Lines of the mirror's two logs, one after the other, as the seed has them.
//
// The access log is in the format that rules/presets/mirror.yml describes. Most lines pull images; some ping, list
// tags, push, fail, were retried on a second upstream, or are no HTTP at all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "examples/mirror-traffic/mirror.h"
#include "examples/mirror-traffic/random.h"

namespace tailmeter {

class Traffic {
 public:
  explicit Traffic(std::uint64_t seed) : random_(seed) {}

  // Each appends one line with its end to `text`; `now_seconds` count from 1970.
  void append_access_line(std::int64_t now_seconds, std::string& text);
  void append_sync_line(std::int64_t now_seconds, std::string& text);

 private:
  // One request and its response, as the access log tells them.
  struct Exchange {
    const Client* client;
    std::string_view user;
    std::string request;  // escaped as nginx escapes
    int status;
    std::uint64_t body_bytes;
    std::uint64_t request_ms;
    std::string upstream_times;
    std::string_view cache_status;
  };
  struct Kind;
  static const Kind kKinds[];

  void head_manifest_by_tag();
  void get_manifest_by_tag();
  void get_manifest_by_digest();
  void get_blob();
  void list_tags();
  void ping();
  void push();
  void scan();
  void send_no_http();

  void ask(std::string_view method, std::string_view target);
  void ask_for_manifest(std::string_view method, bool by_digest);
  void answer_from_cache(const Image& image, std::uint64_t size_bytes);
  void answer_from_upstream(double median_ms, bool is_retried);
  [[nodiscard]] bool fails();
  void fail(int status, std::uint64_t body_bytes, std::uint64_t request_ms);

  Mirror mirror_;
  Random random_;
  Exchange exchange_;
  std::string target_;
  std::int64_t stamp_seconds_ = -1;  // the second that stamp_ tells
  std::string stamp_;
};

}  // namespace tailmeter
