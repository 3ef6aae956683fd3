#include "parsers/nginx_conf/directives.h"

#include <algorithm>

#include <fmt/format.h>

namespace tailmeter {
namespace {

class Reader {
 public:
  Reader(const std::string& file, const NginxFiles& files, std::span<const std::string_view> kept,
         const NginxConfLimits& limits)
      // ngx_conf_full_name(): an include is relative to the folder of the first file, whichever file it stands in.
      : folder_(file.substr(0, file.rfind('/') + 1)), files_(files), kept_(kept), limits_(limits) {}

  void read_file(const std::string& name, std::vector<NginxDirective>& out) {
    if (std::find(open_.begin(), open_.end(), name) != open_.end()) throw std::runtime_error("it includes itself");
    if (++file_count_ > limits_.max_files) {
      throw std::runtime_error(fmt::format("more than {} files are included", limits_.max_files));
    }
    const std::string text = files_.read(name, limits_.max_bytes - byte_count_);
    byte_count_ += text.size();
    if (byte_count_ > limits_.max_bytes) {
      throw std::runtime_error(fmt::format("the configuration has more than {} bytes", limits_.max_bytes));
    }
    open_.push_back(name);
    NginxLexer lexer(name, text);
    read_block(lexer, &out, NginxStatement::End::kFileEnd);
    open_.pop_back();
  }

 private:
  // Up to `end`. Without `out`, nothing is kept and nothing included: there, "include" may name what is no
  // configuration.
  void read_block(NginxLexer& lexer, std::vector<NginxDirective>* out, NginxStatement::End end) {
    using End = NginxStatement::End;
    if (++depth_ > limits_.max_depth) {
      throw NginxConfError(lexer.place(),
                           fmt::format("more than {} blocks and includes in each other", limits_.max_depth));
    }
    for (;;) {
      NginxStatement statement = lexer.next();
      if (statement.end == End::kBlockEnd || statement.end == End::kFileEnd) {
        if (statement.end == end) break;
        throw NginxConfError(lexer.place(),
                             end == End::kFileEnd ? "unexpected \"}\"" : "unexpected end of file, expecting \"}\"");
      }
      take(std::move(statement), lexer, out);
    }
    --depth_;
  }

  void take(NginxStatement statement, NginxLexer& lexer, std::vector<NginxDirective>* out) {
    const std::string name = statement.words.front().text;
    const NginxPlace place{lexer.place().file, statement.words.front().line};
    const bool is_block = statement.end == NginxStatement::End::kBlock;
    if (is_block && name.ends_with("_by_lua_block")) return lexer.skip_lua_block();
    if (out != nullptr && !is_block && name == "include") return include(statement, place, *out);

    std::vector<NginxDirective>* inner = nullptr;
    if (out != nullptr && std::find(kept_.begin(), kept_.end(), name) != kept_.end()) {
      if (++directive_count_ > limits_.max_directives) {
        throw NginxConfError(place, fmt::format("more than {} directives about logs", limits_.max_directives));
      }
      out->push_back({std::move(statement.words), place, {}});
      inner = &out->back().block;
    }
    if (is_block) read_block(lexer, inner, NginxStatement::End::kBlockEnd);
  }

  void include(const NginxStatement& statement, const NginxPlace& place, std::vector<NginxDirective>& out) {
    if (statement.words.size() != 2) throw NginxConfError(place, "include takes one file or pattern");
    const std::string& pattern = statement.words[1].text;
    const std::string path = pattern.starts_with('/') ? pattern : folder_ + pattern;
    const bool is_glob = path.find_first_of("*?[") != std::string::npos;
    for (const std::string& name : is_glob ? files_.expand(path) : std::vector<std::string>{path}) {
      try {
        read_file(name, out);
      } catch (const NginxConfError&) {
        throw;
      } catch (const std::runtime_error& error) {
        throw NginxConfError(place, fmt::format("include {}: {}", name, error.what()));
      }
    }
  }

  std::string folder_;
  const NginxFiles& files_;
  std::span<const std::string_view> kept_;
  NginxConfLimits limits_;
  std::vector<std::string> open_;  // the files that are being read, each included by the one before
  std::size_t file_count_ = 0;
  std::size_t byte_count_ = 0;
  std::size_t depth_ = 0;
  std::size_t directive_count_ = 0;
};

}  // namespace

std::vector<NginxDirective> read_nginx_directives(const std::string& file, const NginxFiles& files,
                                                  std::span<const std::string_view> kept,
                                                  const NginxConfLimits& limits) {
  std::vector<NginxDirective> directives;
  try {
    Reader(file, files, kept, limits).read_file(file, directives);
  } catch (const NginxConfError&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw NginxConfError({file, 0}, error.what());
  }
  return directives;
}

}  // namespace tailmeter
