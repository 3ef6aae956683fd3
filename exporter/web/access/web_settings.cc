#include "exporter/web/access/web_settings.h"

#include <system_error>

#include "exporter/files/text_file.h"
#include "exporter/web/access/tls_context.h"
#include "rules/file/diagnostics.h"
#include "rules/file/rule_file.h"

namespace tailmeter {
namespace {

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash == 0 ? 1 : slash);
}

std::string read_text(const std::string& path) {
  try {
    return read_text_file(path, RuleFileLimits{}.max_bytes);
  } catch (const std::system_error& error) {
    throw std::system_error(error.code(), path);
  } catch (const std::runtime_error& error) {
    throw RuleFileError(path + ": " + error.what());
  }
}

void stamp_certificates(const WebConfig::Tls& tls, FileStamps& stamps) {
  for (const WebConfig::Pem& pem : {tls.certificate, tls.key, tls.client_ca.value_or(WebConfig::Pem{})}) {
    if (!pem.path.empty()) stamps.emplace_back(pem.path, file_stamp(pem.path));
  }
}

}  // namespace

WebSettings read_web_settings(const std::string& path, FileStamps& stamps) {
  stamps = {{path, file_stamp(path)}};
  const std::string text = read_text(path);
  Diagnostics diagnostics(path, text);
  WebSettings settings;
  settings.config = load_web_config(text, directory_of(path), diagnostics);
  if (settings.config.tls) stamp_certificates(*settings.config.tls, stamps);
  if (settings.config.tls && !diagnostics.has_errors()) {
    try {
      settings.tls_context = make_tls_context(*settings.config.tls);
    } catch (const TlsError& error) {
      diagnostics.error(error.place(), std::string("tls_server_config: ") + error.what());
    }
  }
  diagnostics.throw_if_errors();
  settings.warnings = diagnostics.warnings();
  return settings;
}

}  // namespace tailmeter
