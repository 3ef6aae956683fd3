#include "exporter/web/exposition/protobuf_format.h"

#include <cassert>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "exporter/web/exposition/protobuf_writer.h"
#include "exporter/web/exposition/unit.h"
#include "rules/series/label_text.h"
#include "rules/series/samples.h"

namespace tailmeter {
namespace {

// The numbers of metrics.proto.
namespace family_field {
enum { kName = 1, kHelp = 2, kType = 3, kMetric = 4, kUnit = 5 };
}
namespace type_number {
enum { kCounter = 0, kGauge = 1, kSummary = 2, kHistogram = 4 };
}
namespace metric_field {
enum { kLabel = 1, kGauge = 2, kCounter = 3, kSummary = 4, kHistogram = 7 };
}
namespace pair_field {
enum { kName = 1, kValue = 2 };
}
namespace number_field {
enum { kValue = 1, kCreated = 3 };
}
namespace summary_field {
enum { kCount = 1, kSum = 2, kQuantile = 3, kCreated = 4 };
}
namespace quantile_field {
enum { kQuantile = 1, kValue = 2 };
}
namespace histogram_field {
enum {
  kCount = 1,
  kSum = 2,
  kBucket = 3,
  kSchema = 5,
  kZeroThreshold = 6,
  kZeroCount = 7,
  kPositiveSpan = 12,
  kPositiveDelta = 13,
  kCreated = 15,
  kExemplar = 16,
};
}
namespace bucket_field {
enum { kCumulativeCount = 1, kUpperBound = 2, kExemplar = 3 };
}
namespace span_field {
enum { kOffset = 1, kLength = 2 };
}
namespace exemplar_field {
enum { kLabel = 1, kValue = 2, kTimestamp = 3 };
}
namespace timestamp_field {
enum { kSeconds = 1, kNanos = 2 };
}

// Guesses of lengths.
constexpr std::size_t kShort = 0;
constexpr std::size_t kBytesOfSeries = 100;

// Where there is room for them and 8 bytes more. Its length is a varint of its own in front.
char* write_label(char* to, int field, std::string_view name, std::string_view value) {
  const std::size_t length = 2 + varint_bytes(name.size()) + name.size() + varint_bytes(value.size()) + value.size();
  to = write_varint(write_varint(to, wire_tag(field, WireType::kLengthDelimited)), length);
  to = write_varint(write_varint(to, wire_tag(pair_field::kName, WireType::kLengthDelimited)), name.size());
  to = copy_to(to, name);
  to = write_varint(write_varint(to, wire_tag(pair_field::kValue, WireType::kLengthDelimited)), value.size());
  return copy_to(to, value);
}

// The labels of a text that render_labels() wrote, where there is room for twice the text.
char* write_labels(char* to, std::string_view text) {
  if (text.find('\\') != std::string_view::npos) {
    for (const auto& [name, value] : parse_labels(text)) to = write_label(to, metric_field::kLabel, name, value);
    return to;
  }
  while (!text.empty()) {
    const std::size_t equals = text.find('=');
    const std::size_t end = text.find('"', equals + 2);
    to = write_label(to, metric_field::kLabel, text.substr(0, equals), text.substr(equals + 2, end - equals - 2));
    text.remove_prefix(end + 1 < text.size() ? end + 2 : end + 1);  // the quote and a comma
  }
  return to;
}

// Where there is room for kTimestampBytes.
constexpr std::size_t kTimestampBytes = 24;
char* write_timestamp(char* to, int field, std::int64_t milliseconds) {
  const auto seconds = static_cast<std::uint64_t>(milliseconds / 1000);
  const auto nanos = static_cast<std::uint64_t>(milliseconds % 1000 * 1'000'000);
  const std::size_t length = 1 + varint_bytes(seconds) + (nanos == 0 ? 0 : 1 + varint_bytes(nanos));
  to = write_varint(write_varint(to, wire_tag(field, WireType::kLengthDelimited)), length);
  to = write_varint(write_varint(to, wire_tag(timestamp_field::kSeconds, WireType::kVarint)), seconds);
  if (nanos == 0) return to;
  return write_varint(write_varint(to, wire_tag(timestamp_field::kNanos, WireType::kVarint)), nanos);
}

int created_field(SeriesKind kind) {
  if (kind == SeriesKind::kHistogram) return histogram_field::kCreated;
  if (kind == SeriesKind::kSummary) return summary_field::kCreated;
  return number_field::kCreated;
}

// What is alike in each message of a series until it is gone: its labels, and since when it counts.
LabelForm encode_labels(const LabelColumn& labels, int created_field) {
  LabelForm form;
  Page page(form.bytes);
  form.ends.reserve(2 * labels.order.size());
  const auto end_piece = [&] { form.ends.push_back(static_cast<std::uint32_t>(page.size())); };
  for (const std::uint32_t row : labels.order) {
    const std::string_view text = labels.texts[row];
    page.wrote(write_labels(page.room(2 * text.size()), text));
    end_piece();
    const std::int64_t created_ms = labels.created_ms[row];
    if (created_ms != kUnknownCreation)
      page.wrote(write_timestamp(page.room(kTimestampBytes), created_field, created_ms));
    end_piece();
  }
  page.finish();
  form.bytes.shrink_to_fit();
  return form;
}

class MetricWriter {
 public:
  MetricWriter(Page& page, const FamilySnapshot& family, const ShownFamily& shown)
      : page_(page),
        family_(family),
        description_(family.description()),
        shown_(shown),
        form_(family.label_form([&](const LabelColumn& labels) {
          return encode_labels(labels, created_field(family.description().kind));
        })) {}

