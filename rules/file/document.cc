#include "rules/file/document.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "rules/file/plain_text.h"

namespace tailmeter {
namespace {

// Ends the reading: what follows cannot be understood, or must not be looked at.
struct Refusal {
  Place place;
  std::string message;
};

constexpr const char* kNoAliases =
    "\"*\" begins a YAML alias, and none is read here: put a text that begins with \"*\" in quotes";
constexpr const char* kNoAnchors =
    "\"&\" begins a YAML anchor, and none is read here: put a text that begins with \"&\" in quotes";
constexpr const char* kNoTags =
    "\"!\" begins a YAML tag, and none is read here: put a text that begins with \"!\" in quotes";
constexpr const char* kBlank = " \n";

Place place_of(const YAML::Mark& mark) {
  return {mark.line + 1, mark.column + 1};
}

// Builds the tree from yaml-cpp's events: unlike its nodes, they show anchors, aliases and tags before anything is done
// with them, and can be stopped at once.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, Diagnostics& diagnostics, const RuleFileLimits& limits)
      : text_(text), diagnostics_(diagnostics), limits_(limits) {}

  std::optional<DocumentNode>& root() { return root_; }
  // The list or mapping that is being read, or null.
  [[nodiscard]] const DocumentNode* innermost() const { return open_.empty() ? nullptr : &open_.back().node; }

  // What has no value. To be called when all has been read: in front of an error yaml-cpp takes what is unfinished for
  // nothing.
  void report_nothings() const {
    for (const auto& [place, message] : nothings_) diagnostics_.error(place, message);
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root_) refuse_second(mark);
  }
  void OnDocumentEnd() override {}

  void OnAnchor(const YAML::Mark& mark, const std::string&) override { throw Refusal{place_of(mark), kNoAnchors}; }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { throw Refusal{place_of(mark), kNoAliases}; }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    admit(mark);
    if (expects_key()) throw Refusal{place_of(mark), "expected a key and \":\""};
    if (!open_.empty()) keep_nothing(mark);
    add(DocumentNode{DocumentNode::Kind::kNothing, place_of(mark), "", {}, {}});
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    admit(mark);
    refuse_open_quote(mark);
    if (expects_key()) return take_key({value, place_of(mark)}, tag == "?");
    add(DocumentNode{DocumentNode::Kind::kScalar, place_of(mark), value, {}, {}});
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(mark, DocumentNode::Kind::kList);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(mark, DocumentNode::Kind::kMapping);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    DocumentNode node;
    std::map<std::string, Place> keys;
    std::optional<Text> key;  // whose value comes next
    bool drops_value = false;
  };

  [[nodiscard]] bool expects_key() const {
    return !open_.empty() && open_.back().node.kind == DocumentNode::Kind::kMapping && !open_.back().key;
  }
  [[nodiscard]] std::string_view text_at(const YAML::Mark& mark) const {
    return text_.substr(std::min(static_cast<std::size_t>(mark.pos), text_.size()));
  }

  void admit(const YAML::Mark& mark) {
    if (++nodes_ > limits_.max_nodes) {
      throw Refusal{place_of(mark), fmt::format("the file has more than {} values", limits_.max_nodes)};
    }
    // yaml-cpp gives quoted scalars and those with the tag "!" alike; the file tells them apart.
    if (text_at(mark).starts_with('!')) throw Refusal{place_of(mark), kNoTags};
  }

  void open(const YAML::Mark& mark, DocumentNode::Kind kind) {
    admit(mark);
    if (expects_key()) {
      throw Refusal{place_of(mark),
                    "a list or mapping cannot be a key: is a \"]\" or \"}\" missing, or quotes around a text that "
                    "begins with \"{\"?"};
    }
    if (open_.size() == limits_.max_depth) {
      throw Refusal{place_of(mark), fmt::format("lists and mappings are nested more than {} deep", limits_.max_depth)};
    }
    open_.push_back({DocumentNode{kind, place_of(mark), "", {}, {}}, {}, {}});
  }

  void close() {
    DocumentNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void take_key(Text key, bool is_plain) {
    Open& mapping = open_.back();
    const auto [first, is_new] = mapping.keys.emplace(key.value, key.place);
    const bool is_merge = is_plain && key.value == "<<";
    if (is_merge) {
      diagnostics_.error(key.place, "\"<<\" is a YAML merge key, and none is read here: write the keys out");
    } else if (!is_new) {
      diagnostics_.error(key.place,
                         fmt::format("the key {} is already in line {}", quoted(key.value), first->second.line));
    }
    mapping.drops_value = is_merge || !is_new;
    mapping.key = std::move(key);
  }

  void add(DocumentNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (!parent.key) {
      parent.node.elements.push_back(std::move(node));
      return;
    }
    if (!parent.drops_value) parent.node.entries.push_back({std::move(*parent.key), std::move(node)});
    parent.key.reset();
  }

  void keep_nothing(const YAML::Mark& mark) {
    const std::optional<Text>& key = open_.back().key;
    if (!key) {
      nothings_.emplace_back(place_before(mark), "an element without a value");
      return;
    }
    const bool lacks_blank = key->value.find(':') != std::string::npos;
    nothings_.emplace_back(key->place, fmt::format("{} has no value{}", quoted(key->value),
                                                   lacks_blank ? ": is a blank missing behind its \":\"?" : ""));
  }

  // yaml-cpp marks an element that is not there by what follows it, maybe lines below. What is in front of it is
  // nearer.
  [[nodiscard]] Place place_before(const YAML::Mark& mark) const {
    const std::size_t end = std::min(static_cast<std::size_t>(mark.pos), text_.size());
    const std::size_t last = text_.substr(0, end).find_last_not_of(kBlank);
    if (last == std::string_view::npos) return place_of(mark);
    const auto lines = static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(last),
                                                   text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
    // At the end of a text without a last newline, yaml-cpp's mark has column 0.
    if (lines == 0 && end < text_.size()) return {mark.line + 1, mark.column + 1 - static_cast<int>(end - last)};
    const std::size_t line_start = text_.rfind('\n', last) + 1;
    return {mark.line + 1 - lines, static_cast<int>(last - line_start) + 1};
  }

  // At the end of the file yaml-cpp takes a quoted scalar for finished.
  void refuse_open_quote(const YAML::Mark& mark) const {
    std::string_view rest = text_at(mark);
    const char quote = rest.empty() ? '\0' : rest.front();
    if (quote != '\'' && quote != '"') return;
    rest.remove_prefix(1);
    while (!rest.empty()) {
      const bool is_escape = (quote == '"' && rest[0] == '\\') || (quote == '\'' && rest.starts_with("''"));
      if (!is_escape && rest[0] == quote) return;
      rest.remove_prefix(std::min<std::size_t>(is_escape ? 2 : 1, rest.size()));
    }
    throw Refusal{place_of(mark), "this quote is never closed"};
  }

  [[noreturn]] void refuse_second(const YAML::Mark& mark) const {
    if (text_at(mark).starts_with("---"))
      throw Refusal{place_of(mark), "the file is one YAML document, and here begins a second"};
    throw Refusal{place_of(mark), "this line belongs to nothing above it: check its indentation"};
  }

  std::string_view text_;
  Diagnostics& diagnostics_;
  const RuleFileLimits& limits_;
  std::optional<DocumentNode> root_;
  std::vector<Open> open_;
  std::vector<std::pair<Place, std::string>> nothings_;
  std::size_t nodes_ = 0;
};

