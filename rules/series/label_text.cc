#include "rules/series/label_text.h"

#include <cassert>

namespace tailmeter {

std::string render_labels(std::span<const std::string> names, std::span<const std::string> values) {
  assert(names.size() == values.size());
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (values[i].empty()) continue;
    if (!out.empty()) out += ',';
    out += names[i];
    out += "=\"";
    for (const char c : values[i]) {
      if (c == '\n') {
        out += "\\n";
      } else {
        if (c == '\\' || c == '"') out += '\\';
        out += c;
      }
    }
    out += '"';
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> parse_labels(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!text.empty()) {
    const std::size_t equals = text.find('=');
    assert(equals != std::string_view::npos && text[equals + 1] == '"');
    auto& [name, value] = pairs.emplace_back(text.substr(0, equals), "");
    text.remove_prefix(equals + 2);
    while (text.front() != '"') {
      if (text.front() == '\\') {
        text.remove_prefix(1);
        value += text.front() == 'n' ? '\n' : text.front();
      } else {
        value += text.front();
      }
      text.remove_prefix(1);
    }
    text.remove_prefix(text.size() > 1 ? 2 : 1);  // the quote and a comma
  }
  return pairs;
}

}  // namespace tailmeter
