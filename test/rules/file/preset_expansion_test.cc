// What a preset brings to a source. Every preset's own tests are run by test/exporter/cli/rule_test_test.cc.
#include "rules/file/preset_expansion.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "rules/presets/presets.h"
#include "test/rules/file/loaded.h"

namespace tailmeter {
namespace {

std::vector<std::string> sources_of(const RuleFile& rules, const std::string& metric) {
  std::vector<std::string> names;
  for (const MetricRule& rule : rules.metrics) {
    if (rule.name.value != metric) continue;
    for (const Text& source : rule.sources) names.push_back(source.value);
  }
  return names;
}

using Names = std::vector<std::string>;

TEST_CASE("a preset brings its format, its fields and its metrics, and these read the source that names it", "[file]") {
  const Loaded loaded = load("sources:\n  - {name: nginx, files: [a.log], preset: mirror}\n");
  REQUIRE(loaded.errors.empty());
  REQUIRE(loaded.rules.sources.size() == 1);
  const SourceRule& source = loaded.rules.sources[0];
  CHECK(source.files[0].value == "a.log");
  CHECK(source.files.size() == 1);
  CHECK(source.formats.size() == 2);
  CHECK(source.extracts.size() == 1);
  CHECK(sources_of(loaded.rules, "http_requests_total") == Names{"nginx"});
  CHECK(sources_of(loaded.rules, "mirror_sync_success_total").empty());  // of the preset's other source
  CHECK(loaded.rules.tests.empty());
}

TEST_CASE("two sources with one preset share its families", "[file]") {
  const Loaded loaded = load(R"(
sources:
  - {name: edge, files: [a.log], preset: nginx}
  - {name: inner, files: [b.log], preset: nginx}
)");
  CHECK(loaded.errors.empty());
  CHECK(sources_of(loaded.rules, "http_requests_total") == Names{"edge", "inner"});
}

TEST_CASE("what a source says itself, and a metric that the file has, come before the preset's", "[file]") {
  const Loaded loaded = load(R"(
sources:
  - {name: web, files: [a.log], preset: nginx, format: common, max_line_bytes: 99}
metrics:
  - {counter: http_requests_total, help: Mine., source: web}
)");
  CHECK(loaded.errors.empty());
  REQUIRE(loaded.rules.sources.size() == 1);
  CHECK(loaded.rules.sources[0].formats.size() == 1);
  CHECK(loaded.rules.sources[0].formats[0].text.value == "common");
  CHECK(loaded.rules.sources[0].max_line_bytes == 99);
  CHECK(sources_of(loaded.rules, "http_requests_total") == Names{"web"});
  CHECK(loaded.rules.metrics[0].help == "Mine.");
  CHECK(sources_of(loaded.rules, "http_response_bytes_total") == Names{"web"});
}

TEST_CASE("a preset that is not there, or that has no source of this name, is refused where it is named", "[file]") {
  CHECK(
      load("sources:\n  - {name: web, files: [a.log], format: common, preset: mirrror}\n").errors ==
      R"(t.yml:2:57: source "web": preset: there is no preset "mirrror" (did you mean "mirror"?); "tailmeter check --presets" lists them
    2 |   - {name: web, files: [a.log], format: common, preset: mirrror}
      |                                                         ^)");
  CHECK(
      load("sources:\n  - {name: web, files: [a.log], format: common, preset: mirror}\n").errors ==
      R"(t.yml:2:57: source "web": preset: "mirror" has the sources "nginx", "sync": call this source as the one that it is
    2 |   - {name: web, files: [a.log], format: common, preset: mirror}
      |                                                         ^)");
}

TEST_CASE("what does not fit a preset's metrics is said where the preset is named", "[file]") {
  CHECK(load(R"(
sources:
  - {name: web, files: [a.log], preset: nginx}
metrics:
  - {gauge: http_requests, value: $status, source: web}
)")
            .errors.find("t.yml:2:41: ") == 0);
}

TEST_CASE("the presets for one kind of log fit into one rule file", "[presets]") {
  const auto names = GENERATE(values<std::vector<std::pair<const char*, const char*>>>({
      {{"a", "rsync_stats"},
       {"b", "rsyncd"},
       {"c", "tunasync_worker"},
       {"d", "tunasync_manager"},
       {"e", "ftpsync"},
       {"apt_mirror", "apt_mirror"},
       {"wget", "apt_mirror"},
       {"f", "debmirror"}},
      {{"a", "skopeo"},
       {"b", "daocloud_diff_image"},
       {"c", "image_syncer"},
       {"d", "regsync"},
       {"e", "harbor_replication"},
       {"ocimirror", "opencidn"},
       {"runner", "opencidn"},
       {"cidn", "opencidn"}},
      {{"a", "nginx"},
       {"b", "nginx_timing"},
       {"c", "nginx_json"},
       {"d", "nginx_cache"},
       {"e", "nginx_ltsv"},
       {"f", "nginx_ingress"},
       {"g", "registry_cache"},
       {"h", "docker_registry"},
       {"i", "apache"},
       {"j", "haproxy"},
       {"k", "traefik"},
       {"l", "caddy"},
       {"m", "envoy"},
       {"n", "nginx_error"},
       {"nginx", "mirror"}},
  }));
  std::string text = "sources:\n";
  for (const auto& [name, preset] : names)
    text += fmt::format("  - {{name: {0}, files: [{0}.log], preset: {1}}}\n", name, preset);
  CHECK(load(text).errors.empty());
}

TEST_CASE("each preset says in its first line what it is for", "[presets]") {
  REQUIRE(presets().size() >= 2);
  for (const Preset& preset : presets()) {
    CAPTURE(preset.name);
    CHECK(preset.text.substr(0, 2) == "# ");
    CHECK(preset.text.substr(0, preset.text.find('\n')).back() == '.');
  }
  CHECK(preset_text("nothing").empty());
}

}  // namespace
}  // namespace tailmeter
