#include "exporter/web/connection.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <ctime>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "exporter/web/http_date.h"

namespace tailmeter {
namespace {

using Outcome = Transport::Outcome;

constexpr Refusal kLate{408, "408 the request did not come in time"};
constexpr Refusal kNoTls{400, "400 this port speaks HTTPS"};

std::string_view reason_of(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      assert(status == 505);
      return "HTTP Version Not Supported";
  }
}

Answer answer_of(const Refusal& refusal, bool is_head) {
  std::string_view more;
  if (refusal.status == 405) more = "Allow: GET, HEAD\r\n";
  if (refusal.status == 503) more = "Retry-After: 1\r\n";
  const std::string body = std::string(refusal.text) + '\n';
  return {refusal.status,
          fmt::format("HTTP/1.1 {} {}\r\nConnection: close\r\nContent-Length: {}\r\n"
                      "Content-Type: text/plain; charset=utf-8\r\n{}\r\n{}",
                      refusal.status, reason_of(refusal.status), body.size(), more, is_head ? "" : body)};
}

}  // namespace

Connection::Connection(std::unique_ptr<Transport> transport, Peer peer, const HttpLimits& limits, HttpCounts& counts,
                       TimePoint now)
    : transport_(std::move(transport)),
      peer_(std::move(peer)),
      limits_(limits),
      counts_(counts),
      waits_for_(EPOLLIN),  // the client begins
      scanner_(limits.head) {
  if (transport_->has_handshake()) {
    begin(Phase::kShaking, now, limits_.handshake_deadline);
  } else {
    begin(Phase::kIdle, now, limits_.first_byte_deadline);
  }
}

void Connection::begin(Phase phase, TimePoint now, std::chrono::milliseconds patience) {
  phase_ = phase;
  begun_ = now;
  deadline_ = patience == std::chrono::milliseconds::max() ? TimePoint::max() : now + patience;
}

Connection::Next Connection::wait_for(Outcome outcome) {
  if (outcome != Outcome::kWantsRead && outcome != Outcome::kWantsWrite) return Next::kClose;
  waits_for_ = outcome == Outcome::kWantsRead ? EPOLLIN : EPOLLOUT;
  return Next::kWait;
}

Connection::Next Connection::advance(TimePoint now) {
  switch (phase_) {
    case Phase::kShaking:
      return shake_hands(now);
    case Phase::kIdle:
    case Phase::kReading:
      return read(now);
    case Phase::kAsking:
      return Next::kClose;  // nothing is waited for but the end of the connection
    case Phase::kWriting:
      return write(now);
    case Phase::kFarewell:
      return throw_away();
  }
  return Next::kClose;
}

Connection::Next Connection::expire(TimePoint now) {
  if (phase_ == Phase::kIdle) {
    ++counts_.closed_idle;
    transport_->say_farewell();
    return Next::kClose;
  }
  if (phase_ != Phase::kFarewell) ++counts_.closed_by_deadline;
  return phase_ == Phase::kReading ? refuse(kLate, now) : Next::kClose;
}

Connection::Next Connection::shake_hands(TimePoint now) {
  const Outcome outcome = transport_->shake_hands();
  has_spoken_ = true;
  if (outcome == Outcome::kDone) return begin_idle(now);
  if (outcome != Outcome::kSpeaksHttp && outcome != Outcome::kRefused) return wait_for(outcome);
  transport_ = plain_transport(transport_->release());
  if (outcome == Outcome::kSpeaksHttp) return refuse(kNoTls, now);
  ++counts_.closed_by_handshake;
  return begin_farewell(now);
}

void Connection::note_ready(TimePoint now) {
  assert(is_shaking_hands());
  begun_ = now;
}

Connection::Next Connection::begin_idle(TimePoint now) {
  begin(Phase::kIdle, now, good_bytes_ > 0 ? limits_.idle_deadline : limits_.first_byte_deadline);
  return read(now);
}

Connection::Next Connection::read(TimePoint now) {
  for (;;) {
    if (phase_ == Phase::kIdle && !received_.empty()) begin(Phase::kReading, now, limits_.head_deadline);
    is_head_ = received_.starts_with("HEAD ");  // also if the request is refused
    const HeadScanner::Verdict verdict = scanner_.scan(received_);
    if (verdict.outcome == HeadScanner::Outcome::kRefused) return refuse(verdict.refusal, now);
    if (verdict.outcome == HeadScanner::Outcome::kWhole) return take_head(verdict.head_bytes, now);
    std::array<char, 4096> bytes;
    const std::size_t room = std::min(bytes.size(), limits_.head.head_bytes - received_.size());
    const Transport::Result result = transport_->read(std::span(bytes).first(room));
    if (result.outcome != Outcome::kDone) return wait_for(result.outcome);
    received_.append(bytes.data(), result.bytes);
  }
}

