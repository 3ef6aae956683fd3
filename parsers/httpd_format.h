// httpd's LogFormat text, taken apart as nginx's is.
//
// Source: httpd's mod_log_config.html and mod_logio.html. A field has nginx's name where it holds the same: %h is
// remote_addr, %>s status, %b and %B body_bytes_sent, %O bytes_sent, %T request_time; so that rules fit both. Times
// that are not in seconds say so: %D and %{us}T are request_time_us, %{ms}T is request_time_ms. %{Name-X}i is
// http_name_x,
// %{Name-X}o sent_http_name_x, %{Name}e env_name, %{Name}n note_name, %{Name}C cookie_name. %l is remote_logname,
// "-" without mod_ident. %U%q together are request_uri, %{sec}t.%{msec_frac}t are time_s, and a time stamp that is put
// together, such as %{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t, is time.
#pragma once

#include <string>
#include <string_view>

#include "parsers/log_format.h"

namespace tailmeter {

// `text` is as in the configuration, with or without a backslash in front of its quotes, or "common", "combined" or
// "vhost_combined". Throws FormatError (see formats.h).
[[nodiscard]] LogFormat parse_httpd_format(std::string_view text);

}  // namespace tailmeter
