#include "examples/mirror-traffic/traffic.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <iterator>

namespace tailmeter {
namespace {

// Of 100 lines about 3 tell of two upstreams, and 1 of a server error.
constexpr double kRetried = 0.032;
constexpr double kNamedUser = 0.02;

constexpr std::string_view kUsers[] = {"ci", "alice", "build bot", "robot$pull", "deploy"};
constexpr std::string_view kStrayTargets[] = {"/", "/robots.txt", "/favicon.ico", "/.env", "/v1/_ping", "/.git/config"};
constexpr std::string_view kNoHttp[] = {"", R"(\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03\x9A\xD7\xB1\x22\x5C\x0E)",
                                        R"(\x16\x03\x01\x00\xF2\x01\x00\x00\xEE\x03\x03)",
                                        R"(\x03\x00\x00/*\xE0\x00\x00\x00\x00\x00Cookie: mstshash=Administr)",
                                        "SSH-2.0-Go"};
constexpr std::string_view kSyncErrors[] = {"manifest unknown",
                                            "toomanyrequests: rate limit exceeded",
                                            "unauthorized: authentication required",
                                            "read: connection reset by peer",
                                            "context deadline exceeded",
                                            "unexpected EOF"};

void append_number(std::uint64_t number, std::string& text) {
  char digits[20];
  text.append(digits, std::to_chars(std::begin(digits), std::end(digits), number).ptr);
}

void append_seconds(std::uint64_t ms, std::string& text) {
  append_number(ms / 1000, text);
  const auto digit = [](std::uint64_t value) { return static_cast<char>('0' + value % 10); };
  const char fraction[] = {'.', digit(ms / 100), digit(ms / 10), digit(ms)};
  text.append(fraction, sizeof fraction);
}

// In UTC, as `format` says (strftime).
std::string time_text(std::int64_t seconds, const char* format) {
  const std::time_t time = seconds;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

template <std::size_t Size>
std::string_view pick(const std::string_view (&choices)[Size], Random& random) {
  return choices[random.below(Size)];
}

}  // namespace

struct Traffic::Kind {
  std::uint32_t per_mille;
  void (Traffic::*make)();
};

constexpr Traffic::Kind Traffic::kKinds[] = {
    {390, &Traffic::get_blob},
    {250, &Traffic::head_manifest_by_tag},
    {200, &Traffic::get_manifest_by_digest},
    {92, &Traffic::get_manifest_by_tag},
    {35, &Traffic::ping},
    {12, &Traffic::push},
    {10, &Traffic::list_tags},
    {8, &Traffic::scan},
    {3, &Traffic::send_no_http},
};

void Traffic::append_access_line(std::int64_t now_seconds, std::string& text) {
  exchange_ = {};
  exchange_.client = &mirror_.pick_client(random_);
  exchange_.user = random_.chance(kNamedUser) ? pick(kUsers, random_) : "-";
  exchange_.upstream_times = exchange_.cache_status = "-";

  const Kind* kind = kKinds;
  for (std::size_t left = random_.below(1000); left >= kind->per_mille; ++kind) left -= kind->per_mille;
  (this->*kind->make)();

  if (now_seconds != stamp_seconds_) {
    stamp_seconds_ = now_seconds;
    stamp_ = time_text(now_seconds, "%d/%b/%Y:%H:%M:%S +0000");
  }
  const auto append = [&text](auto... parts) { (text.append(parts), ...); };
  const bool is_http = kind->make != &Traffic::send_no_http;
  append(exchange_.client->address, " - ", exchange_.user, " [", stamp_, "] \"", exchange_.request, "\" ");
  append_number(static_cast<std::uint64_t>(exchange_.status), text);
  text += ' ';
  append_number(exchange_.body_bytes, text);
  append(" \"-\" \"", is_http ? exchange_.client->user_agent : std::string_view("-"), "\" rt=");
  append_seconds(exchange_.request_ms, text);
  append(" urt=\"", exchange_.upstream_times, "\" cs=", exchange_.cache_status, "\n");
}

void Traffic::append_sync_line(std::int64_t now_seconds, std::string& text) {
  const bool has_failed = random_.chance(0.04);
  text += time_text(now_seconds, has_failed ? "%FT%TZ SYNC_FAILED image=" : "%FT%TZ SYNC_SUCCESS image=");
  text += mirror_.pick_image(random_).name;
  const double seconds = random_.around(8, 3);
  text += " duration=";
  append_number(static_cast<std::uint64_t>(seconds), text);
  text += '.';
  append_number(static_cast<std::uint64_t>(seconds * 10) % 10, text);
  if (has_failed) {
    text.append("s error=\"").append(pick(kSyncErrors, random_)).append("\"\n");
  } else {
    text += "s bytes=";
    append_number(static_cast<std::uint64_t>(seconds * random_.around(6e6, 3)), text);
    text += '\n';
  }
}

void Traffic::head_manifest_by_tag() {
  ask_for_manifest("HEAD", false);
}
void Traffic::get_manifest_by_tag() {
  ask_for_manifest("GET", false);
}
void Traffic::get_manifest_by_digest() {
  ask_for_manifest("GET", true);
}

void Traffic::ask_for_manifest(std::string_view method, bool by_digest) {
  const Image& image = mirror_.pick_image(random_);
  const Object manifest = Mirror::pick_manifest(image, random_);
  target_.assign("/v2/").append(image.name).append("/manifests/");
  if (by_digest) {
    append_digest(manifest.number, target_);
  } else {
    Mirror::append_tag(image, random_, target_);
  }
  ask(method, target_);
  if (!fails()) answer_from_cache(image, manifest.size_bytes);
  if (method == "HEAD") exchange_.body_bytes = 0;
}

void Traffic::get_blob() {
  const Image& image = mirror_.pick_image(random_);
  const Object blob = Mirror::pick_blob(image, random_);
  target_.assign("/v2/").append(image.name).append("/blobs/");
  append_digest(blob.number, target_);
  ask("GET", target_);
  if (fails()) return;
  if (random_.chance(0.02)) {  // goes on with a broken download
    answer_from_cache(image, 1 + random_.below(blob.size_bytes));
    exchange_.status = 206;
  } else {
    answer_from_cache(image, blob.size_bytes);
  }
}

void Traffic::list_tags() {
  const Image& image = mirror_.pick_image(random_);
  ask("GET", target_.assign("/v2/").append(image.name).append("/tags/list"));
  if (!fails()) answer_from_cache(image, 80 + random_.below(3000));
}

void Traffic::ping() {
  ask("GET", "/v2/");
  answer_from_upstream(2, random_.chance(kRetried));
  const bool is_known = random_.chance(0.6);
  exchange_.status = is_known ? 200 : 401;
  exchange_.body_bytes = is_known ? 2 : 87;
}

// A client pushes a blob in three steps and then a manifest. Each line is a step; their order does not matter to who
// counts.
void Traffic::push() {
  const Image& image = mirror_.pick_image(random_);
  const std::uint64_t number = random_.next();
  target_.assign("/v2/").append(image.name);
  if (exchange_.user == "-") exchange_.user = pick(kUsers, random_);
  switch (random_.below(4)) {
    case 0:
      ask("POST", target_.append("/blobs/uploads/"));
      break;
    case 1:
      ask("PATCH", target_.append("/blobs/uploads/").append(std::to_string(number)));
      break;
    case 2:
      target_.append("/blobs/uploads/").append(std::to_string(number)).append("?digest=");
      append_digest(number, target_);
      ask("PUT", target_);
      break;
    default:
      ask("PUT", target_.append("/manifests/v1.").append(std::to_string(number % 40)));
  }
  if (fails()) return;
  const std::string_view method = std::string_view(exchange_.request).substr(0, 3);
  answer_from_upstream(method == "PAT" ? 1500 : 60, random_.chance(kRetried));
  exchange_.status = method == "PUT" ? 201 : 202;
}

void Traffic::scan() {
  ask("GET", pick(kStrayTargets, random_));
  fail(404, 153, 0);
}

void Traffic::send_no_http() {
  exchange_.request = pick(kNoHttp, random_);
  fail(400, exchange_.request.empty() ? 0 : 157, random_.below(200));
}

void Traffic::ask(std::string_view method, std::string_view target) {
  exchange_.request.append(method).append(" ").append(target).append(" ").append(exchange_.client->protocol);
}

void Traffic::answer_from_cache(const Image& image, std::uint64_t size_bytes) {
  exchange_.status = 200;
  exchange_.body_bytes = size_bytes;
  const double hit_ratio = image.rank < 200 ? 0.95 : 0.78;
  const bool is_retried = random_.chance(kRetried);
  if (!is_retried && random_.chance(hit_ratio)) {
    const std::size_t roll = random_.below(100);
    exchange_.cache_status = roll == 0 ? "STALE" : roll == 1 ? "UPDATING" : "HIT";
  } else {
    answer_from_upstream(45, is_retried);
    const std::size_t roll = random_.below(100);
    exchange_.cache_status = roll < 15 ? "EXPIRED" : roll < 22 ? "REVALIDATED" : roll < 24 ? "BYPASS" : "MISS";
  }
  const double bytes_per_ms = random_.around(30'000, 2.5);
  exchange_.request_ms += static_cast<std::uint64_t>(static_cast<double>(size_bytes) / bytes_per_ms);
}

void Traffic::answer_from_upstream(double median_ms, bool is_retried) {
  const auto upstream_ms = static_cast<std::uint64_t>(random_.around(median_ms, 4));
  exchange_.upstream_times.clear();
  if (is_retried) {
    const std::uint64_t refused_ms = random_.below(4);
    append_seconds(refused_ms, exchange_.upstream_times);
    exchange_.upstream_times += ", ";
    exchange_.request_ms += refused_ms;
  }
  append_seconds(upstream_ms, exchange_.upstream_times);
  exchange_.request_ms += upstream_ms + random_.below(2);
}

// Something else than the answer that was asked for, in 3 of 100 cases.
bool Traffic::fails() {
  const std::size_t roll = random_.below(1000);
  if (roll >= 30) return false;
  if (roll < 10) {
    fail(404, 145, 30 + random_.below(60));
    exchange_.cache_status = "MISS";
  } else if (roll < 16) {
    fail(429, 169, 0);
    return true;  // nginx itself refused
  } else if (roll < 20) {
    fail(499, 0, 200 + random_.below(20'000));
    return true;
  } else if (roll < 24) {
    fail(502, 157, random_.below(10));
  } else if (roll < 27) {
    fail(503, 197, random_.below(3));
  } else if (roll < 29) {
    fail(504, 167, 60'000 + random_.below(5));
  } else {
    fail(500, 177, random_.below(300));
  }
  exchange_.upstream_times.clear();
  append_seconds(exchange_.request_ms, exchange_.upstream_times);
  return true;
}

void Traffic::fail(int status, std::uint64_t body_bytes, std::uint64_t request_ms) {
  exchange_.status = status;
  exchange_.body_bytes = body_bytes;
  exchange_.request_ms = request_ms;
}

}  // namespace tailmeter
