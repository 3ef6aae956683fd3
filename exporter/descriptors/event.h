// Something that happened, to wait for with poll(2): eventfd(2). Any thread may set it.
#pragma once

namespace tailmeter {

class Event {
 public:
  Event();  // throws std::system_error
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  [[nodiscard]] int fd() const { return fd_; }  // readable while it is set
  void set();
  void clear();

 private:
  int fd_;
};

}  // namespace tailmeter
