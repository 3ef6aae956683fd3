// The head of an HTTP request, from bytes: what is asked for, or why it is not answered.
//
// Stricter than RFC 9112 asks of a server: only what says the same to everyone who reads it is taken, so that no proxy
// in front can be made to see other requests than we do. Requests have no bodies. One empty line in front is passed
// over, as clients write it behind a body (RFC 9112, section 2.2). No bytes of the client's are in a refusal. Pure:
// knows no sockets and no time.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <variant>

namespace tailmeter {

struct HeadLimits {
  std::size_t head_bytes = 16 * 1024;     // with the empty line that ends it
  std::size_t request_line_bytes = 8000;  // what RFC 9112, section 3, recommends to take at least
  std::size_t fields = 100;
};

struct RequestHead {
  std::string method;   // GET, HEAD or POST
  std::string path;     // as it was sent, without the scheme and the host of a whole URL: escapes are not undone
  std::string query{};  // what follows the first "?", likewise
  std::map<std::string, std::string, std::less<>>
      headers{};                  // by their names in lower case; several are one list, without those that are empty
  bool keeps_connection = false;  // another request may follow on the connection
};

// The status and the text of an answer; the connection ends with it, for where the next request begins is not known.
struct Refusal {
  int status;
  const char* text;  // one line, without its end
};
inline bool operator==(const Refusal& left, const Refusal& right) {
  return left.status == right.status && std::string_view(left.text) == right.text;
}

// Finds the end of a head in bytes that come piece by piece. What it says does not depend on how they were cut.
class HeadScanner {
 public:
  explicit HeadScanner(const HeadLimits& limits) : limits_(limits) {}

  // kNotYet wants more bytes: there is room for them, for it never wants more than HeadLimits::head_bytes in all.
  enum class Outcome { kNotYet, kWhole, kRefused };
  struct Verdict {
    Outcome outcome = Outcome::kNotYet;
    std::size_t head_bytes = 0;  // kWhole: of the head, from the start of `received`
    Refusal refusal{};           // kRefused
  };

  // `received` is all that came, and begins with what was given before. Looks at each byte once.
  [[nodiscard]] Verdict scan(std::string_view received);

 private:
  [[nodiscard]] Verdict end_line(std::size_t line_end);

  HeadLimits limits_;
  std::size_t scanned_bytes_ = 0;
  std::size_t line_begin_ = 0;
  std::size_t lines_ = 0;  // that have ended
};

// A head that a HeadScanner found, from its first byte to the end of the empty line.
[[nodiscard]] std::variant<RequestHead, Refusal> parse_request_head(std::string_view head);

}  // namespace tailmeter
