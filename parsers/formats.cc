#include "parsers/formats.h"

namespace tailmeter {
namespace {

struct NamedFormat {
  std::string_view name;
  std::string_view text;
};

// The dash is where httpd's %l stands (RFC 1413, long out of use). As a variable, it would take a line with a virtual
// host in front for one without. httpd's %b is "-" for no bytes. Sources: ngx_http_log_module.html, httpd's
// mod_log_config.html.
constexpr NamedFormat kFormats[] = {
    {"combined", R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent )"
                 R"("$http_referer" "$http_user_agent")"},
    {"common", R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent)"},
};

}  // namespace

std::string_view named_format(std::string_view name) {
  for (const NamedFormat& format : kFormats) {
    if (format.name == name) return format.text;
  }
  return "";
}

const std::vector<std::string>& named_formats() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> result;
    for (const NamedFormat& format : kFormats) result.emplace_back(format.name);
    return result;
  }();
  return names;
}

}  // namespace tailmeter