  void append(std::size_t position, std::uint32_t row) {
    const std::string_view labels = form_->first(position);
    const std::string_view created = form_->second(position);
    const bool is_histogram = description_.kind == SeriesKind::kHistogram;
    if (!is_histogram && description_.kind != SeriesKind::kSummary) return append_number(labels, created, row);
    const MessageField metric(page_, family_field::kMetric, labels.size());
    page_.append(labels);
    if (is_histogram) {
      append_histogram(row, created);
    } else {
      append_summary(row, created);
    }
  }

 private:
  // Most series are one number, and of many of them each nanosecond counts: this writes the messages by their lengths,
  // which are known.
  void append_number(std::string_view labels, std::string_view created, std::uint32_t row) {
    const bool is_counter = shown_.type == "counter";
    if (!is_counter) created = {};
    const double value =
        (shown_.part == ShownFamily::Part::kError ? family_.error(row) : family_.value(row)).to_double();
    const std::size_t number_bytes = 1 + sizeof value + created.size();
    const std::size_t metric_bytes = labels.size() + 2 + number_bytes;  // less than 128: one byte for that length
    char* to = page_.room(metric_bytes + 2 * kMaxVarintBytes);
    to = write_varint(to, wire_tag(family_field::kMetric, WireType::kLengthDelimited));
    to = copy_to(write_varint(to, metric_bytes), labels);
    const int field = is_counter ? metric_field::kCounter : metric_field::kGauge;
    to = write_varint(to, wire_tag(field, WireType::kLengthDelimited));
    to = write_varint(to, number_bytes);
    to = write_varint(to, wire_tag(number_field::kValue, WireType::kFixed64));
    std::memcpy(to, &value, sizeof value);
    page_.wrote(copy_to(to + sizeof value, created));
  }

  void append_summary(std::uint32_t row, std::string_view created) {
    const MessageField summary(page_, metric_field::kSummary, kShort);
    append_varint_field(page_, summary_field::kCount, family_.count(row));
    append_double_field(page_, summary_field::kSum, family_.value(row).to_double());
    const std::vector<Decimal> quantiles = family_.quantiles(row);
    for (std::size_t i = 0; i < quantiles.size(); ++i) {
      const MessageField quantile(page_, summary_field::kQuantile, kShort);
      append_double_field(page_, quantile_field::kQuantile, description_.quantiles[i].to_double());
      append_double_field(page_, quantile_field::kValue, quantiles[i].to_double());
    }
    page_.append(created);
  }

  void append_histogram(std::uint32_t row, std::string_view created) {
    const HistogramView view = family_.histogram(row);
    const MessageField histogram(page_, metric_field::kHistogram, view.count_size * 16);
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < view.count_size; ++i) count += view.counts[i];
    append_varint_field(page_, histogram_field::kCount, count);
    append_double_field(page_, histogram_field::kSum, view.sum.to_double());
    const std::optional<ExponentialView> native = family_.native(row);
    if (native && description_.bounds.empty()) {
      append_exemplar(histogram_field::kExemplar, row, 0);
    } else {
      append_buckets(row, view);
    }
    if (native) append_native(*native);
    page_.append(created);
  }

  void append_buckets(std::uint32_t row, const HistogramView& view) {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < view.count_size; ++i) {
      count += view.counts[i];
      const MessageField bucket(page_, histogram_field::kBucket, kShort);
      append_varint_field(page_, bucket_field::kCumulativeCount, count);
      append_double_field(page_, bucket_field::kUpperBound,
                          i < description_.bounds.size() ? description_.bounds[i].to_double()
                                                         : std::numeric_limits<double>::infinity());
      append_exemplar(bucket_field::kExemplar, row, i);
    }
  }

