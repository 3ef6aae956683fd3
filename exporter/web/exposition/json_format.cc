#include "exporter/web/exposition/json_format.h"

#include "exporter/web/exposition/sample_list.h"

namespace tailmeter {

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

void append_json(std::string& out, const Snapshot& snapshot, std::string_view family) {
  const char* separator = "";
  out += '[';
  for (const Sample& sample : samples_of(snapshot, family)) {
    out.append(separator).append("{\"name\":").append(json_string(sample.name)).append(",\"labels\":{");
    separator = "";
    for (const auto& [name, value] : sample.labels) {
      out.append(separator).append(json_string(name)).append(":").append(json_string(value));
      separator = ",";
    }
    out.append("},\"value\":\"").append(to_string(sample.value)).append("\"}");
    separator = ",";
  }
  out += ']';
}

}  // namespace tailmeter
