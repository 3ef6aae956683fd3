#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "parsers/formats.h"

namespace tailmeter {
namespace {

enum Field : FieldIndex {
  kTime,
  kLevel,
  kPid,
  kTid,
  kConnection,
  kMessage,
  kClient,
  kServer,
  kLogin,
  kRequest,
  kSubrequest,
  kUpstream,
  kHost,
  kReferrer,
  kFieldCount,
};

// What nginx appends to the message about a connection or a request, in this order.
struct Tail {
  FieldIndex field;
  std::string_view opening;
  bool is_quoted;
};
constexpr Tail kTails[] = {
    {kClient, ", client: ", false},
    {kServer, ", server: ", false},
    {kLogin, ", login: \"", true},
    {kRequest, ", request: \"", true},
    {kSubrequest, ", subrequest: \"", true},
    {kUpstream, ", upstream: \"", true},
    {kHost, ", host: \"", true},
    {kReferrer, ", referrer: \"", true},
    {kFieldCount, ", bytes from/to client:", false},  // of a TCP session; not a field
};

constexpr std::string_view kTimePattern = "0000/00/00 00:00:00";  // 0 for a digit

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Goes through a line from piece to piece.
class Walk {
 public:
  Walk(std::string_view line, const std::vector<bool>& is_selected, FieldValues* values)
      : line_(line), is_selected_(is_selected), values_(values) {}

  // Why the line does not fit, at at(), or null.
  [[nodiscard]] const char* run() {
    if (!take_time()) return "there is no time such as 2026/11/21 18:49:31: not the first line of a message";
    if (!take_text(" [") || !take_while(kLevel, [](char c) { return c >= 'a' && c <= 'z'; }) || !take_text("] "))
      return "there is no level such as [error]";
    if (!take_while(kPid, is_digit) || !take_text("#") || !take_while(kTid, is_digit) || !take_text(": "))
      return "there is no process and thread such as 25#25:";
    take_connection();
    take_message();
    return nullptr;
  }

  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  void set(FieldIndex field, std::size_t begin, std::size_t end) {
    if (values_ != nullptr && field < kFieldCount && is_selected_[field])
      values_->set(field, line_.substr(begin, end - begin));
  }

  [[nodiscard]] bool take_text(std::string_view text) {
    if (line_.substr(at_, text.size()) != text) return false;
    at_ += text.size();
    return true;
  }

  [[nodiscard]] bool take_time() {
    for (; at_ < kTimePattern.size(); ++at_) {
      if (at_ == line_.size()) return false;
      const char expected = kTimePattern[at_];
      if (expected == '0' ? !is_digit(line_[at_]) : line_[at_] != expected) return false;
    }
    set(kTime, 0, at_);
    return true;
  }

  template <typename Class>
  [[nodiscard]] bool take_while(FieldIndex field, Class is_in_class) {
    const std::size_t begin = at_;
    while (at_ < line_.size() && is_in_class(line_[at_])) ++at_;
    set(field, begin, at_);
    return at_ > begin;
  }

  // *1447 and a blank, if the message is about a connection.
  void take_connection() {
    const std::size_t begin = at_;
    if (take_text("*") && take_while(kConnection, is_digit) && take_text(" ")) return;
    at_ = begin;
    set(kConnection, begin, begin);
  }

  void take_message() {
    std::size_t next = std::min(line_.find(kTails[0].opening, at_), line_.size());
    set(kMessage, at_, next);
    for (const Tail& tail : kTails) {
      if (line_.substr(next, tail.opening.size()) != tail.opening) continue;
      const std::size_t begin = next + tail.opening.size();
      const auto [end, behind] = end_of(tail, begin);
      set(tail.field, begin, end);
      next = behind;
    }
  }

  // Where the value of `tail`, which begins at `begin`, ends, and where the next tail begins: the first opening of one
  // that may follow, with the quote in front of it. A line that nginx has cut has no quote at its end.
  [[nodiscard]] std::pair<std::size_t, std::size_t> end_of(const Tail& tail, std::size_t begin) const {
    std::size_t next = std::string_view::npos;
    for (const Tail* later = &tail + 1; later != std::end(kTails); ++later) {
      std::size_t found = line_.find(later->opening, begin);
      while (found != std::string_view::npos && tail.is_quoted && (found == begin || line_[found - 1] != '"'))
        found = line_.find(later->opening, found + 1);
      next = std::min(next, found);
    }
    if (next != std::string_view::npos) return {next - (tail.is_quoted ? 1 : 0), next};
    const bool is_closed = tail.is_quoted && line_.size() > begin && line_.back() == '"';
    return {line_.size() - (is_closed ? 1 : 0), line_.size()};
  }

  std::string_view line_;
  const std::vector<bool>& is_selected_;
  FieldValues* values_;
  std::size_t at_ = 0;
};

class NginxErrorParser final : public Parser {
 public:
  [[nodiscard]] const std::vector<std::string>& field_names() const override { return names_; }

  void select(const std::vector<bool>& used) override { is_selected_ = used; }

  [[nodiscard]] bool parse(std::string_view line, FieldValues& values) const override {
    return Walk(line, is_selected_, &values).run() == nullptr;
  }

  [[nodiscard]] Mismatch diagnose(std::string_view line) const override {
    Walk walk(line, is_selected_, nullptr);
    const char* const reason = walk.run();
    return reason == nullptr ? Mismatch{} : Mismatch{walk.at(), reason};
  }

 private:
  std::vector<std::string> names_ = {"time",   "level", "pid",     "tid",        "connection", "message", "client",
                                     "server", "login", "request", "subrequest", "upstream",   "host",    "referrer"};
  std::vector<bool> is_selected_ = std::vector<bool>(kFieldCount, true);
};

}  // namespace

std::unique_ptr<Parser> make_nginx_error_parser() {
  return std::make_unique<NginxErrorParser>();
}

}  // namespace tailmeter