  void append_exemplar(int field, std::uint32_t row, std::size_t bucket) {
    const std::optional<Exemplar> exemplar = family_.exemplar(row, bucket);
    if (!exemplar) return;
    const MessageField message(page_, field, kShort);
    const std::string_view name = description_.exemplar_label;
    const std::string_view value = exemplar->label_value;
    page_.wrote(write_label(page_.room(name.size() + value.size() + 8), exemplar_field::kLabel, name, value));
    append_double_field(page_, exemplar_field::kValue, exemplar->value.to_double());
    page_.wrote(write_timestamp(page_.room(kTimestampBytes), exemplar_field::kTimestamp, exemplar->at_ms));
  }

  void append_native(const ExponentialView& view) {
    append_signed_field(page_, histogram_field::kSchema, view.schema);
    append_double_field(page_, histogram_field::kZeroThreshold, view.zero_threshold);
    append_varint_field(page_, histogram_field::kZeroCount, view.zero_count);
    append_spans(view);
    std::int64_t before = 0;
    for_each_span(view, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const auto count = static_cast<std::int64_t>(view.counts[i]);
        append_signed_field(page_, histogram_field::kPositiveDelta, count - before);
        before = count;
      }
    });
  }

  // A gap of empty buckets is worth a span of its own when it is longer than what that costs.
  static constexpr std::size_t kLongestGapInSpan = 2;

  // Runs of buckets as [begin, end) with no longer gap in them.
  template <typename Visit>
  static void for_each_span(const ExponentialView& view, Visit visit) {
    std::size_t begin = 0;
    while (begin < view.counts.size()) {
      std::size_t end = begin + 1;  // behind the last that is not empty
      for (std::size_t i = end; i < view.counts.size() && i <= end + kLongestGapInSpan; ++i) {
        if (view.counts[i] != 0) end = i + 1;
      }
      visit(begin, end);
      begin = end;
      while (begin < view.counts.size() && view.counts[begin] == 0) ++begin;
    }
  }

  void append_spans(const ExponentialView& view) {
    // One without buckets is what tells an empty native histogram from one that is none.
    if (view.counts.empty()) append_span(0, 0);
    std::int64_t next = 0;  // the index behind the last span; offsets count from there
    for_each_span(view, [&](std::size_t begin, std::size_t end) {
      const std::int64_t index = view.first_index + static_cast<std::int64_t>(begin);
      append_span(index - next, end - begin);
      next = index + static_cast<std::int64_t>(end - begin);
    });
  }

  void append_span(std::int64_t offset, std::size_t length) {
    const MessageField span(page_, histogram_field::kPositiveSpan, kShort);
    append_signed_field(page_, span_field::kOffset, offset);
    append_varint_field(page_, span_field::kLength, length);
  }

  Page& page_;
  const FamilySnapshot& family_;
  const FamilyDescription& description_;
  const ShownFamily& shown_;
  const std::shared_ptr<const LabelForm> form_;
};

std::uint64_t type_number_of(std::string_view type) {
  if (type == "counter") return type_number::kCounter;
  if (type == "gauge") return type_number::kGauge;
  if (type == "summary") return type_number::kSummary;
  assert(type == "histogram");
  return type_number::kHistogram;
}

void append_family(Page& page, const FamilySnapshot& family, const ShownFamily& shown) {
  const std::size_t begin = page.size();
  bool is_empty = true;
  {
    const MessageField message(page, family.rows() * kBytesOfSeries);
    append_bytes_field(page, family_field::kName, shown.name);
    if (!shown.help.empty()) append_bytes_field(page, family_field::kHelp, shown.help);
    append_varint_field(page, family_field::kType, type_number_of(shown.type));
    MetricWriter writer(page, family, shown);
    family.for_each_position([&](std::size_t position, std::uint32_t row) {
      is_empty = false;
      writer.append(position, row);
    });
    const std::string_view unit = unit_of(shown.name, family.description());
    if (!unit.empty()) append_bytes_field(page, family_field::kUnit, unit);
  }
  if (is_empty) page.shrink(begin);
}

}  // namespace

void append_protobuf(std::string& out, const Snapshot& snapshot) {
  Page page(out);
  for (const FamilySnapshot& family : snapshot) {
    for (const ShownFamily& shown : shown_families(family.description())) append_family(page, family, shown);
  }
  page.finish();
}

}  // namespace tailmeter
