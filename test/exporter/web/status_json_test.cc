#include "exporter/web/status_json.h"

#include <catch2/catch.hpp>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace tailmeter {
namespace {

TEST_CASE("the status is the program's own metrics, by source and by metric", "[web]") {
  prometheus::Registry registry;
  auto& lines = prometheus::BuildCounter().Name("tailmeter_lines_total").Register(registry);
  lines.Add({{"source", "we\"b"}, {"outcome", "matched"}}).Increment(9'007'199'254'740'992);
  lines.Add({{"source", "we\"b"}, {"outcome", "oversize"}});
  prometheus::BuildGauge().Name("tailmeter_lag_bytes").Register(registry).Add({{"source", "we\"b"}}).Set(7);
  prometheus::BuildGauge().Name("tailmeter_series").Register(registry).Add({{"metric", "a_total"}}).Set(2);
  prometheus::BuildGauge().Name("tailmeter_durable").Register(registry).Add({}).Set(1);
  prometheus::BuildGauge().Name("tailmeter_build_info").Register(registry).Add({{"version", "1"}}).Set(1);
  prometheus::BuildGauge().Name("process_open_fds").Register(registry).Add({}).Set(5);
  CHECK(status_json("1.2", true, registry.Collect(), {{"a_total", 2, 500, "uri", 2}}) ==
        R"({"metrics":{"a_total":{"series":2,"worst_label":{"label":"uri","max_series":500,"values":2}}},)"
        R"("program":{"durable":1},"ready":true,)"
        R"("sources":{"we\"b":{"lag_bytes":7,"lines_total":{"matched":9007199254740992,"oversize":0}}},)"
        R"("version":"1.2"})"
        "\n");
  CHECK(status_json("1.2", false, {}, {}) == "{\"ready\":false,\"version\":\"1.2\"}\n");
}

TEST_CASE("names with control characters are JSON", "[web]") {
  prometheus::Registry registry;
  prometheus::BuildGauge().Name("tailmeter_lag_bytes").Register(registry).Add({{"source", "a\tb\x01"}}).Set(7);
  CHECK(status_json("1", true, registry.Collect(), {}) ==
        R"({"ready":true,"sources":{"a\u0009b\u0001":{"lag_bytes":7}},"version":"1"})"
        "\n");
}

}  // namespace
}  // namespace tailmeter
