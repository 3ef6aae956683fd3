// Threads that answer requests, while the front thread goes on with other clients.
//
// They wait for the engine, so that a request may take as long as its scraper has patience: how many may be under way
// is limited. No worker ever sees a socket.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "exporter/descriptors/event.h"
#include "exporter/web/peer.h"
#include "exporter/web/responder.h"

namespace tailmeter {

class Workers {
 public:
  struct Job {
    std::uint64_t connection = 0;
    PeerGroup group{};  // of the client
    WebRequest request;
    bool is_last = false;  // the connection ends with the answer
  };
  struct Done {
    std::uint64_t connection = 0;
    Answer answer;
  };

  // At most `max_jobs` are waiting or being answered; 0: no limit. The handler is called by several threads at once.
  Workers(WebHandler handler, std::size_t max_jobs) : handler_(std::move(handler)), max_jobs_(max_jobs) {}
  ~Workers() { stop(); }

  // Throws std::system_error if the threads cannot be had. Not after stop().
  void start(std::size_t threads);
  // Waits for what is being answered, and lets go of what waits.
  void stop();

  // When there are as many as may be, one goes away unanswered: its connection. It is the newest that waits of the
  // clients that have most of them, so that a crowd sends away its own.
  [[nodiscard]] std::optional<std::uint64_t> submit(Job job);

  // Readable while there are answers to take.
  [[nodiscard]] int event_fd() const { return event_.fd(); }
  [[nodiscard]] std::vector<Done> take_done();

 private:
  void work();
  [[nodiscard]] std::uint64_t send_one_away();

  const WebHandler handler_;
  const std::size_t max_jobs_;
  Event event_;
  std::mutex mutex_;
  std::condition_variable has_job_;
  std::deque<Job> jobs_;
  std::size_t working_ = 0;
  std::vector<Done> done_;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tailmeter
