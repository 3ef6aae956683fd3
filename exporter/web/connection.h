// One client's connection, from its first byte to its last: handshake, request, answer, and again.
//
// Does at each call what can be done without waiting, and says what it waits for. Knows neither epoll nor the other
// connections. Belongs to the front thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "exporter/web/http_counts.h"
#include "exporter/web/http_limits.h"
#include "exporter/web/peer.h"
#include "exporter/web/responder.h"
#include "exporter/web/standing.h"
#include "exporter/web/transport.h"

namespace tailmeter {

class Connection {
 public:
  enum class Next {
    kWait,    // for waits_for(), at most until deadline()
    kAnswer,  // take_request() has a request, which give() or refuse() is to answer; nothing is waited for
    kClose,
  };

  // `limits` and `counts` outlive it.
  Connection(std::unique_ptr<Transport> transport, Peer peer, const HttpLimits& limits, HttpCounts& counts,
             TimePoint now);

  // The socket is as waits_for() wants it.
  [[nodiscard]] Next advance(TimePoint now);
  // deadline() has passed.
  [[nodiscard]] Next expire(TimePoint now);

  [[nodiscard]] WebRequest take_request();
  [[nodiscard]] bool is_last_request() const { return !keeps_; }
  [[nodiscard]] Next give(Answer answer, TimePoint now);
  [[nodiscard]] Next refuse(const Refusal& refusal, TimePoint now);

  [[nodiscard]] int fd() const { return transport_->fd(); }
  [[nodiscard]] std::uint32_t waits_for() const { return waits_for_; }  // EPOLLIN, EPOLLOUT or 0
  [[nodiscard]] TimePoint deadline() const { return deadline_; }
  [[nodiscard]] const PeerGroup& group() const { return peer_.group; }
  [[nodiscard]] Standing standing(TimePoint now) const;
  [[nodiscard]] bool is_shaking_hands() const { return phase_ == Phase::kShaking; }
  // It has sent something, and that was looked at.
  [[nodiscard]] bool is_greeted() const { return phase_ == Phase::kShaking && has_spoken_; }
  [[nodiscard]] bool is_reading() const { return phase_ == Phase::kIdle || phase_ == Phase::kReading; }

  // It has sent something in its handshake, and has to wait for its turn: it has waited since now, not since it came.
  void note_ready(TimePoint now);

  // True once a page was taken that no kernel holds.
  [[nodiscard]] bool has_read_page() const { return has_read_page_; }

  // The page that the client has not taken wholly yet; null if there is none.
  [[nodiscard]] const std::string* unsent_page() const { return phase_ == Phase::kWriting ? body_.get() : nullptr; }

 private:
  enum class Phase {
    kShaking,   // hands
    kIdle,      // before the first byte of a request
    kReading,   // its head
    kAsking,    // for the answer, of a worker
    kWriting,   // the answer
    kFarewell,  // what still comes is thrown away, so that a client that is refused gets to read why
  };

  [[nodiscard]] Next shake_hands(TimePoint now);
  [[nodiscard]] Next begin_idle(TimePoint now);
  [[nodiscard]] Next read(TimePoint now);
  [[nodiscard]] Next take_head(std::size_t head_bytes, TimePoint now);
  [[nodiscard]] Next begin_writing(Answer answer, TimePoint now);
  [[nodiscard]] Next write(TimePoint now);
  [[nodiscard]] Next end_writing(TimePoint now);
  [[nodiscard]] Next begin_farewell(TimePoint now);
  [[nodiscard]] Next throw_away();
  [[nodiscard]] Next wait_for(Transport::Outcome outcome);
  void begin(Phase phase, TimePoint now, std::chrono::milliseconds patience);

  std::unique_ptr<Transport> transport_;
  const Peer peer_;
  const HttpLimits& limits_;
  HttpCounts& counts_;

  Phase phase_ = Phase::kShaking;
  std::uint32_t waits_for_ = 0;
  TimePoint begun_;  // the phase; of a handshake, since the client was ready last
  TimePoint deadline_;
  bool has_spoken_ = false;       // in the handshake
  std::uint64_t good_bytes_ = 0;  // of answers that were good, and taken
  bool keeps_ = true;             // another request may follow
  bool is_refused_ = false;       // what follows is no request

  std::string received_;  // what was not taken yet: at most HeadLimits::head_bytes
  HeadScanner scanner_;
  WebRequest request_;
  bool is_head_ = false;  // the request: its answer has no body
  std::string head_;
  std::shared_ptr<const std::string> body_;
  std::size_t written_bytes_ = 0;  // of both
  bool is_good_ = false;           // the answer
  bool has_waited_ = false;        // for the client to take some of it,
  bool has_read_page_ = false;
  bool is_taking_ = false;  // which it, or its kernel, then did
  TimePoint last_progress_;
};

}  // namespace tailmeter
