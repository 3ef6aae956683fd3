// The World's oracle: what its files hold, and whether answers agree with that.
#include <algorithm>
#include <utility>

#include "test/simulation/world.h"

namespace tailmeter {

// Of all files that can still be read: those under a name, and those that the program has open.
void World::for_each_content(const Visit& visit) const {
  const auto is_forbidden = [&](const std::string& path) {
    return forbidden_.is_known() && files_.identity(path) == forbidden_;
  };
  for (const Log& log : logs_) {
    const auto content = files_.content(log.path);
    if (content && !is_forbidden(log.path)) visit(files_.identity(log.path), *content, true);
  }
  const auto visit_rotated = [&](const FileIdentity& file, const std::string& bytes, bool is_current) {
    const auto compressed = compressed_.find(bytes);
    if (compressed != compressed_.end()) return visit(file, compressed->second, false);
    const bool is_cut_short = bytes.starts_with('\x1f') || bytes.starts_with('\x28');  // as gzip's and zstd's begin
    if (!is_cut_short) visit(file, bytes, is_current);
  };
  for (const std::string& path : rotated_files()) {
    if (!is_forbidden(path)) visit_rotated(files_.identity(path), *files_.content(path), false);
  }
  for (const SimulatedFiles::Held& held : files_.held_by_reader()) {
    const bool is_current = std::any_of(logs_.begin(), logs_.end(), [&](const Log& log) {
      return files_.identity(log.path) == held.identity || (log.writer >= 0 && log.file == held.identity);
    });
    visit_rotated(held.identity, held.content, is_current);
  }
}

void World::observe() {
  if (run_) expectation_.note_counted(run_->counted());
}

std::vector<std::string> World::rotated_files() const {
  std::vector<std::string> paths;
  for (const std::string directory : kDirectories) {
    for (const std::string& name : files_.names(directory)) {
      std::string path = directory + '/' + name;
      const bool is_log = std::any_of(logs_.begin(), logs_.end(), [&](const Log& log) { return log.path == path; });
      if (!is_log) paths.push_back(std::move(path));
    }
  }
  return paths;
}

// True of a compressed file that was written over, and has lost its name.
bool World::is_out_of_reach(const FileIdentity& file) const {
  if (!written_over_.contains(file)) return false;
  const std::vector<std::string> paths = rotated_files();
  return std::none_of(paths.begin(), paths.end(),
                      [&](const std::string& path) { return files_.identity(path) == file; });
}

Texts World::readable() const {
  Texts texts;
  for_each_content([&](const FileIdentity& file, std::string_view content, bool) {
    if (is_out_of_reach(file)) return;
    for (std::size_t end; (end = content.find('\n')) != std::string_view::npos; content.remove_prefix(end + 1)) {
      texts.emplace(content.substr(0, end));
    }
  });
  if (is_at_rest_) texts.insert(settled_partials_.begin(), settled_partials_.end());
  return texts;
}

// Lines that nobody will end count now; but not those of a copy whose original still has them.
void World::settle_partials() {
  Texts current;
  std::map<FileIdentity, std::string> others;
  for_each_content([&](const FileIdentity& file, std::string_view content, bool is_current) {
    if (is_current) {
      current.emplace(content);
    } else {
      others.emplace(file, content);
    }
  });
  std::map<std::string, std::uint64_t> partials;
  settled_partials_.clear();
  for (const auto& [file, content] : others) {
    const bool is_copy = std::any_of(current.begin(), current.end(), [&text = content](const std::string& original) {
      return original.starts_with(text);
    });
    const std::string partial = partial_of(content);
    if (partial.empty() || (is_copy && partial != content)) continue;
    // A piece of a line that was counted may count or not; and so may what looks like a copy for want of a whole line.
    const bool has_lines = content.size() - partial.size() > banner_.size();
    if (is_copy || is_out_of_reach(file) || !(has_lines || banner_.empty()) ||
        (!known_partials_.contains(partial) && expectation_.has_beginning_with(partial)))
      torn_.insert(partial);
    if (++partials[partial] > known_partials_[partial]) {
      ++known_partials_[partial];
      expectation_.add(partial);
    }
    if (!torn_.contains(partial)) settled_partials_.insert(partial);
  }
}

// A program that says of all it shows that it may go, or may be too much, would be right whatever it shows.
void World::check_rest() {
  if (!fault_.empty() || !last_answer_) return;
  for (const prometheus::MetricFamily& family : last_answer_->own()) {
    if (family.name == "tailmeter_durable" && family.metric[0].gauge.value != 1) fault_ = "nothing is durable\n";
    if (family.name == "tailmeter_uncertain_bytes_total" && boots_ == 1 && family.metric[0].counter.value > 0) {
      fault_ = "something is uncertain without a power cut\n";
    }
  }
}

void World::check_answers() {
  const std::shared_ptr<Scrape> previous = last_answer_;
  for (auto asked = asked_.begin(); asked != asked_.end();) {
    const std::shared_ptr<Scrape> answer = run_->answer_to(asked->number);
    if (!answer) {
      ++asked;
      continue;
    }
    // A disk that hangs: the values of the last answer are given again.
    const bool is_new = !previous || &answer->snapshot() != &previous->snapshot();
    last_answer_ = answer;
    std::string wrong = expectation_.check(*answer, asked->required, asked->is_whole && asked->is_taken && is_new);
    if (fault_.empty()) fault_ = std::move(wrong);
    asked = asked_.erase(asked);
  }
}

}  // namespace tailmeter
