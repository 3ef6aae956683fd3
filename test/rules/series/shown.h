// What a family shows, a line a sample.
#pragma once

#include <string>

#include "rules/series/samples.h"

namespace tailmeter {

inline std::string shown(const FamilySnapshot& snapshot) {
  std::string out;
  for (const ShownFamily& family : shown_families(snapshot.description())) {
    snapshot.for_each_series([&](std::string_view labels, std::uint32_t row) {
      for_each_sample(snapshot, family.part, row, [&](std::string_view suffix, const ExtraLabel* extra, Decimal value) {
        out += family.name + std::string(suffix) + '{' + std::string(labels);
        if (extra != nullptr) {
          out += (labels.empty() ? "" : ",") + std::string(extra->name) + '=';
          out += extra->value ? to_string(*extra->value) : "+Inf";
        }
        out += "} " + to_string(value) + '\n';
      });
    });
  }
  return out;
}

}  // namespace tailmeter
