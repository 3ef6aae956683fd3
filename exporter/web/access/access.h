// Who may see which page: what --web.config.file asks for, in front of the pages.
//
// The file, and the certificates that it names, are looked at again when a client comes, at most once a second. What is
// right is in force for connections and requests that begin then; what is wrong is told once, and what was in force
// stays. Whether TLS is spoken at all is settled at the start.
//
// Any thread. Only a request with a password that is not known yet waits, see passwords.h.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "exporter/web/access/bcrypt.h"
#include "exporter/web/access/passwords.h"
#include "exporter/web/access/token_bucket.h"
#include "exporter/web/access/web_settings.h"
#include "exporter/web/message.h"

namespace tailmeter {

class Access {
 public:
  using Clock = Passwords::Clock;
  using Page = std::function<WebResponse(const WebRequest&)>;
  // A changed file is in force, or not.
  struct News {
    bool is_in_force;
    std::string why_not;  // several lines
  };
  using Listener = std::function<void(const News& news)>;  // called by the thread of a client

  // Throws as read_web_settings().
  Access(std::string path, Listener listener, Clock clock = std::chrono::steady_clock::now,
         Passwords::Hash hash = bcrypt);

  // What `page` answers, if the client may ask for it.
  [[nodiscard]] WebResponse respond(const WebRequest& request, const Page& page);

  [[nodiscard]] bool uses_tls() const { return uses_tls_; }
  // For the next connection; null without TLS.
  [[nodiscard]] std::shared_ptr<ssl_ctx_st> tls_context();

  // Of the file at the start; several lines, or "".
  [[nodiscard]] const std::string& warnings() const { return warnings_; }

 private:
  struct Rate {
    WebConfig::RateLimit limit;
    TokenBucket bucket;
  };

  [[nodiscard]] std::shared_ptr<const WebSettings> settings();
  void look_again();
  [[nodiscard]] WebResponse admit(const WebConfig& config, const WebRequest& request, const Page& page);
  // 0 if a request may be answered now, else how long until then.
  [[nodiscard]] std::chrono::nanoseconds take_request(const WebConfig::RateLimit& limit);

  const std::string path_;
  const Listener listener_;
  const Clock clock_;
  Passwords passwords_;
  std::string warnings_;
  bool uses_tls_ = false;

  std::mutex looking_;  // held by who looks again; nobody waits for it
  std::chrono::steady_clock::time_point next_look_;
  FileStamps stamps_;
  std::string complaint_;  // "" if all that was seen is in force

  std::mutex mutex_;
  std::shared_ptr<const WebSettings> settings_;
  std::optional<Rate> rate_;
};

}  // namespace tailmeter
