#include <iostream>

#include "exporter/cli/commands.h"
#include "exporter/cli/rule_files.h"

namespace tailmeter {

int init_command(const Arguments& arguments) {
  NginxBuild build;
  build.prefix = arguments.nginx_prefix;
  const NginxRules rules = rules_for_nginx(arguments.nginx_conf, build);
  std::cout << rules.text << std::flush;
  if (!std::cout) throw WorkError("standard output could not be written");
  std::cerr << rules.summary;
  return kExitDone;
}

}  // namespace tailmeter
