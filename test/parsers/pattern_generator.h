// Patterns made of what can be lowered, and texts for them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace tailmeter {

class Random {
 public:
  explicit Random(std::uint32_t seed) : bits_(seed) {}

  std::size_t below(std::size_t bound) {
    return bits_() % bound;
  }  // mt19937's own bits: distributions differ between libraries
  bool one_in(std::size_t n) { return below(n) == 0; }
  char one_of(std::string_view bytes) { return bytes[below(bytes.size())]; }
  template <typename T>
  const T& one_of(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }
  std::string text(std::string_view bytes, std::size_t size) {
    std::string result;
    while (result.size() < size) result += one_of(bytes);
    return result;
  }

  // `text` with one to three pieces of it dropped, repeated, or written over.
  std::string damage(std::string text, std::string_view bytes) {
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
      const std::size_t begin = below(text.size() + 1);
      const std::size_t size = below(std::min(text.size() - begin, std::size_t{8}) + 1);
      const std::size_t what = below(4);
      if (what == 0) text.erase(begin, size);
      if (what == 1) text.insert(below(text.size() + 1), text.substr(begin, size));
      if (what == 2) text.insert(begin, 1, one_of(bytes));
      if (what == 3 && begin < text.size()) text[begin] = one_of(bytes);
    }
    return text;
  }

 private:
  std::mt19937 bits_;
};

constexpr std::string_view kAlphabet = "ab/1?.-";

// Patterns, and texts that they match or nearly match.
class PatternGenerator {
 public:
  explicit PatternGenerator(std::uint32_t seed) : random_(seed) {}

  std::string pattern() {
    parts_.clear();
    return "^" + items(2) + (random_.one_in(2) ? "$" : "");
  }
  // One that may begin anywhere, or behind something.
  std::string unanchored_pattern() {
    static const std::vector<std::string> kBegins = {"",    ".*", "(?:^|[/?])", "(?:^|a)", "(?:^|[ab-])",
                                                     "\\b", ".+", ".*?",        "(.*)"};
    parts_ = {{{"", "a", "/", "b/", "?a-"}, 1, 1}};
    std::string pattern = random_.one_of(kBegins);
    if (random_.one_in(2)) pattern += literal();
    return pattern + items(2) + (random_.one_in(3) ? "$" : "");
  }

  // For the last pattern.
  std::string text() {
    if (random_.one_in(8)) return random_.text(kTextBytes, random_.below(15));
    std::string text;
    for (const Part& part : parts_) {
      for (std::size_t i = part.fewest + random_.below(part.most - part.fewest + 1); i > 0; --i) {
        text += random_.one_of(part.choices);
      }
    }
    return random_.one_in(3) ? text : random_.damage(std::move(text), kTextBytes);
  }

 private:
  static constexpr std::string_view kTextBytes = "ab/1?.-ab/1?.-/////\n";

  // A part of a text: some of these.
  struct Part {
    std::vector<std::string> choices;
    std::size_t fewest;
    std::size_t most;
  };

  std::string items(std::size_t depth) {
    std::string pattern;
    for (std::size_t count = random_.below(5); count > 0; --count) {
      const std::size_t what = random_.below(12);
      if (random_.one_in(16)) pattern += random_.one_in(3) ? fenced() : random_.one_in(2) ? units() : chain();
      pattern += what < 3 ? literal() : what < 8 ? run() : what == 8 || depth == 0 ? alternatives() : group(depth);
      if (what >= 9 && depth > 0 && random_.one_in(2)) pattern += '?';
    }
    return pattern;
  }

  std::string literal() {
    const std::string text = random_.text(kAlphabet, 1 + random_.below(3));
    parts_.push_back({{text}, 1, 1});
    return quote_pattern(text);
  }

