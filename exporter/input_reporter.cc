#include "exporter/input_reporter.h"

#include <string>

#include "exporter/log.h"

namespace tailmeter {

void report_input(const RuleSet& rules, const InputNews& news) {
  const std::string& source = rules.sources()[news.source].rule.name.value;
  const std::string input(news.name);
  switch (news.kind) {
    case InputNews::Kind::kOpen:
      log(LogLevel::kInfo, "reading an input", {{"source", source}, {"input", input}});
      break;
    case InputNews::Kind::kUnreadable:
      log(LogLevel::kWarn, "the input cannot be read; trying again until it can",
          {{"source", source}, {"input", input}, {"error", news.error.message()}});
      break;
    case InputNews::Kind::kEnded:
      log(LogLevel::kInfo, "the input has ended; what was counted is still served",
          {{"source", source}, {"input", input}});
      break;
  }
}

}  // namespace tailmeter
