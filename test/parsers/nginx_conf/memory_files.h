// The files of an nginx configuration in memory, for tests.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <fnmatch.h>

#include "parsers/nginx_conf/directives.h"

namespace tailmeter {

using MemoryFiles = std::map<std::string, std::string>;

inline NginxFiles nginx_files(const MemoryFiles& contents) {
  return {[&](const std::string& pattern) {
            std::vector<std::string> names;
            for (const auto& [name, text] : contents) {
              if (::fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0) names.push_back(name);
            }
            return names;
          },
          [&](const std::string& name, std::size_t) {
            const auto found = contents.find(name);
            if (found == contents.end()) throw std::runtime_error("No such file or directory");
            return found->second;
          }};
}

}  // namespace tailmeter
