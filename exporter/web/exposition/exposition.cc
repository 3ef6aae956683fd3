#include "exporter/web/exposition/exposition.h"

#include "exporter/web/exposition/compression.h"
#include "exporter/web/exposition/protobuf_format.h"
#include "exporter/web/exposition/text_format.h"
#include "rules/series/samples.h"

namespace tailmeter {
namespace {

void append(std::string& out, ExpositionFormat format, const Snapshot& snapshot) {
  switch (format) {
    case ExpositionFormat::kText:
      return append_text(out, snapshot, TextDialect::kPrometheus);
    case ExpositionFormat::kOpenMetrics:
      return append_text(out, snapshot, TextDialect::kOpenMetrics);
    case ExpositionFormat::kOpenMetricsCreated:
      return append_text(out, snapshot, TextDialect::kOpenMetricsCreated);
    case ExpositionFormat::kProtobuf:
      return append_protobuf(out, snapshot);
  }
}

// About the bytes of the text, the largest form. A page of a hundred thousand series that grows as it is written is
// copied as often as its size doubles.
std::size_t size_guess(const Snapshot& snapshot) {
  constexpr std::size_t kValueBytes = 24;
  std::size_t bytes = 0;
  for (const FamilySnapshot& family : snapshot) bytes += text_bytes(family, kValueBytes);
  return bytes;
}

}  // namespace

std::string render(Exposition exposition, const Snapshot& series, const Snapshot& own) {
  std::string out;
  out.reserve(size_guess(series) + size_guess(own));
  append(out, exposition.format, series);
  append(out, exposition.format, own);
  const bool is_open_metrics =
      exposition.format == ExpositionFormat::kOpenMetrics || exposition.format == ExpositionFormat::kOpenMetricsCreated;
  if (is_open_metrics) out += kOpenMetricsEnd;
  switch (exposition.coding) {
    case ContentCoding::kIdentity:
      return out;
    case ContentCoding::kGzip:
      return compress_gzip(out);
    case ContentCoding::kZstd:
      return compress_zstd(out);
  }
  return out;
}

}  // namespace tailmeter
