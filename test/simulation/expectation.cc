#include "test/simulation/expectation.h"

#include <algorithm>

namespace tailmeter {
namespace {

constexpr std::string_view kLabel = "line=\"";

// The texts have no character that is escaped.
std::string_view text_of(std::string_view labels) {
  return labels.substr(kLabel.size(), labels.size() - kLabel.size() - 1);
}

template <typename Visit>
void for_each_line(const Snapshot& snapshot, Visit visit) {
  const FamilySnapshot& family = snapshot.front();
  family.for_each_series([&](std::string_view labels, std::uint32_t row) {
    visit(text_of(labels), static_cast<std::uint64_t>(family.value(row).nanos() / Decimal::from_integer(1).nanos()));
  });
}

double own_value(const Scrape& scrape, const char* name) {
  for (const prometheus::MetricFamily& family : scrape.own()) {
    if (family.name == name) {
      return family.type == prometheus::MetricType::Counter ? family.metric[0].counter.value
                                                            : family.metric[0].gauge.value;
    }
  }
  return -1;
}

}  // namespace

bool Expectation::has_beginning_with(const std::string& text) const {
  const auto line = lines_.lower_bound(text);
  return line != lines_.end() && line->first.starts_with(text);
}

bool Expectation::is_ignored(std::string_view text) const {
  return std::any_of(ignored_.begin(), ignored_.end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

void Expectation::note_counted(const Snapshot& counted) {
  for_each_line(counted, [&](std::string_view text, std::uint64_t) {
    if (const auto line = lines_.find(text); line != lines_.end()) line->second.is_in_memory = true;
  });
}

void Expectation::kill() {
  for (auto& [text, line] : lines_) {
    line.is_in_memory = false;
    line.shown = line.durable;
  }
}

Texts Expectation::required(const Texts& readable) const {
  Texts required;
  for (const auto& [text, line] : lines_) {
    if (line.durable > 0 || line.is_in_memory || readable.contains(text)) required.insert(text);
  }
  return required;
}

std::string Expectation::check(const Scrape& scrape, const Texts& required, bool is_whole) {
  std::uint64_t surplus_bytes = 0;
  std::string wrong;
  std::map<std::string_view, std::uint64_t> seen;
  const bool is_durable = own_value(scrape, "tailmeter_durable") == 1;
  for_each_line(scrape.snapshot(), [&](std::string_view text, std::uint64_t count) {
    if (is_ignored(text)) return;
    seen.emplace(text, count);
    const auto found = lines_.find(text);
    if (found == lines_.end()) {
      wrong += "a line was counted that nobody wrote: " + std::string(text) + '\n';
      return;
    }
    Line& line = found->second;
    if (count > line.written) {
      surplus_bytes += (count - line.written) * (text.size() + 1);
      if (static_cast<double>(surplus_bytes) > own_value(scrape, "tailmeter_uncertain_bytes_total")) {
        wrong += "a line was counted " + std::to_string(count) + " times: " + std::string(text) + '\n';
      }
    }
  });
  for (auto& [text, line] : lines_) {
    const auto found = seen.find(text);
    const std::uint64_t count = found == seen.end() ? 0 : found->second;
    if (count < line.shown) wrong += "a line was shown and is no longer: " + text + '\n';
    line.shown = std::max(line.shown, count);
    if (is_durable) line.durable = std::max(line.durable, count);
    if (count > 0) line.is_in_memory = true;
    if (count == 0 && is_whole && required.contains(text)) wrong += "a line was not counted: " + text + '\n';
  }
  return wrong;
}

}  // namespace tailmeter
