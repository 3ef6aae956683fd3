// Which form of a page a client is given: by its headers Accept and Accept-Encoding (RFC 9110, sections 12.5.1 and
// 12.5.3).
//
// Whatever a client sends gets an answer: one who accepts nothing that we have gets Prometheus' text, which all can
// read, uncompressed. Nothing here allocates in proportion to a header, nor throws for one.
//
// Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "exporter/web/exposition/exposition.h"

namespace tailmeter {

struct Negotiated {
  ExpositionFormat format = ExpositionFormat::kText;
  std::string content_type;  // says what was chosen, with the version and the escaping that were asked for
};

// The format that the client likes best. Of those that it likes alike: the one that it names more exactly, then the one
// that it names first, then text before OpenMetrics before protobuf. `with_created` says what OpenMetrics is to hold.
[[nodiscard]] Negotiated negotiate_format(std::string_view accept, bool with_created);

// zstd before gzip where a client likes them alike.
[[nodiscard]] ContentCoding negotiate_coding(std::string_view accept_encoding);

}  // namespace tailmeter
