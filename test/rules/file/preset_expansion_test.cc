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

// Of each entry of the metric its labels, each with its template.
std::vector<std::string> labels_of(const RuleFile& rules, const std::string& metric) {
  std::vector<std::string> entries;
  for (const MetricRule& rule : rules.metrics) {
    if (rule.name.value != metric) continue;
    std::string& entry = entries.emplace_back();
    for (const LabelRule& label : rule.labels)
      entry += fmt::format("{}{}={}", entry.empty() ? "" : " ", label.name.value, label.from.value);
  }
  return entries;
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
  CHECK(source.extracts.size() == 2);
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
      load("sources:\n  - {name: web, files: [a.log], preset: mirrror}\n").errors ==
      R"(t.yml:2:41: source "web": preset: there is no preset "mirrror" (did you mean "mirror"?); "tailmeter check --presets" lists them
    2 |   - {name: web, files: [a.log], preset: mirrror}
      |                                         ^)");
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

TEST_CASE("all presets fit into one rule file, with each of their sources", "[presets]") {
  std::string text = "sources:\n";
  std::size_t source_count = 0;
  for (const Preset& preset : presets()) {
    const Loaded own = load(std::string(preset.text));
    REQUIRE(own.errors.empty());
    for (const SourceRule& source : own.rules.sources) {
      // Of a preset with one source it may have any name; the names of the others are not alike.
      const std::string name = own.rules.sources.size() == 1 ? fmt::format("s{}", source_count) : source.name.value;
      text += fmt::format("  - {{name: {0}, files: [{0}.log], preset: {1}}}\n", name, preset.name);
      ++source_count;
    }
  }
  CHECK(source_count > presets().size());
  const Loaded loaded = load(text);
  CHECK(loaded.errors.empty());
  CHECK(loaded.rules.sources.size() == source_count);
}

TEST_CASE("what presets bring under one name has the labels of them all", "[presets]") {
  const Loaded loaded = load(R"(
sources:
  - {name: web, files: [a.log], preset: nginx}
  - {name: packages, files: [b.log], preset: rsync_stats}
  - {name: images, files: [c.log], preset: skopeo}
  - {name: sync, files: [d.log], preset: mirror}
)");
  REQUIRE(loaded.errors.empty());
  CHECK(
      labels_of(loaded.rules, "mirror_sync_failed_total") ==
      Names{"mirror=$mirror image=", "image=$image mirror=", "image=$registry/$repository mirror=", "image= mirror="});
  CHECK(labels_of(loaded.rules, "mirror_sync_errors_total") ==
        Names{"mirror=$mirror code=$code error=", "error=$error code= mirror="});
  CHECK(labels_of(loaded.rules, "mirror_sync_blobs_total") == Names{"image=$image"});
  CHECK(labels_of(loaded.rules, "http_5xx_errors_total") == Names{""});
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
