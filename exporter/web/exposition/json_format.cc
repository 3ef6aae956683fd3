#include "exporter/web/exposition/json_format.h"

#include <fmt/format.h>

#include "exporter/web/exposition/page.h"
#include "rules/series/samples.h"

namespace tailmeter {
namespace {

// Rendered labels as the members of an object: values are written alike there, for they hold no control characters.
void append_labels(Page& page, std::string_view labels) {
  while (!labels.empty()) {
    const std::size_t equals = labels.find('=');
    std::size_t end = equals + 2;  // behind the opening quote
    while (labels[end] != '"') end += labels[end] == '\\' ? 2 : 1;
    page.append('"');
    page.append(labels.substr(0, equals));
    page.append("\":");
    page.append(labels.substr(equals + 1, end - equals));
    labels.remove_prefix(end + 1);
    if (labels.empty()) return;
    page.append(',');
    labels.remove_prefix(1);
  }
}

void append_extra(Page& page, const ExtraLabel& extra, bool is_first) {
  if (!is_first) page.append(',');
  page.append('"');
  page.append(extra.name);
  page.append("\":\"");
  page.append(extra.value ? to_string(*extra.value) : "+Inf");
  page.append('"');
}

void append_family(Page& page, const FamilySnapshot& family, const ShownFamily& shown) {
  family.for_each_series([&](std::string_view labels, std::uint32_t row) {
    for_each_sample(family, shown.part, row, [&](std::string_view suffix, const ExtraLabel* extra, Decimal value) {
      page.append("{\"name\":\"");
      page.append(shown.name);
      page.append(suffix);
      page.append("\",\"labels\":{");
      append_labels(page, labels);
      if (extra != nullptr) append_extra(page, *extra, labels.empty());
      page.append("},\"value\":\"");
      page.wrote(write_decimal(page.room(kMaxDecimalChars), value));
      page.append("\"},");
    });
  });
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.append(1, '\\').append(1, c);
    } else if (static_cast<unsigned char>(c) < ' ') {
      out += fmt::format("\\u{:04x}", c);
    } else {
      out += c;
    }
  }
  return out + '"';
}

void append_json(std::string& out, const Snapshot& snapshot, std::string_view family) {
  constexpr std::size_t kBetween = 64;  // {"name":"...","labels":{...},"value":"..."}, and the value
  const auto is_asked_for = [&](const FamilySnapshot& one) {
    return family.empty() || one.description().name == family;
  };
  std::size_t bytes = out.size();
  for (const FamilySnapshot& one : snapshot) bytes += is_asked_for(one) ? text_bytes(one, kBetween) : 0;
  out.reserve(bytes);
  Page page(out);
  page.append('[');
  const std::size_t empty_size = page.size();
  for (const FamilySnapshot& one : snapshot) {
    if (!is_asked_for(one)) continue;
    for (const ShownFamily& shown : shown_families(one.description())) append_family(page, one, shown);
  }
  if (page.size() > empty_size) page.shrink(page.size() - 1);  // the last comma
  page.append(']');
  page.finish();
}

}  // namespace tailmeter
