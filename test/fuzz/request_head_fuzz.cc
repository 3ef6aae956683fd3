// A request's head: the verdict is the same however the bytes are cut, what is taken is what a plain reader takes and
// no more, and it says the same when it is written again.
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "exporter/web/request_head.h"
#include "test/exporter/web/plain_request_head.h"

namespace {

using namespace tailmeter;
using Outcome = HeadScanner::Outcome;

std::string text_of(const RequestHead& head) {
  std::string text =
      head.method + "\n" + head.path + "\n" + head.query + "\n" + (head.keeps_connection ? "kept" : "closed") + "\n";
  for (const auto& [name, value] : head.headers) text += name + ": " + value + "\n";
  return text;
}

std::string written_again(const RequestHead& head) {
  std::string text = head.method + ' ' + head.path + '?' + head.query + " HTTP/1.1\r\n";
  for (const auto& [name, value] : head.headers) text += name + ':' + value + "\r\n";
  return text + "\r\n";
}

// Pieces of one byte, or of growing size.
void check_cuts(std::string_view bytes, const HeadScanner::Verdict& whole) {
  for (const std::size_t growth : {std::size_t{0}, std::size_t{1}, std::size_t{7}}) {
    HeadScanner scanner({});
    HeadScanner::Verdict verdict;
    std::size_t piece = 1;
    for (std::size_t size = 0; verdict.outcome == Outcome::kNotYet && size < bytes.size(); piece += growth) {
      size = std::min(size + piece, bytes.size());
      const std::vector<char> exactly(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      verdict = scanner.scan({exactly.data(), exactly.size()});
    }
    assert(verdict.outcome == whole.outcome);
    assert(verdict.head_bytes == whole.head_bytes);
    if (verdict.outcome == Outcome::kRefused) assert(verdict.refusal == whole.refusal);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<char> exactly(data, data + size);
  const std::string_view bytes(exactly.data(), exactly.size());
  HeadScanner scanner({});
  const HeadScanner::Verdict verdict = scanner.scan(bytes);
  constexpr std::size_t kMostCut = 2048;  // the cost of cutting grows by the square
  if (size <= kMostCut) check_cuts(bytes, verdict);

  std::string taken;
  if (verdict.outcome == Outcome::kWhole) {
    const auto parsed = parse_request_head(bytes.substr(0, verdict.head_bytes));
    if (const auto* const head = std::get_if<RequestHead>(&parsed)) {
      taken = text_of(*head);
      if (head->headers.contains("host") && head->keeps_connection) {
        const auto again = parse_request_head(written_again(*head));
        assert(std::holds_alternative<RequestHead>(again) && text_of(std::get<RequestHead>(again)) == taken);
      }
    }
  }
  assert(taken == plain_request_head(bytes));
  return 0;
}