Connection::Next Connection::take_head(std::size_t head_bytes, TimePoint now) {
  auto parsed = parse_request_head(std::string_view(received_).substr(0, head_bytes));
  received_.erase(0, head_bytes);
  scanner_ = HeadScanner(limits_.head);
  if (const auto* const refusal = std::get_if<Refusal>(&parsed)) return refuse(*refusal, now);
  auto& head = std::get<RequestHead>(parsed);
  keeps_ = head.keeps_connection;
  is_head_ = head.method == "HEAD";
  request_ = {.method = std::move(head.method),
              .path = std::move(head.path),
              .query = std::move(head.query),
              .headers = std::move(head.headers),
              .peer_group = peer_.group,
              .is_local = peer_.is_local,
              .is_authenticated = transport_->is_authenticated()};
  begin(Phase::kAsking, now, std::chrono::milliseconds::max());
  waits_for_ = 0;
  return Next::kAnswer;
}

WebRequest Connection::take_request() {
  return std::move(request_);
}

Connection::Next Connection::give(Answer answer, TimePoint now) {
  assert(phase_ == Phase::kAsking);
  return begin_writing(std::move(answer), now);
}

Connection::Next Connection::refuse(const Refusal& refusal, TimePoint now) {
  is_refused_ = true;
  keeps_ = false;
  received_ = {};
  return begin_writing(answer_of(refusal, is_head_), now);
}

Connection::Next Connection::begin_writing(Answer answer, TimePoint now) {
  constexpr int kGood = 2;
  counts_.count_answer(answer.status);
  is_good_ = answer.status / 100 == kGood;
  head_ = std::move(answer.head);
  head_.insert(head_.find("\r\n") + 2, "Date: " + http_date(std::time(nullptr)) + "\r\n");
  body_ = std::move(answer.body);
  written_bytes_ = 0;
  has_waited_ = is_taking_ = false;
  last_progress_ = now;
  begin(Phase::kWriting, now, limits_.response_deadline);
  return write(now);
}

Connection::Next Connection::write(TimePoint now) {
  const std::size_t body_bytes = body_ ? body_->size() : 0;
  for (std::size_t turn_bytes = limits_.turn_bytes; written_bytes_ < head_.size() + body_bytes;) {
    if (turn_bytes == 0) return wait_for(Outcome::kWantsWrite);
    const std::string_view rest = written_bytes_ < head_.size()
                                      ? std::string_view(head_).substr(written_bytes_)
                                      : std::string_view(*body_).substr(written_bytes_ - head_.size());
    const Transport::Result result = transport_->write(rest.substr(0, turn_bytes));
    if (result.outcome != Outcome::kDone) {
      has_waited_ = true;
      return wait_for(result.outcome);
    }
    is_taking_ = has_waited_;
    written_bytes_ += result.bytes;
    turn_bytes -= result.bytes;
    last_progress_ = now;
  }
  return end_writing(now);
}

Connection::Next Connection::end_writing(TimePoint now) {
  head_ = {};
  body_ = nullptr;
  is_head_ = false;
  if (is_good_) good_bytes_ += written_bytes_;
  has_read_page_ = has_read_page_ || (is_good_ && written_bytes_ > limits_.held_bytes);
  if (keeps_) return begin_idle(now);
  transport_->say_farewell();
  if (!is_refused_ && received_.empty()) return Next::kClose;
  return begin_farewell(now);
}

// A socket that is closed with bytes in it takes what was written back from the client.
Connection::Next Connection::begin_farewell(TimePoint now) {
  ::shutdown(fd(), SHUT_WR);
  begin(Phase::kFarewell, now, limits_.farewell_deadline);
  return throw_away();
}

Connection::Next Connection::throw_away() {
  std::array<char, 4096> bytes;
  for (std::size_t turn_bytes = 0; turn_bytes < limits_.turn_bytes; turn_bytes += bytes.size()) {
    const ssize_t size = ::recv(fd(), bytes.data(), bytes.size(), 0);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) return Next::kClose;
    if (size < 0) break;
  }
  return wait_for(Outcome::kWantsRead);
}

Standing Connection::standing(TimePoint now) const {
  using Worth = Standing::Worth;
  const bool is_proven = good_bytes_ > 0;
  Standing standing{.group = peer_.group, .waits_since = begun_, .good_bytes = good_bytes_};
  switch (phase_) {
    case Phase::kFarewell:
      standing.worth = Worth::kRefused;
      break;
    case Phase::kShaking:
    case Phase::kIdle:
      standing.worth = is_proven ? Worth::kProven : Worth::kUnproven;
      break;
    case Phase::kReading:
      standing.worth = is_proven ? Worth::kBegun : Worth::kUnproven;
      break;
    case Phase::kAsking:
      standing.worth = Worth::kAsking;
      break;
    case Phase::kWriting:
      standing.waits_since = last_progress_;
      standing.worth = is_refused_                                     ? Worth::kRefused
                       : now - last_progress_ >= limits_.stalled_after ? Worth::kStalled
                       : written_bytes_ > limits_.held_bytes           ? Worth::kReading
                       : is_taking_                                    ? Worth::kReceiving
                                                                       : Worth::kBegun;
      break;
  }
  return standing;
}

}  // namespace tailmeter