struct Explanation {
  std::string_view yaml_cpp;  // how its message begins
  const char* message;
  int back = 0;  // how far in front of yaml-cpp's mark the mistake is
};

const Explanation kExplanations[] = {
    {YAML::ErrorMsg::UNKNOWN_ANCHOR, kNoAliases},
    {YAML::ErrorMsg::ALIAS_NOT_FOUND, kNoAliases},
    {YAML::ErrorMsg::CHAR_IN_ALIAS, kNoAliases},
    {YAML::ErrorMsg::ALIAS_CONTENT, kNoAliases},
    {YAML::ErrorMsg::MULTIPLE_ALIASES, kNoAliases},
    {YAML::ErrorMsg::ANCHOR_NOT_FOUND, kNoAnchors},
    {YAML::ErrorMsg::CHAR_IN_ANCHOR, kNoAnchors},
    {YAML::ErrorMsg::MULTIPLE_ANCHORS, kNoAnchors},
    {YAML::ErrorMsg::TAG_WITH_NO_SUFFIX, kNoTags},
    {YAML::ErrorMsg::CHAR_IN_TAG_HANDLE, kNoTags},
    {YAML::ErrorMsg::END_OF_VERBATIM_TAG, kNoTags},
    {YAML::ErrorMsg::MULTIPLE_TAGS, kNoTags},
    {YAML::ErrorMsg::UNKNOWN_TOKEN, "a text cannot begin with this character: put it in quotes"},
    {YAML::ErrorMsg::INVALID_ESCAPE, "double quotes know no such escape; in single quotes \"\\\" is itself", 2},
    {YAML::ErrorMsg::INVALID_HEX, "\\x, \\u and \\U in double quotes need 2, 4 and 8 hexadecimal digits"},
    {YAML::ErrorMsg::INVALID_UNICODE, "this escape is no Unicode character"},
    {YAML::ErrorMsg::MAP_VALUE,
     "\": \" behind what is no key: check the indentation, or put a text that holds \": \" in quotes"},
    {YAML::ErrorMsg::MAP_KEY, "no key can begin here: check the indentation"},
    {YAML::ErrorMsg::BLOCK_ENTRY,
     "no list can begin here: begin it in a line of its own, or put a text that begins with \"-\" in quotes"},
    {YAML::ErrorMsg::FLOW_END, "this closes nothing: put a text that begins with \"]\" or \"}\" in quotes"},
    {YAML::ErrorMsg::CHAR_IN_BLOCK, "nothing may follow \"|\" or \">\" in its line"},
    {YAML::ErrorMsg::DOC_IN_SCALAR, "a quoted text may not have a line of its own with \"---\" or \"...\""},
};

