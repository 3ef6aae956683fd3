#include "exporter/web/access/access.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace tailmeter {
namespace {

constexpr std::chrono::seconds kLookInterval{1};
constexpr const char* kTlsIsSettled =
    "whether TLS is spoken is settled at the start: restart tailmeter for a \"tls_server_config\" that came or went";

WebResponse ask_for_password() {
  WebResponse response = plain_response(401, "401 a user and a password are needed here\n");
  response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"tailmeter\"");
  return response;
}

WebResponse ask_for_patience(std::chrono::nanoseconds wait, std::string text) {
  WebResponse response = plain_response(429, std::move(text));
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

}  // namespace

Access::Access(std::string path, Listener listener, Clock clock, Passwords::Hash hash)
    : path_(std::move(path)),
      listener_(std::move(listener)),
      clock_(std::move(clock)),
      passwords_(std::move(hash), clock_),
      next_look_(clock_() + kLookInterval) {
  WebSettings settings = read_web_settings(path_, stamps_);
  warnings_ = settings.warnings;
  uses_tls_ = settings.tls_context != nullptr;
  settings_ = std::make_shared<const WebSettings>(std::move(settings));
}

std::shared_ptr<const WebSettings> Access::settings() {
  look_again();
  const std::lock_guard lock(mutex_);
  return settings_;
}

std::shared_ptr<ssl_ctx_st> Access::tls_context() {
  return settings()->tls_context;
}

void Access::look_again() {
  const std::unique_lock looking(looking_, std::try_to_lock);
  if (!looking || clock_() < next_look_) return;
  next_look_ = clock_() + kLookInterval;
  const bool is_changed = std::any_of(stamps_.begin(), stamps_.end(),
                                      [](const auto& file) { return file_stamp(file.first) != file.second; });
  // What could not be read may be read now, though nothing shows it.
  if (!is_changed && complaint_.empty()) return;
  std::string complaint;
  try {
    WebSettings settings = read_web_settings(path_, stamps_);
    if ((settings.tls_context != nullptr) != uses_tls_) throw std::runtime_error(path_ + ": " + kTlsIsSettled);
    const std::lock_guard lock(mutex_);
    settings_ = std::make_shared<const WebSettings>(std::move(settings));
  } catch (const std::runtime_error& error) {
    complaint = error.what();
  }
  const bool is_news = is_changed || complaint != complaint_;
  complaint_ = std::move(complaint);
  if (is_news) listener_({complaint_.empty(), complaint_});
}

std::chrono::nanoseconds Access::take_request(const WebConfig::RateLimit& limit) {
  const std::lock_guard lock(mutex_);
  if (!rate_ || rate_->limit != limit) rate_ = Rate{limit, TokenBucket(limit.interval, limit.burst)};
  const auto now = clock_();
  return rate_->bucket.take(now) ? std::chrono::nanoseconds(0) : rate_->bucket.wait(now);
}

WebResponse Access::admit(const WebConfig& config, const WebRequest& request, const Page& page) {
  if (config.rate_limit) {
    const auto wait = take_request(*config.rate_limit);
    if (wait.count() > 0) return ask_for_patience(wait, "429 too many requests; try again later\n");
  }
  if (config.users.empty()) return page(request);
  const auto given = parse_credentials(request.header("authorization"));
  if (!given) return ask_for_password();
  const PasswordVerdict verdict = passwords_.check(config.users, *given, request.peer_group);
  switch (verdict.kind) {
    case PasswordVerdict::Kind::kWrong:
      return ask_for_password();
    case PasswordVerdict::Kind::kTooMany:
      return ask_for_patience(verdict.retry_after, "429 too many passwords were tried; try again later\n");
    case PasswordVerdict::Kind::kRight:
      break;
  }
  WebRequest known = request;
  known.is_authenticated = true;
  return page(known);
}

WebResponse Access::respond(const WebRequest& request, const Page& page) {
  const std::shared_ptr<const WebSettings> settings = this->settings();
  WebResponse response = admit(settings->config, request, page);
  response.headers.insert(response.headers.end(), settings->config.headers.begin(), settings->config.headers.end());
  return response;
}

}  // namespace tailmeter
