#include "exporter/web/exposition/text_format.h"

#include <array>
#include <cassert>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "exporter/web/exposition/page.h"
#include "exporter/web/exposition/unit.h"
#include "rules/series/label_text.h"
#include "rules/series/samples.h"

namespace tailmeter {
namespace {

constexpr std::string_view kTotal = "_total";

void append_escaped(Page& page, std::string_view text, bool escapes_quotes) {
  for (const char c : text) {
    if (c == '\n') {
      page.append("\\n");
      continue;
    }
    if (c == '\\' || (c == '"' && escapes_quotes)) page.append('\\');
    page.append(c);
  }
}

// As OpenMetrics has bounds: what Go prints for a float, and never an integer without a point.
std::string canonical(Decimal bound) {
  char text[32];
  const double value = bound.to_double();
  const double magnitude = value < 0 ? -value : value;
  const bool has_exponent = magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e6);
  const auto format = has_exponent ? std::chars_format::scientific : std::chars_format::fixed;
  std::string written(text, std::to_chars(text, text + sizeof text, value, format).ptr);
  if (!has_exponent && written.find('.') == std::string::npos) written += ".0";
  return written;
}

class FamilyWriter {
 public:
  FamilyWriter(Page& page, const FamilySnapshot& family, const ShownFamily& shown, TextDialect dialect)
      : page_(page),
        family_(family),
        description_(family.description()),
        shown_(shown),
        is_open_metrics_(dialect != TextDialect::kPrometheus),
        with_created_(dialect == TextDialect::kOpenMetricsCreated && shown.type != "gauge") {}

  void append() {
    const bool is_single = description_.kind != SeriesKind::kHistogram && description_.kind != SeriesKind::kSummary;
    const auto value_of = shown_.part == ShownFamily::Part::kError ? &FamilySnapshot::error : &FamilySnapshot::value;
    family_.for_each_series([&](std::string_view labels, std::uint32_t row) {
      if (!has_header_) append_header();
      if (is_single) {
        append_sample("", labels, "", (family_.*value_of)(row));
      } else {
        append_samples(labels, row);
      }
      if (with_created_) append_created(labels, row);
    });
  }

 private:
  // What OpenMetrics calls the family.
  [[nodiscard]] std::string_view base_name() const {
    std::string_view name = shown_.name;
    if (!is_counter()) return name;
    assert(name.ends_with(kTotal));  // the rule file's names do
    name.remove_suffix(kTotal.size());
    return name;
  }
  [[nodiscard]] bool is_counter() const { return shown_.type == "counter"; }

  void append_header() {
    has_header_ = true;
    const std::string_view name = is_open_metrics_ ? base_name() : std::string_view(shown_.name);
    if (!is_open_metrics_) append_comment("HELP", name, shown_.help);
    append_comment("TYPE", name, shown_.type);
    if (!is_open_metrics_) return;
    append_comment("UNIT", name, unit_of(shown_.name, description_));
    append_comment("HELP", name, shown_.help);
  }

  void append_comment(std::string_view what, std::string_view name, std::string_view text) {
    if (text.empty()) return;
    for (const std::string_view piece :
         {std::string_view("# "), what, std::string_view(" "), name, std::string_view(" ")})
      page_.append(piece);
    append_escaped(page_, text, is_open_metrics_);
    page_.append('\n');
  }

  // `extra` is a label more, as render_labels() would write it.
  void append_sample(std::string_view suffix, std::string_view labels, std::string_view extra, Decimal value) {
    append_line(shown_.name, suffix, labels, extra, value);
  }

  void append_line(std::string_view name, std::string_view suffix, std::string_view labels, std::string_view extra,
                   Decimal value) {
    constexpr std::size_t kBetween = 8;  // braces, a comma, a blank, a newline
    char* to = page_.room(name.size() + suffix.size() + labels.size() + extra.size() + kMaxDecimalChars + kBetween);
    to = copy_to(to, name);
    if (!suffix.empty()) to = copy_to(to, suffix);
    if (!labels.empty() || !extra.empty()) {
      *to++ = '{';
      to = copy_to(to, labels);
      if (!extra.empty()) {
        if (!labels.empty()) *to++ = ',';
        to = copy_to(to, extra);
      }
      *to++ = '}';
    }
    *to++ = ' ';
    to = write_decimal(to, value);
    *to++ = '\n';
    page_.wrote(to);
  }

  void append_samples(std::string_view labels, std::uint32_t row) {
    // The sum of values below zero may fall, which OpenMetrics allows no sum to; and wants no count without one.
    const bool has_total =
        !is_open_metrics_ || description_.bounds.empty() || !description_.bounds.front().is_negative();
    std::size_t sample = 0;
    for_each_sample(family_, shown_.part, row, [&](std::string_view suffix, const ExtraLabel* extra, Decimal value) {
      if (extra == nullptr) {
        if (has_total) append_sample(suffix, labels, "", value);
        return;
      }
      if (sample == extras_.size()) extras_.push_back(extra_text(*extra));
      append_sample(suffix, labels, extras_[sample], value);
      if (is_open_metrics_ && description_.kind == SeriesKind::kHistogram) append_exemplar(row, sample);
      ++sample;
    });
  }

  [[nodiscard]] std::string extra_text(const ExtraLabel& extra) const {
    std::string bound = "+Inf";
    if (extra.value) bound = is_open_metrics_ ? canonical(*extra.value) : to_string(*extra.value);
    return std::string(extra.name) + "=\"" + bound + '"';
  }

  // In place of the newline of its bucket.
  void append_exemplar(std::uint32_t row, std::size_t bucket) {
    const std::optional<Exemplar> exemplar = family_.exemplar(row, bucket);
    if (!exemplar) return;
    page_.shrink(page_.size() - 1);
    const std::array names{description_.exemplar_label};
    const std::array values{std::string(exemplar->label_value)};
    page_.append(" # {");
    page_.append(render_labels(names, values));
    page_.append("} ");
    page_.append(to_string(exemplar->value));
    page_.append(' ');
    page_.append(to_string(seconds(exemplar->at_ms)));
    page_.append('\n');
  }

  void append_created(std::string_view labels, std::uint32_t row) {
    const std::int64_t created_ms = family_.created_ms(row);
    if (created_ms != kUnknownCreation) append_line(base_name(), "_created", labels, "", seconds(created_ms));
  }

  static Decimal seconds(std::int64_t milliseconds) {
    return Decimal::from_nanos(Int128{milliseconds} * (Decimal::kUnit / 1000));
  }

  Page& page_;
  const FamilySnapshot& family_;
  const FamilyDescription& description_;
  const ShownFamily& shown_;
  const bool is_open_metrics_;
  const bool with_created_;
  bool has_header_ = false;
  std::vector<std::string> extras_;  // the labels that tell a series' samples apart, alike for all of its family
};

}  // namespace

void append_text(std::string& out, const Snapshot& snapshot, TextDialect dialect) {
  Page page(out);
  for (const FamilySnapshot& family : snapshot) {
    for (const ShownFamily& shown : shown_families(family.description())) {
      FamilyWriter(page, family, shown, dialect).append();
    }
  }
  page.finish();
}

}  // namespace tailmeter