  std::string run() {
    struct Class {
      std::string pattern;
      std::string_view bytes;
    };
    static const std::vector<Class> kClasses = {
        {".", kAlphabet},     {"[^/]", "ab1?.-"},     {"[^?]", "ab/1.-"},
        {"[^/?]", "ab1.-"},   {R"(\d)", "1"},         {R"(\D)", "ab/?.-"},
        {R"(\w)", "ab1"},     {R"(\W)", "/?.-"},      {"[a-b]", "ab"},
        {"[b-]", "b-"},       {"[]/]", "/"},          {"[--/]", "-./"},
        {R"([\d.])", "1."},   {R"([^\w\/])", "?.-"},  {"/", "/"},
        {"a", "a"},           {R"(\.)", "."},         {"[^]a]", "b/1?.-"},
        {R"(\S)", kAlphabet}, {"[[:alnum:]]", "ab1"}, {"[[:^alpha:].]", "/1?.-"}};
    const Class& chosen = random_.one_of(kClasses);
    Part part{{}, 1, 1};
    for (const char byte : chosen.bytes) part.choices.emplace_back(1, byte);
    struct Quantifier {
      std::string pattern;
      std::size_t fewest;
      std::size_t most;
    };
    static const std::vector<Quantifier> kQuantifiers = {
        {"*", 0, 5},  {"*", 0, 5},  {"+", 1, 5},    {"+", 1, 5},     {"{2}", 2, 2},   {"", 1, 1},      {"?", 0, 1},
        {"*?", 0, 5}, {"+?", 1, 5}, {"{2,}", 2, 5}, {"{1,3}", 1, 4}, {"{0,2}", 0, 3}, {"{1,3}?", 1, 4}};
    const Quantifier& quantifier = random_.one_of(kQuantifiers);
    part.fewest = quantifier.fewest;
    part.most = quantifier.most;
    parts_.push_back(part);
    return chosen.pattern + quantifier.pattern;
  }

  // A run, what it could hold as well, and what it cannot.
  std::string fenced() {
    struct Fenced {
      std::string pattern;
      std::string text;
    };
    static const std::vector<Fenced> kFenced = {{R"((\S+):(\d+))", "a?:1"},        {"([^/]+)b/", "abb/"},
                                                {R"(([^/]*)(\d*)\./)", "a1./"},    {R"([^?]+?-(a|b/)\?)", "/-a?"},
                                                {R"((\D*)(?:a|b)1)", "/ab1"},      {R"(([^1]{2,})[a-b]{2}1)", "/-ab1"},
                                                {"([^-]{1,3})a+(?:-|$)", "/baa-"}, {R"((\w*)a(b?)\.)", "1ab."}};
    const Fenced& chosen = random_.one_of(kFenced);
    for (const char byte : chosen.text) parts_.push_back({{{byte}}, 1, random_.one_in(3) ? 2U : 1U});
    return chosen.pattern;
  }

  // Bytes, or escaped bytes.
  std::string units() {
    static const std::vector<std::string> kUnits = {
        R"((?:[^/?]|\?.)*)", R"(((?:\?.|[^/?]+)*))", R"((?:[ab1]|\?[/?])+)", R"((?:[^?]|\?/)*?)",
        R"((?:a|b1)*)",      R"(((?:[^/?]|\?.)+?))", R"((?:[^/?]|[?]\D)*)"};
    parts_.push_back({{"a", "b1", "1", "?/", "?a", "??", "."}, 0, 4});
    return random_.one_of(kUnits) + (random_.one_in(2) ? literal() : "");
  }

  // Optional groups that begin alike.
  std::string chain() {
    std::string pattern;
    const std::string begin = random_.text("/-", 1 + random_.below(2));
    for (const char key : {'a', 'b', '1'}) {
      if (random_.one_in(4)) continue;
      parts_.push_back({{begin + key + "?", begin + key + "?1", begin + key}, 0, 1});
      pattern += "(?:" + quote_pattern(begin + key) + R"(\?()" + (random_.one_in(2) ? R"(\d*)" : "[^/]*") + "))?";
    }
    return pattern;
  }

  std::string alternatives() {
    Part part{{}, 1, 1};
    std::string pattern;
    for (std::size_t count = 2 + random_.below(2); count > 0; --count) {
      const std::string text = (part.choices.empty() || random_.one_in(2) ? "" : part.choices.back()) +
                               random_.text(kAlphabet, random_.below(3));
      pattern += (part.choices.empty() ? "" : "|") + quote_pattern(text);
      part.choices.push_back(text);
    }
    parts_.push_back(part);
    return opening() + pattern + ")";
  }

  std::string group(std::size_t depth) {
    std::string pattern = opening() + items(depth - 1);
    if (random_.one_in(3)) pattern += "|" + items(depth - 1);
    return pattern + ")";
  }

  std::string opening() {
    return random_.one_in(3) ? "(?:" : random_.one_in(2) ? "(" : fmt::format("(?P<g{}>", ++names_);
  }

  Random random_;
  std::vector<Part> parts_;
  std::size_t names_ = 0;
};

}  // namespace tailmeter
