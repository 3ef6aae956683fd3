// The rule file as its author wrote it: checked for shape, not yet for meaning.
//
// load_rule_file() answers for what YAML can say (keys, kinds of values, numbers, names that must be unique) and keeps
// each scalar with its place, so that rules/program, which resolves names and compiles patterns, can point at it too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parsers/carrier.h"
#include "parsers/decimal.h"
#include "parsers/escape.h"
#include "parsers/nginx_conf/logs.h"
#include "parsers/number.h"
#include "rules/file/diagnostics.h"

namespace tailmeter {

inline constexpr std::size_t kDefaultMaxLineBytes = std::size_t{64} * 1024;
inline constexpr std::size_t kLargestMaxLineBytes = std::size_t{256} * 1024;
inline constexpr std::size_t kLargestMaxLabelBytes = 4096;
inline constexpr std::size_t kDefaultMaxSeries = 10'000;
inline constexpr std::size_t kLargestMaxSeries = 1'000'000;
inline constexpr std::size_t kDefaultMaxSeriesInAll = 500'000;
inline constexpr std::size_t kLargestMaxSeriesInAll = 10'000'000;
inline constexpr std::size_t kMaxBuckets = 200;
inline constexpr std::size_t kLeastNativeBuckets = 16;
inline constexpr std::size_t kMostNativeBuckets = 1'000;
inline constexpr std::size_t kMaxQuantiles = 20;
inline constexpr std::int64_t kDefaultSummaryWindowMs = 10 * 60'000;
inline constexpr std::int64_t kDefaultRatioWindowMs = 5 * 60'000;
inline constexpr std::size_t kDefaultShown = 10;
inline constexpr std::size_t kMostShown = 1'000;
inline constexpr std::size_t kDefaultWatched = 1'000;
inline constexpr std::size_t kDefaultMaxOpen = 10'000;
inline constexpr std::size_t kLargestMaxOpen = 1'000'000;

enum class StartRule { kEnd, kBeginning };

// One way in which a source's lines may be written.
struct FormatRule {
  enum class Kind {
    kNamed,      // format: combined
    kLogFormat,  // format: '$remote_addr ...', {nginx: '$remote_addr ...', escape: json} or {nginx_conf: FILE, name: N}
    kHttpd,      // format: {apache: '%h %l %u ...'} or {apache: combined}
    kRegex,      // format: {regex: PATTERN} or {regex: {NAME: PATTERN, ...}}
    kSeparated,  // format: {csv: {columns: [NAME, ...], separator: ';'}} or {tsv: {columns: [NAME, ...]}}
  };
  struct Alternative {
    Text event;  // "" when the pattern has no name
    Text pattern;
  };
  Kind kind = Kind::kNamed;
  Text text;                               // kNamed, kLogFormat, kHttpd; kSeparated: csv or tsv
  Escaping escaping = Escaping::kDefault;  // kLogFormat
  std::vector<Alternative> patterns{};     // kRegex
  char separator = ',';                    // kSeparated
  std::vector<Text> columns{};             // kSeparated
};

struct ExtractRule {
  Text from;     // a template
  Text regex;    // one of them is given
  Text country;  // the field that the country of the address in `from` goes to
};

// The country of an address by ISO 3166-1 (DE), kUnknownCountry if nobody knows, "" for what is no address. What it
// returns stays.
using CountryLookup = std::function<std::string_view(std::string_view address)>;
inline constexpr std::string_view kUnknownCountry = "unknown";

// Where datagrams with lines come in.
struct SyslogAddress {
  Text text;
  std::string path;        // of a unix socket; "": UDP
  std::string host;        // an IP address; "": every address of the machine
  std::uint16_t port = 0;  // UDP
};

// Lines come from one of files, syslog, fifo, and standard input.
struct SourceRule {
  Text name;
  std::vector<Text> files;
  std::optional<SyslogAddress> syslog;
  std::optional<Text> fifo;
  bool is_standard_input = false;
  std::vector<Text> exclude;
  StartRule start_at = StartRule::kEnd;
  std::size_t max_line_bytes = kDefaultMaxLineBytes;
  std::vector<Carrier> prefixes;    // taken off in order; one that brings parts can only be the first
  std::vector<FormatRule> formats;  // tried in order
  std::vector<ExtractRule> extracts;
};

struct ConditionRule {
  Text field;                  // without "$"
  std::vector<Text> patterns;  // any of them
};

// In the place of a path template: what varies is learned.
inline constexpr std::string_view kAutomaticPath = "auto";

struct LabelRule {
  struct Mapping {
    Text pattern;
    Text value;
  };
  Text name;
  Text from;                     // a template; empty, without steps: no label
  std::vector<Mapping> map;      // first match wins
  std::optional<Text> fallback;  // default: of the file
  std::optional<Text> regex;     // with replace
  std::optional<Text> replace;
  bool lower = false;
  std::vector<Text> path;                 // templates, of which the first that matches wins; the last may be "auto"
  std::optional<std::size_t> max_length;  // bytes
  std::vector<Text> allow;                // patterns; empty: everything
};

enum class ListPick { kWhole, kFirst, kLast, kSum, kMax, kEach };

struct ValueRule {
  Text from;  // a template
  ListPick list = ListPick::kWhole;
  Unit unit = Unit::kNone;
};

enum class MetricKind { kCounter, kGauge, kHistogram, kSummary, kTop, kDistinct, kRatio, kDuration };
enum class GaugeOperation { kSet, kAdd, kMax, kMin };

inline constexpr std::size_t kMaxExemplarNameBytes = 64;  // with that of its value what OpenMetrics allows

// Labels that a series has from the start.
struct InitRule {
  std::vector<std::pair<Text, Text>> labels;
};

// A native histogram's resolution: bounds grow by 2^(2^-schema), which is halved where max_buckets would not do.
struct NativeRule {
  int schema = 3;
  std::size_t max_buckets = 160;

