#include <iostream>
#include <system_error>

#include "exporter/cli/arguments.h"
#include "exporter/cli/commands.h"
#include "exporter/cli/rule_files.h"
#include "rules/file/diagnostics.h"

namespace tailmeter {
namespace {

int dispatch(const Arguments& arguments) {
  switch (arguments.command) {
    case Command::kRun:
      return run_command(arguments);
    case Command::kDryRun:
      return dry_run_command(arguments);
    case Command::kCheck:
      return check_command(arguments);
    case Command::kTest:
      return test_command(arguments);
    case Command::kInit:
      return init_command(arguments);
    case Command::kState:
      break;
  }
  return state_command(arguments);
}

int main_with_errors(int argc, char** argv) {
  try {
    return dispatch(parse_arguments(argc, argv));
  } catch (const HelpRequested& help) {
    std::cout << help.text;
    return kExitDone;
  } catch (const UsageError& error) {
    std::cerr << "tailmeter: " << error.what() << '\n';
    return kExitUsage;
  } catch (const RuleFileError& error) {
    std::cerr << error.what() << '\n';
    return kExitUsage;
  } catch (const WorkError& error) {
    std::cerr << "tailmeter: " << error.what() << '\n';
    return kExitFailed;
  } catch (const std::system_error& error) {
    std::cerr << "tailmeter: " << error.what() << '\n';
    return kExitFailed;
  }
}

}  // namespace
}  // namespace tailmeter

int main(int argc, char** argv) {
  return tailmeter::main_with_errors(argc, argv);
}