Refusal explain(const YAML::Exception& error, const TreeBuilder& tree) {
  const Place place = error.mark.is_null() ? Place{} : place_of(error.mark);
  for (const Explanation& known : kExplanations) {
    if (error.msg.starts_with(known.yaml_cpp)) return {{place.line, place.column - known.back}, known.message};
  }
  const DocumentNode* const innermost = tree.innermost();
  if (innermost == nullptr) return {place, error.msg};
  const bool is_flow = error.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW || error.msg == YAML::ErrorMsg::END_OF_MAP_FLOW;
  const bool is_list = innermost->kind == DocumentNode::Kind::kList;
  if (is_flow) {
    return {innermost->place,
            fmt::format("this {} must go on with \",\" or end with \"{}\"; a text in it that holds one of "
                        "[ ] {{ }} , needs quotes",
                        is_list ? "list" : "mapping", is_list ? ']' : '}')};
  }
  if (error.msg == YAML::ErrorMsg::END_OF_SEQ || error.msg == YAML::ErrorMsg::END_OF_MAP) {
    return {place,
            fmt::format("neither {} that begins in line {} nor its end: check the indentation and the quotes",
                        is_list ? "another \"- \" of the list" : "another key of the mapping", innermost->place.line)};
  }
  return {place, error.msg};
}

// A tab in the indentation makes yaml-cpp complain of whatever comes behind it.
std::optional<Place> tab_in_indentation(std::string_view text, Place place) {
  for (int line = 1; line < place.line; ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    text.remove_prefix(end + 1);
  }
  const std::size_t tab = text.find_first_not_of(' ');
  if (tab == std::string_view::npos || text[tab] != '\t') return std::nullopt;
  return Place{place.line, static_cast<int>(tab) + 1};
}

void refuse_unprintable(std::string_view text) {
  const auto offset = find_unprintable(text);
  if (!offset) return;
  throw Refusal{place_at(text, *offset), fmt::format("byte 0x{:02X}: the file must be UTF-8 without control characters",
                                                     static_cast<unsigned char>(text[*offset]))};
}

// A list in brackets may be a key until its end is seen, so yaml-cpp reads to there before the first event; this keeps
// what it gathers small.
void refuse_many_brackets(std::string_view text, std::size_t max_nodes) {
  const auto is_structure = [](char byte) { return byte == '[' || byte == '{' || byte == ','; };
  if (static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_structure)) > max_nodes) {
    throw Refusal{{}, fmt::format("the file has more than {} of the characters [ {{ and ,", max_nodes)};
  }
}

std::optional<DocumentNode> read(const std::string& text, Diagnostics& diagnostics, const RuleFileLimits& limits,
                                 EmptyDocument empty) {
  refuse_unprintable(text);
  refuse_many_brackets(text, limits.max_nodes);
  TreeBuilder tree(text, diagnostics, limits);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(tree)) {
    }
  } catch (const YAML::Exception& error) {
    Refusal refusal = explain(error, tree);
    if (const auto tab = tab_in_indentation(text, refusal.place)) {
      refusal = {*tab, "a tab in the indentation: YAML takes blanks only"};
    }
    throw refusal;
  }
  tree.report_nothings();
  if (!tree.root() || tree.root()->kind == DocumentNode::Kind::kNothing) {
    if (empty == EmptyDocument::kIsWrong) throw Refusal{{}, "the file is empty"};
    return DocumentNode{DocumentNode::Kind::kMapping, {1, 1}, "", {}, {}};
  }
  return std::move(tree.root());
}

}  // namespace

std::optional<DocumentNode> read_document(std::string_view text, Diagnostics& diagnostics, const RuleFileLimits& limits,
                                          EmptyDocument empty) {
  try {
    if (text.size() > limits.max_bytes) {
      // The text may be no more than the begin of the file.
      throw Refusal{{}, fmt::format("the file has more than the {} bytes that are read", limits.max_bytes)};
    }
    return read(plain_text(text), diagnostics, limits, empty);
  } catch (const Refusal& refusal) {
    diagnostics.error(refusal.place, refusal.message);
    return std::nullopt;
  }
}

}  // namespace tailmeter