  bool operator==(const NativeRule&) const = default;
};

struct MetricRule {
  MetricKind kind = MetricKind::kCounter;
  Text name;
  std::string help;
  std::string unit;           // the end of the name, for the formats that have a place for it
  std::vector<Text> sources;  // empty: every source
  std::vector<Text> each;     // fields that are lists: one update a position
  std::vector<LabelRule> labels;
  std::vector<ConditionRule> when;         // all must hold
  std::vector<ConditionRule> unless;       // none may hold
  std::optional<ValueRule> value;          // duration: the moment of a line, if it is not that of its arrival
  std::vector<Decimal> buckets;            // histogram, duration: rising upper bounds, without +Inf
  std::vector<ConditionRule> start;        // duration: all must hold for a line that begins a job
  std::vector<ConditionRule> end;          // duration: and these for one that ends it
  Text key;                                // duration: a template, which names the job
  std::size_t max_open = kDefaultMaxOpen;  // duration: jobs without an end yet
  GaugeOperation operation = GaugeOperation::kSet;
  std::optional<NativeRule> native;   // histogram, duration: native buckets besides
  std::optional<LabelRule> exemplar;  // histogram, duration
  std::vector<Decimal> quantiles;     // summary: rising, 0 to 1
  std::int64_t window_ms = 0;         // summary, distinct, ratio; 0: from the beginning on
  std::size_t shown = kDefaultShown;  // topk
  Text of;                            // distinct: a template
  std::vector<ConditionRule> hit;     // ratio: all must hold for a hit
  std::size_t max_series = kDefaultMaxSeries;
  std::int64_t ttl_ms = 0;  // a series that is idle for so long is let go of; 0: none is
  std::vector<InitRule> init;
};

struct TestRule {
  Text name;
  Text source;  // "" if the file has one source
  Text lines;
  Text expect;
};

struct RuleFile {
  std::vector<SourceRule> sources;
  std::vector<MetricRule> metrics;
  std::vector<TestRule> tests;
  std::size_t max_series = kDefaultMaxSeriesInAll;  // of all metrics together
  std::optional<Text> geoip;                        // a database of countries
  CountryLookup country_of;                         // by it
};

// Bounds against files made to exhaust us (a rule file may come from a template or from a user interface).
struct RuleFileLimits {
  std::size_t max_bytes = std::size_t{1024} * 1024;
  std::size_t max_depth = 32;
  std::size_t max_nodes = 100'000;
};

// What a rule file refers to outside of itself. Rules know no files; who loads a rule file gives the way to them.
struct RuleFileLinks {
  // The logs of the nginx configuration `path`, as the rule file writes it. What is returned stays as long as this
  // function. Throws std::runtime_error, whose what() begins with the place.
  std::function<const NginxLogs&(const std::string& path)> nginx_conf{};
  // Opens the database of countries `path`. Throws alike.
  std::function<CountryLookup(const std::string& path)> geoip{};
};

// Reads `text`. Mistakes go to `diagnostics`; what is returned then is incomplete and must not be used beyond finding
// more mistakes.
[[nodiscard]] RuleFile load_rule_file(const std::string& text, Diagnostics& diagnostics,
                                      const RuleFileLimits& limits = {}, const RuleFileLinks& links = {});

}  // namespace tailmeter
