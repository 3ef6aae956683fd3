// Any bytes as an nginx configuration, split into files at "%%" in a line of its own: its logs are known, or it is
// refused with a place. Files are called "0", "1" and so on, and include each other; "*" is all of them but the first.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/cli/nginx_rules.h"
#include "rules/program/compile.h"

namespace {

using namespace tailmeter;

std::vector<std::string> split(std::string_view text) {
  constexpr std::string_view kBorder = "\n%%\n";
  std::vector<std::string> files;
  for (;;) {
    const std::size_t end = text.find(kBorder);
    files.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return files;
    text.remove_prefix(end + kBorder.size());
  }
}

// What `init` would write of these logs is right and draws no warning.
void check_rules(const NginxLogs& logs) {
  const NginxSources sources = nginx_sources(logs);
  (void)nginx_summary(sources);
  if (sources.sources.empty()) return;
  const std::string text = nginx_rules(sources, "0");
  Diagnostics diagnostics("fuzz.yml", text);
  RuleFile rules =
      load_rule_file(text, diagnostics, {}, {[&](const std::string&) -> const NginxLogs& { return logs; }});
  assert(!diagnostics.has_errors());
  (void)compile_rules(std::move(rules), diagnostics);
  assert(!diagnostics.has_errors() && diagnostics.warnings().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::vector<std::string> texts = split({reinterpret_cast<const char*>(bytes), size});
  const NginxFiles files{[&](const std::string&) {
                           std::vector<std::string> names;
                           for (std::size_t i = 1; i < texts.size(); ++i) names.push_back(std::to_string(i));
                           return names;
                         },
                         [&](const std::string& name, std::size_t) {
                           for (std::size_t i = 0; i < texts.size(); ++i) {
                             if (name == std::to_string(i)) return texts[i];
                           }
                           throw std::runtime_error("No such file or directory");
                         }};
  NginxConfLimits limits;
  limits.max_files = 100;
  try {
    check_rules(read_nginx_logs("0", files, {}, limits));
  } catch (const NginxConfError&) {
  }
  return 0;
}
