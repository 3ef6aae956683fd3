#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "parsers/formats.h"
#include "rules/file/sections.h"
#include "rules/file/syslog_address.h"
#include "rules/presets/presets.h"

namespace tailmeter {
namespace {

const Keys kSourceKeys = {
    {"name", "files", "syslog", "fifo", "stdin", "exclude", "start_at", "max_line_bytes", "prefix", "format", "extract",
     "preset"},
    {"journal"},
};
const Keys kExtractKeys = {{"from", "regex", "country"}, {}};
const Keys kRegexKeys = {{"regex"}, {}};
const Keys kNginxKeys = {{"nginx", "escape"}, {}};
const Keys kApacheKeys = {{"apache"}, {}};
const Keys kNginxConfKeys = {{"nginx_conf", "name"}, {}};
const Choices<Escaping> kEscapings = {
    {"default", Escaping::kDefault}, {"json", Escaping::kJson}, {"none", Escaping::kNone}};
const Choices<Carrier> kCarriers = {{"syslog", Carrier::kSyslog},
                                    {"docker", Carrier::kDocker},
                                    {"cri", Carrier::kCri},
                                    {"compose", Carrier::kCompose},
                                    {"ansi", Carrier::kAnsi}};
const std::vector<std::string> kOrigins = {"files", "syslog", "fifo", "stdin"};
const Choices<bool> kOnlyTrue = {{"true", true}};
const Keys kCsvKeys = {{"columns", "separator"}, {}};
const Keys kTsvKeys = {{"columns"}, {}};
const Choices<StartRule> kStartAt = {{"end", StartRule::kEnd}, {"beginning", StartRule::kBeginning}};

FormatRule read_format_text(const Value& value) {
  const Text text = value.text();
  if (text.value.find('$') != std::string::npos) return {FormatRule::Kind::kLogFormat, text, Escaping::kDefault, {}};

  const std::vector<std::string>& known = named_formats();
  if (!text.value.empty() && std::find(known.begin(), known.end(), text.value) == known.end()) {
    if (!preset_text(text.value).empty()) {
      value.error(
          fmt::format("there is no format {0}, but a preset: write \"preset: {1}\" for its format, fields and "
                      "metrics",
                      quoted(text.value), text.value));
      return {FormatRule::Kind::kNamed, text, Escaping::kDefault, {}};
    }
    value.error(fmt::format("there is no format {}{}; there are {}, and nginx's log_format texts, which have a \"$\"",
                            quoted(text.value), did_you_mean(text.value, known), fmt::join(known, ", ")));
  }
  return {FormatRule::Kind::kNamed, text, Escaping::kDefault, {}};
}

FormatRule read_nginx_format(const Value& value) {
  FormatRule format{FormatRule::Kind::kLogFormat, {"", value.place()}, Escaping::kDefault, {}};
  static_cast<void>(value.has_only(kNginxKeys));
  if (const auto text = value.find("nginx")) format.text = text->text();
  if (const auto escape = value.find("escape")) format.escaping = escape->choice(kEscapings, format.escaping);
  return format;
}

// The log_format `name` of an nginx configuration. What is wrong in its text is said here, with its place over there.
void find_nginx_conf_format(FormatRule& rule, const Value& value, const Text& name, const NginxLogs& logs) {
  const NginxLogFormat* const format = logs.find_format(name.value);
  if (format == nullptr) {
    std::vector<std::string> names;
    for (const NginxLogFormat& known : logs.formats) names.push_back(known.name);
    return value.error(name.place, fmt::format("there is no log_format {}{}; there are {}", quoted(name.value),
                                               did_you_mean(name.value, names), fmt::join(names, ", ")));
  }
  rule.text.value = format->text;
  rule.escaping = format->escaping;
  try {
    static_cast<void>(make_log_format_parser(format->text, format->escaping));
  } catch (const FormatError& error) {
    value.error(name.place, fmt::format("{}: log_format {}: {}", to_string(format->place_of(error.offset())),
                                        quoted(format->name), error.what()));
  }
}

FormatRule read_nginx_conf_format(const Value& value, const RuleFileLinks& links) {
  FormatRule format{FormatRule::Kind::kLogFormat, {"", value.place()}, Escaping::kDefault, {}};
  if (value.has_only(kNginxConfKeys)) value.require({"nginx_conf", "name"});
  const auto file = value.find("nginx_conf");
  const auto name = value.find("name");
  const Text path = file->text();
  const Text name_text = name ? name->text() : Text{};
  if (path.value.empty() || name_text.value.empty()) return format;
  try {
    if (!links.nginx_conf) throw std::runtime_error("no file is read here");
    find_nginx_conf_format(format, value, name_text, links.nginx_conf(path.value));
  } catch (const std::runtime_error& error) {
    value.error(path.place, error.what());
  }
  return format;
}

// `name` is csv or tsv, and a key of `value`.
FormatRule read_separated_format(const Value& value, const std::string& name) {
  const bool is_csv = name == "csv";
  FormatRule format{FormatRule::Kind::kSeparated, {name, value.place()}, Escaping::kDefault};
  format.separator = is_csv ? ',' : '\t';
  static_cast<void>(value.has_only({{name}, {}}));
  const auto options = value.find(name);
  if (!options || !options->has_only(is_csv ? kCsvKeys : kTsvKeys)) return format;
  if (const auto separator = options->find("separator")) {
    const Text text = separator->text();
    if (text.value.size() == 1 && text.value != "\"") {
      format.separator = text.value[0];
    } else if (!text.value.empty()) {
      separator->expected("one ASCII character that is no double quote");
    }
  }
  if (const auto columns = options->find("columns")) {
    Names names;
    for (const Value& column : columns->one_or_more()) {
      format.columns.push_back(column.text());
      names.add(format.columns.back(), column);
    }
    if (format.columns.size() > kMaxSeparatedFields)
      columns->error(fmt::format("there are more than {} columns", kMaxSeparatedFields));
  }
  return format;
}

FormatRule read_format_mapping(const Value& value, const RuleFileLinks& links) {
  if (value.place_of_key("nginx")) return read_nginx_format(value);
  if (const auto apache = value.find("apache")) {
    static_cast<void>(value.has_only(kApacheKeys));
    return {FormatRule::Kind::kHttpd, apache->text(), Escaping::kDefault};
  }
  if (value.place_of_key("nginx_conf")) return read_nginx_conf_format(value, links);
  for (const char* const name : {"csv", "tsv"}) {
    if (value.place_of_key(name)) return read_separated_format(value, name);
  }
  for (const std::string& name : named_formats()) {
    if (const auto place = value.place_of_key(name)) {
      value.error(*place, fmt::format("{0} has no options: write format: {0}", name));
      return {FormatRule::Kind::kNamed, {name, value.place()}, Escaping::kDefault};
    }
  }
  FormatRule format{FormatRule::Kind::kRegex, {"", value.place()}, Escaping::kDefault, {}};
  if (value.has_only(kRegexKeys)) value.require({"regex"});
  const auto regex = value.find("regex");
  if (!regex) return format;
  if (!regex->is_mapping()) {
    format.patterns.push_back({{}, regex->text()});
    return format;
  }
  for (const auto& [event, pattern] : regex->entries()) format.patterns.push_back({event, pattern.text()});
  if (format.patterns.empty()) regex->error("the mapping is empty");
  return format;
}

FormatRule read_format(const Value& value, const RuleFileLinks& links) {
  return value.is_mapping() ? read_format_mapping(value, links) : read_format_text(value);
}

std::vector<Carrier> read_prefixes(const Value& value) {
  std::vector<Carrier> carriers;
  for (const Value& element : value.one_or_more()) {
    carriers.push_back(element.choice(kCarriers, Carrier::kAnsi));
    if (carriers.size() > 1 && brings_parts(carriers.back())) {
      element.error("can only be the first: it brings lines in parts, which are joined before all else");
    }
  }
  return carriers;
}

ExtractRule read_extract(const Value& value) {
  ExtractRule extract;
  const auto regex = value.find("regex");
  const auto country = value.find("country");
  if (value.has_only(kExtractKeys)) {
    value.require({"from"});
    if (!regex && !country) value.error("has neither \"regex\" nor \"country\": what to find in it");
    if (regex && country) country->error("an extract has \"regex\" or \"country\", not both");
  }
  if (const auto from = value.find("from")) extract.from = from->text();
  if (regex) extract.regex = regex->text();
  if (country) extract.country = country->text();
  if (!extract.country.value.empty() && !is_name(extract.country.value))
    country->error("a field's name has letters, digits and \"_\", and no digit in front");
  return extract;
}

void require_origin(const Value& source) {
  if (std::none_of(kOrigins.begin(), kOrigins.end(), [&](const auto& key) { return source.place_of_key(key); })) {
    source.error(fmt::format("has none of {}, which say where its lines come from", fmt::join(kOrigins, ", ")));
  }
}

void refuse_second_origin(const Value& source) {
  std::string first;
  for (const std::string& origin : kOrigins) {
    const auto place = source.place_of_key(origin);
    if (!place) continue;
    if (!first.empty()) {
      source.error(*place, fmt::format("{} beside {}: a source has one of {}", quoted(origin), quoted(first),
                                       fmt::join(kOrigins, ", ")));
    }
    first = origin;
  }
  if (first.empty() || first == "files") return;
  for (const char* const key : {"exclude", "start_at"}) {
    if (const auto place = source.place_of_key(key)) {
      source.error(*place, fmt::format("{} is for files; what comes by {} has no names and no beginning", quoted(key),
                                       quoted(first)));
    }
  }
}

// What a source has instead of files.
void read_input(const Value& source, SourceRule& rule) {
  if (const auto fifo = source.find("fifo")) rule.fifo = fifo->text();
  if (const auto standard_input = source.find("stdin")) {
    rule.is_standard_input = standard_input->choice(kOnlyTrue, true);
  }
  if (const auto syslog = source.find("syslog")) {
    const Text text = syslog->text();
    rule.syslog = text.value.empty() ? std::nullopt : parse_syslog_address(text);
    if (!text.value.empty() && !rule.syslog) {
      syslog->error(
          fmt::format("expected udp://ADDRESS:PORT with an IP address, such as udp://127.0.0.1:5514, or "
                      "unix:PATH with a path that begins with \"/\" and has {} bytes at most, not {}",
                      kMaxSocketPathBytes, quoted(text.value)));
    }
  }
}

SourceRule read_source(const Value& source, Text name, const RuleFileLinks& links) {
  SourceRule rule;
  rule.name = std::move(name);
  if (source.has_only(kSourceKeys)) {
    source.require({"name"});
    // A preset that is still named was refused: what it would have brought is not missed too.
    if (!source.find("preset")) source.require({"format"});
    require_origin(source);
  }
  refuse_second_origin(source);
  read_input(source, rule);
  if (const auto files = source.find("files")) rule.files = files->texts();
  if (const auto exclude = source.find("exclude")) rule.exclude = exclude->texts();
  if (const auto start_at = source.find("start_at")) rule.start_at = start_at->choice(kStartAt, rule.start_at);
  if (const auto bytes = source.find("max_line_bytes")) {
    rule.max_line_bytes = bytes->whole_number(1, kLargestMaxLineBytes).value_or(rule.max_line_bytes);
  }
  if (rule.syslog) rule.prefixes = {Carrier::kSyslog};  // unless it is said what else there is
  if (const auto prefix = source.find("prefix")) rule.prefixes = read_prefixes(*prefix);
  if (const auto format = source.find("format")) {
    for (const Value& value : format->one_or_more()) rule.formats.push_back(read_format(value, links));
  }
  if (const auto extract = source.find("extract")) {
    for (const Value& value : extract->elements()) rule.extracts.push_back(read_extract(value));
  }
  return rule;
}

// Two sources may follow one file; of an input each would get a part. `readers` has the sources by their inputs.
void refuse_second_reader(const Value& source, const SourceRule& rule, std::map<std::string, std::string>& readers) {
  const std::string input = rule.syslog ? rule.syslog->text.value : rule.fifo ? rule.fifo->value : "standard input";
  if (!rule.syslog && !rule.fifo && !rule.is_standard_input) return;
  const auto [first, is_new] = readers.emplace(input, rule.name.value);
  if (!is_new) source.error(fmt::format("{} is already read by source {}", input, quoted(first->second)));
}

}  // namespace

std::vector<SourceRule> read_sources(const Value& section, Names& names, const RuleFileLinks& links) {
  std::vector<SourceRule> sources;
  std::map<std::string, std::string> readers;
  for (const Value& entry : section.elements()) {
    const auto name = entry.find("name");
    Text name_text = name ? name->text() : Text{};
    const Value source = entry.named(name_text.value);
    names.add(name_text, source);
    sources.push_back(read_source(source, std::move(name_text), links));
    refuse_second_reader(source, sources.back(), readers);
  }
  if (section.is_list() && sources.empty()) section.error("the list is empty");
  return sources;
}

Text read_source_name(const Value& value, const Names& sources) {
  Text name = value.text();
  if (!name.value.empty() && !sources.contains(name.value)) {
    value.error(fmt::format("there is no source {}{}", quoted(name.value), did_you_mean(name.value, sources.all())));
  }
  return name;
}

}  // namespace tailmeter
