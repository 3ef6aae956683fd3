#include "parsers/formats.h"

namespace tailmeter {
namespace {

struct NamedFormat {
  std::string_view name;
  std::unique_ptr<Parser> (*make)();
};

constexpr NamedFormat kFormats[] = {
    {"combined", [] { return make_log_format_parser(kCombinedFormat); }},
    {"common", [] { return make_log_format_parser(kCommonFormat); }},
    {"csv", [] { return make_separated_parser({}); }},
    {"json", make_json_parser},
    {"logfmt", make_logfmt_parser},
    {"ltsv", make_ltsv_parser},
    {"nginx_error", make_nginx_error_parser},
    {"tsv", [] { return make_separated_parser({.separator = '\t'}); }},
};

}  // namespace

std::unique_ptr<Parser> make_named_parser(std::string_view name) {
  for (const NamedFormat& format : kFormats) {
    if (format.name == name) return format.make();
  }
  return nullptr;
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
