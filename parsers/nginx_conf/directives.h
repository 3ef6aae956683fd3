// An nginx configuration with its includes, as a tree of the directives that somebody asked for.
//
// All of it is read, and what nginx's syntax refuses is refused; kept is only what concerns logs, so that a host with
// ten thousand servers fits. This code knows no files: it asks for them.
//
// Pure but for the functions that it is given; used when a configuration is loaded.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/nginx_conf/lexer.h"

namespace tailmeter {

// How the files of a configuration are reached. A name is a path, absolute if the first file's is.
struct NginxFiles {
  // The files that a pattern of `include` with "*", "?" or "[" matches, in nginx's order: sorted by bytes. None is no
  // error.
  std::function<std::vector<std::string>(const std::string& pattern)> expand;
  // The content of a file, up to `max_bytes` + 1 bytes of it. Throws std::runtime_error, whose what() is the reason.
  std::function<std::string(const std::string& name, std::size_t max_bytes)> read;
};

struct NginxDirective {
  std::vector<NginxWord> words;  // its name first
  NginxPlace place;
  std::vector<NginxDirective> block;  // empty without one

  [[nodiscard]] std::string_view name() const { return words.front().text; }
};

// Bounds against a configuration made, or grown by mistake, to exhaust us.
struct NginxConfLimits {
  std::size_t max_bytes = std::size_t{16} * 1024 * 1024;  // of all files together
  std::size_t max_files = 20'000;                         // a file counts each time it is included
  std::size_t max_depth = 64;                             // blocks and includes in each other
  std::size_t max_directives = 500'000;                   // that are kept
};

// The directives of `file` whose names are in `kept`, includes in their places. A block that is not kept is gone with
// all that is in it. Throws NginxConfError.
[[nodiscard]] std::vector<NginxDirective> read_nginx_directives(const std::string& file, const NginxFiles& files,
                                                                std::span<const std::string_view> kept,
                                                                const NginxConfLimits& limits = {});

}  // namespace tailmeter
