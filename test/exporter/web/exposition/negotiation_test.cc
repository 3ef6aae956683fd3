#include "exporter/web/exposition/negotiation.h"

#include <catch2/catch.hpp>

#include "exporter/web/exposition/header_list.h"

namespace tailmeter {
namespace {

constexpr const char* kText = "text/plain; version=0.0.4; charset=utf-8";
constexpr const char* kText1 = "text/plain; version=1.0.0; charset=utf-8";
constexpr const char* kOpenMetrics1 = "application/openmetrics-text; version=1.0.0; charset=utf-8";
constexpr const char* kOpenMetrics001 = "application/openmetrics-text; version=0.0.1; charset=utf-8";
constexpr const char* kProtobuf =
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

TEST_CASE("a client gets the format that it likes best", "[web]") {
  const auto [accept, content_type] = GENERATE(table<std::string, std::string>({
      // Nobody has asked for anything.
      {"", kText},
      {"*/*", kText},
      {" , ;q=1, /", kText},
      // What Prometheus 2.42 sends, without and with native histograms.
      {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
       "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       kOpenMetrics1},
      {"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,"
       "application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,"
       "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       kProtobuf},
      // Prometheus 3.
      {"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
       "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
       "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
       std::string(kOpenMetrics1) + "; escaping=allow-utf-8"},
      {"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,"
       "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,*/*;q=0.2",
       kProtobuf},
      {"text/plain;version=1.0.0;escaping=underscores", std::string(kText1) + "; escaping=underscores"},
      {"text/plain;version=1.0.0", kText1},
      // An escaping that nobody knows is not repeated.
      {"text/plain;version=1.0.0;escaping=\"; x\"", kText1},
      // Browsers, curl, Go.
      {"text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8", kText},
      {"text/plain", kText},
      {"text/*", kText},
      {"application/*", kOpenMetrics1},
      {"application/openmetrics-text", kOpenMetrics1},
      {"application/openmetrics-text; version=0.0.1", kOpenMetrics001},
      {"application/vnd.google.protobuf", kProtobuf},
      // In any order, with blanks, quotes and capitals.
      {"Text/Plain ; q=0.5 ,\tAPPLICATION/OpenMetrics-Text ; Version=\"1.0.0\" ; Q=0.6", kOpenMetrics1},
      {"application/vnd.google.protobuf;encoding=delimited;q=1;proto=io.prometheus.client.MetricFamily", kProtobuf},
      {"application/openmetrics-text;charset=utf-8;version=1.0.0", kOpenMetrics1},
      // Forms of a format that are not ours.
      {"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text", kText},
      {"application/vnd.google.protobuf;proto=other;encoding=delimited,text/plain;q=0.1", kText},
      {"application/openmetrics-text;version=2.0.0,application/openmetrics-text;version=0.0.1;q=0.1", kOpenMetrics001},
      {"application/json", kText},
      // Weights.
      {"text/plain;q=0.2,application/openmetrics-text;q=0.3", kOpenMetrics1},
      {"text/plain;q=0.301,application/openmetrics-text;q=0.3", kText},
      {"text/plain;q=0.3,application/openmetrics-text;q=0.3", kText},
      {"application/openmetrics-text;q=0.3,text/plain;q=0.3", kOpenMetrics1},
      {"application/openmetrics-text,*/*", kOpenMetrics1},
      {"*/*,application/openmetrics-text", kOpenMetrics1},
      {"application/openmetrics-text;q=0", kText},
      // The range that names a type most exactly says how much it is liked.
      {"text/plain;q=0.1,*/*;q=0.9", kOpenMetrics1},
      {"text/plain;q=0,text/*", kText},  // none is left: what all can read
      {"text/plain;q=0,application/openmetrics-text;q=0,*/*", kProtobuf},
  }));
  CAPTURE(accept);
  CHECK(negotiate_format(accept, false).content_type == content_type);
}

TEST_CASE("what is chosen is what its type says", "[web]") {
  CHECK(negotiate_format("*/*", true).format == ExpositionFormat::kText);
  CHECK(negotiate_format("application/openmetrics-text", false).format == ExpositionFormat::kOpenMetrics);
  CHECK(negotiate_format("application/openmetrics-text", true).format == ExpositionFormat::kOpenMetricsCreated);
  CHECK(negotiate_format("application/vnd.google.protobuf", true).format == ExpositionFormat::kProtobuf);
}

TEST_CASE("a page is compressed for those who say that they can read it", "[web]") {
  const auto [accept, coding] = GENERATE(table<std::string, ContentCoding>({
      {"", ContentCoding::kIdentity},
      {"gzip", ContentCoding::kGzip},
      {"x-gzip", ContentCoding::kGzip},
      {"X-GZIP;q=0, *", ContentCoding::kZstd},
      {"GZip", ContentCoding::kGzip},
      {"gzip, deflate, br, zstd", ContentCoding::kZstd},
      {"zstd;q=0.5, gzip;q=0.6", ContentCoding::kGzip},
      {"*", ContentCoding::kZstd},
      {"*, zstd;q=0", ContentCoding::kGzip},
      {"gzip;q=0", ContentCoding::kIdentity},
      {"gzip;q=0, *", ContentCoding::kZstd},
      {"identity", ContentCoding::kIdentity},
      {"identity;q=1, gzip;q=0.5", ContentCoding::kIdentity},
      {"identity;q=0.5, gzip", ContentCoding::kGzip},
      {"identity;q=0", ContentCoding::kIdentity},
      {"br, deflate", ContentCoding::kIdentity},
      {"gzipped", ContentCoding::kIdentity},
  }));
  CAPTURE(accept);
  CHECK(negotiate_coding(accept) == coding);
}

TEST_CASE("a weight that cannot be read is 1", "[web]") {
  const auto [text, weight] = GENERATE(table<std::string, int>({{"0", 0},
                                                                {"1", 1000},
                                                                {"0.", 0},
                                                                {"1.", 1000},
                                                                {"0.5", 500},
                                                                {"0.05", 50},
                                                                {"0.123", 123},
                                                                {"1.000", 1000},
                                                                {"1.5", 1000},
                                                                {"", 1000},
                                                                {"2", 1000},
                                                                {"0.1234", 1000},
                                                                {"-1", 1000},
                                                                {"0,5", 1000},
                                                                {"0.x", 1000}}));
  CAPTURE(text);
  CHECK(read_weight(text) == weight);
}

TEST_CASE("however long a header is, only its beginning is looked at", "[web]") {
  std::string many;
  for (std::size_t i = 0; i < kMaxHeaderItems; ++i) many += "text/x;a=\"1,2;3\\\",\";b,";
  CHECK(negotiate_format(many + "application/openmetrics-text", false).content_type == kText);
  CHECK(negotiate_format(many.substr(many.find("text/x", 1)) + "application/openmetrics-text", false).content_type ==
        kOpenMetrics1);
  std::string parameters = "application/openmetrics-text";
  for (int i = 0; i < 1000; ++i) parameters += ";x=y";
  CHECK(negotiate_format(parameters + ";q=0.5,text/plain;q=0.6", false).content_type == kText);
}

}  // namespace
}  // namespace tailmeter
