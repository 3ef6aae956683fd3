#include "exporter/web/exposition/negotiation.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <utility>

#include "exporter/web/exposition/header_list.h"

namespace tailmeter {
namespace {

// What can be had. A parameter that a client names must have this value; others it may name as it likes.
struct Offer {
  ExpositionFormat format;
  std::string_view type;
  std::string_view subtype;
  std::string_view version;       // "" if the type has none
  std::string_view content_type;  // in front of the escaping
  bool knows_escaping = false;    // of names; ours need none, so that every kind of it is kept to
};

constexpr std::array kOffers{
    Offer{ExpositionFormat::kText, "text", "plain", "0.0.4", "text/plain; version=0.0.4; charset=utf-8"},
    Offer{ExpositionFormat::kText, "text", "plain", "1.0.0", "text/plain; version=1.0.0; charset=utf-8", true},
    Offer{ExpositionFormat::kOpenMetrics, "application", "openmetrics-text", "1.0.0",
          "application/openmetrics-text; version=1.0.0; charset=utf-8", true},
    Offer{ExpositionFormat::kOpenMetrics, "application", "openmetrics-text", "0.0.1",
          "application/openmetrics-text; version=0.0.1; charset=utf-8"},
    Offer{ExpositionFormat::kProtobuf, "application", "vnd.google.protobuf", "",
          "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited", true},
};

constexpr std::array<std::string_view, 4> kEscapings{"allow-utf-8", "underscores", "dots", "values"};

// How exactly a media range names a type, larger for more; nothing if it does not take it.
std::optional<int> specificity(const HeaderItem& range, const Offer& offer) {
  const std::string_view type = range.value.substr(0, range.value.find('/'));
  const std::string_view subtype = type.size() < range.value.size() ? range.value.substr(type.size() + 1) : "";
  if (equals_without_case(type, "*") && subtype == "*") return 0;
  if (!equals_without_case(type, offer.type)) return std::nullopt;
  if (subtype == "*") return 1;
  if (!equals_without_case(subtype, offer.subtype)) return std::nullopt;
  int named = 2;
  for (const HeaderParameter& parameter : range.parameters) {
    if (equals_without_case(parameter.name, "version")) {
      if (parameter.value != offer.version) return std::nullopt;
    } else if (offer.format == ExpositionFormat::kProtobuf && equals_without_case(parameter.name, "proto")) {
      if (parameter.value != "io.prometheus.client.MetricFamily") return std::nullopt;
    } else if (offer.format == ExpositionFormat::kProtobuf && equals_without_case(parameter.name, "encoding")) {
      if (parameter.value != "delimited") return std::nullopt;
    } else {
      continue;
    }
    ++named;
  }
  return named;
}

std::string_view escaping_of(const HeaderItem& range) {
  for (const HeaderParameter& parameter : range.parameters) {
    if (!equals_without_case(parameter.name, "escaping")) continue;
    const auto known = std::find(kEscapings.begin(), kEscapings.end(), parameter.value);
    if (known != kEscapings.end()) return *known;
  }
  return {};
}

// How much a client wants an offer. The range that names it most exactly says so, even where another would like it
// more.
struct Wish {
  int weight = 0;  // thousandths
  int specificity = -1;
  int position = 0;  // of the range, less than 0 for those behind the first
  std::string_view escaping;

  [[nodiscard]] auto rank() const { return std::tuple(weight, specificity, position); }
};

Wish wish_for(const Offer& offer, std::string_view accept) {
  Wish wish;
  int position = 0;
  for_each_item(accept, [&](const HeaderItem& range) {
    --position;
    const std::optional<int> exactness = specificity(range, offer);
    if (!exactness || *exactness <= wish.specificity) return;
    wish = {range.weight, *exactness, position, escaping_of(range)};
  });
  return wish;
}

}  // namespace

Negotiated negotiate_format(std::string_view accept, bool with_created) {
  const Offer* best = &kOffers.front();
  Wish most;
  for (const Offer& offer : kOffers) {
    const Wish wish = wish_for(offer, accept);
    if (wish.weight == 0 || (most.weight != 0 && wish.rank() <= most.rank())) continue;
    best = &offer;
    most = wish;
  }
  Negotiated chosen{best->format, std::string(best->content_type)};
  if (best->knows_escaping && !most.escaping.empty()) chosen.content_type.append("; escaping=").append(most.escaping);
  if (chosen.format == ExpositionFormat::kOpenMetrics && with_created)
    chosen.format = ExpositionFormat::kOpenMetricsCreated;
  return chosen;
}

ContentCoding negotiate_coding(std::string_view accept_encoding) {
  constexpr std::array<std::pair<std::string_view, ContentCoding>, 2> kCodings{
      {{"zstd", ContentCoding::kZstd}, {"gzip", ContentCoding::kGzip}}};
  const auto weight_of = [&](std::string_view coding, int otherwise) {
    std::optional<int> own;
    std::optional<int> any;
    for_each_item(accept_encoding, [&](const HeaderItem& item) {
      const bool is_old_name = coding == "gzip" && equals_without_case(item.value, "x-gzip");
      if (is_old_name || equals_without_case(item.value, coding)) own = item.weight;
      if (item.value == "*") any = item.weight;
    });
    return own.value_or(any.value_or(otherwise));
  };
  ContentCoding best = ContentCoding::kIdentity;
  int most = 0;
  for (const auto& [name, coding] : kCodings) {
    const int weight = weight_of(name, 0);
    if (weight <= most) continue;
    most = weight;
    best = coding;
  }
  // One who likes it better as it is says so by name.
  return weight_of("identity", 0) > most ? ContentCoding::kIdentity : best;
}

}  // namespace tailmeter
