// One source: its names, the generations that they lead to, and those that have lost their names.
//
// A rescan asks each name for the identity of its file. A new identity is a rotation: the generation that was there
// goes on being read without a name, those that passed in between are looked for under rotated names, and the new one
// begins at 0. Where a file lies decides nothing once it is open; one file under two names is read once.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "exporter/lines/line_ends.h"
#include "exporter/tail/file_mark.h"
#include "exporter/tail/file_system.h"
#include "exporter/tail/generation.h"
#include "exporter/tail/glob.h"
#include "exporter/tail/limits.h"
#include "exporter/tail/lost_files.h"
#include "exporter/tail/outlet.h"
#include "exporter/tail/rotated_files.h"
#include "exporter/tail/saved_files.h"

namespace tailmeter {

enum class StartAt { kEnd, kBeginning };

// What to follow. Patterns are as in glob.h; one without "/" in `exclude` is matched against the file's name alone.
//
// Compressed files and rotated names of a followed log ("access.log.1", by "access.log*") are not followed themselves.
struct FollowedSource {
  std::vector<std::string> files;
  std::vector<std::string> exclude;
  StartAt start_at = StartAt::kEnd;  // of files that are there at the first look; those that come later are read whole
  LineEnds line_ends{};              // of all its files
};

struct SourceStatus {
  std::size_t files_following = 0;
  std::size_t files_draining = 0;
  std::size_t files_unreadable = 0;  // files and directories
  std::uint64_t lag_bytes = 0;       // in the files when last looked at, but not handed over; with the pending ones
  std::uint64_t pending_bytes = 0;   // of last lines that have not ended
  ByteTotals totals;
};

class SourceFollower {
 public:
  SourceFollower(SourceIndex index, const FollowedSource& source, FileSystem& files, LineSink& sink,
                 TailObserver& observer, const Limits& limits);

  // Looks at all names and all open files.
  void rescan(ReadBuffer& buffer, TimePoint now);

  // Where hints are wanted, as of the last rescan.
  [[nodiscard]] const std::set<std::string>& directories() const { return directories_; }

  // Makes a rescan due if a change of the name `path`, empty for any, may concern this source.
  void note_name(const std::string& path);
  [[nodiscard]] bool is_rescan_due() const { return is_rescan_due_; }

  // Makes the files due that were written to under one of `paths`, or all. A rotated file may be one that another log
  // is copied into, which gives no hint of a name.
  void note_writes(const std::unordered_set<std::string>& paths);
  void note_writes_anywhere();

  // In the order of their birth, as far as it is known.
  [[nodiscard]] std::list<Generation>& generations() { return generations_; }

  // To be told when a turn found a truncation: there may be copies that nobody has looked at. Makes a rescan due.
  void note_truncation(const Generation& generation);

  // To be told when turns found files rewritten. If a copy of what was there lies under a rotated name, what is unread
  // is read there, in front of what such a generation has now.
  void note_rewritten(const std::vector<Generation*>& rewritten, ReadBuffer& buffer, TimePoint now);

  // To be called when a turn of a generation closed its file: what lies there now is to be looked at.
  void note_closed(const Generation& generation);

  // To be called when turns were taken: some generations may be of no more use, for others read their files now.
  void forget_let_go();

  // Between two polls: what restore() of a later run needs to go on from here. restore() comes before the first look;
  // of what this source does not follow any more it takes nothing.
  [[nodiscard]] SavedFiles save() const;
  // If the machine was started since, ends of files may be missing.
  void restore(const SavedFiles& saved, bool is_other_boot, TimePoint now);
  // What that one would not take.
  [[nodiscard]] SavedFiles unfollowed(const SavedFiles& saved) const;

  // Before the first look: of the files that are there nothing is read, whatever the source says.
  void begin_at_end() { start_at_ = StartAt::kEnd; }

  // Leaves its open files to another one, which was restored from what it saved.
  using OpenFiles = std::multimap<FileIdentity, OpenFile>;
  void release_files(OpenFiles& files);
  void take_files(OpenFiles& files);

  [[nodiscard]] SourceStatus status() const;

 private:
  // A followed path, and what is known of the files that had it.
  struct Name {
    bool is_present = false;
    FileIdentity identity;          // of the file last seen there
    std::string real_path;          // of that file, without symbolic links: where it is written to and rotated
    std::uint64_t start_bytes = 0;  // where that file ended at our start, even if it could not be opened yet
    std::map<FileIdentity, FileMark> settled_rotated;  // under rotated names, and not to be read: old, read, or copies
    std::vector<FileIdentity> gone_rotated;            // of these, those missed at the last look; the first to go first
    std::vector<BeginningMark> settled_beginnings;     // of old and finished files; last the one seen last
    std::set<FileIdentity> unread_rotated;             // under rotated names, to be read as soon as they can be opened
    std::set<FileIdentity> left_rotated;               // under rotated names, and copies of others, as it seems
    std::set<FileIdentity> undecided;  // under rotated names, and whether they are copies cannot be seen yet
    std::map<FileIdentity, std::uint64_t> damaged_bytes;  // of those, compressed ones that were bad at that size
    bool is_look_due = false;   // there may be files under rotated names that are in none of these
    bool is_unsettled = false;  // those that lie there are to be settled as soon as they can be listed
  };
  enum class Fate { kSettled, kCopy, kToRead, kLeft, kUndecided };
  using Troubles = std::map<std::string, std::error_code>;

  // What one rescan carries along.
  struct Look {
    ReadBuffer& buffer;
    TimePoint now;
    const std::set<std::string>& bases;
    RotatedFiles rotated;
    LostFiles lost;
    Troubles troubles;
    std::set<FileIdentity> named;
    bool is_outdated = false;  // a name led elsewhere when it was opened: what it was of may be seen under none
  };

  // What a path leads to at one look.
  struct Seen {
    std::string path;
    FileStatus status;
    std::error_code error;
  };

  void note_rotated(const std::string& path);
  [[nodiscard]] bool concerns(const std::string& path) const;
  [[nodiscard]] std::set<std::string> candidates(const Expansion& expansion) const;
  [[nodiscard]] bool is_followed(const std::string& path) const;
  [[nodiscard]] bool is_excluded(const std::string& path) const;
  [[nodiscard]] bool is_left_out(const std::string& path) const;
  [[nodiscard]] bool is_rotated_from_followed(const std::string& path) const;
  [[nodiscard]] bool is_rotated_from(const std::string& path, const std::set<std::string>& paths) const;

  void look_at(const Seen& seen, Look& look);
  Name& add_name(const std::string& path, Look& look);
  void change_hands(const std::string& path, Name& name, Look& look);
  [[nodiscard]] Rotation kind_of_rotation(const Name& name);

  [[nodiscard]] bool is_first_look_at(const std::string& path) const;
  void give_up_vanished(Look& look);
  [[nodiscard]] Kinship find_again(Generation& generation, Look& look);
  [[nodiscard]] std::error_code is_under_rotated_name(const Generation& generation, bool& is_copied_into, Look& look);
  void note_rewrite(Generation& generation, Look& look);
  void let_go_of(Generation& generation, Look& look);
  [[nodiscard]] std::uint64_t keep_unread(Generation& generation, Look& look);
  [[nodiscard]] bool may_come(const Generation& generation) const;
  [[nodiscard]] Kinship go_on_in_copy(Generation& generation, Look& look, std::uint64_t& copy_bytes);
  [[nodiscard]] bool has_copy_ahead(const Generation& generation, Look& look);
  [[nodiscard]] Kinship find_copy(const Generation& generation, Look& look, OpenFile& copy);
  [[nodiscard]] Kinship kinship_to_candidate(const RotatedFile& candidate, const Name& name,
                                             const Generation& generation, ReadBuffer& buffer, OpenFile& file);
  [[nodiscard]] bool find_held_copy(const Generation& generation, ReadBuffer& buffer, OpenFile& copy);
  [[nodiscard]] bool is_log(const Generation& generation) const;
  [[nodiscard]] Kinship kinship_to_finished_beyond(const std::string& path, const OpenFile& file,
                                                   std::uint64_t position_bytes, ReadBuffer& buffer);
  [[nodiscard]] Kinship kinship_to_rolled_back(const Generation& reader, const OpenFile& file,
                                               std::uint64_t position_bytes, ReadBuffer& buffer);
  [[nodiscard]] Kinship kinship_to_readers(const RotatedFile& rotated, const OpenFile& file,
                                           const Generation& generation, ReadBuffer& buffer);

  [[nodiscard]] std::error_code find_rotated(const std::string& path, const Name& name, RotatedFiles& look,
                                             std::vector<RotatedFile>& rotated);
  void settle_rotated(const std::string& path, Name& name, Look& look);
  void settle(const RotatedFile& file, Fate fate, Name& name, ReadBuffer& buffer);
  void forget_gone(const std::vector<RotatedFile>& rotated, Name& name);
  static void settle_beginning(const Beginning& beginning, std::uint64_t file_bytes, Name& name);
  void unsettle(const FileIdentity& identity);
  [[nodiscard]] Kinship kinship_to_settled(const RotatedFile& file, Name& name, ReadBuffer& buffer);
  [[nodiscard]] bool is_copy_of_settled(const RotatedFile& file, const OpenFile& opened, const Name& name,
                                        ReadBuffer& buffer);
  void find_passed_by(const std::string& path, Name& name, Look& look);
  [[nodiscard]] Fate fate_of(const RotatedFile& file, const std::vector<RotatedFile>& rotated, const std::string& path,
                             Name& name, Look& look);
  [[nodiscard]] Fate fate_of_unread(const Generation& generation, const RotatedFile& unread,
                                    const std::vector<RotatedFile>& rotated, const std::string& path, Name& name,
                                    Look& look);
  [[nodiscard]] static bool is_rotated_unread(const Generation& generation);
  [[nodiscard]] bool has_rotated_unread(const std::string& path) const;
  [[nodiscard]] std::optional<Fate> fate_of_copy(const RotatedFile& copy, const OpenFile& file,
                                                 const std::vector<RotatedFile>& rotated, const std::string& path,
                                                 const Name& name, Look& look);
  [[nodiscard]] Fate fate_of_stranger(const RotatedFile& stranger, const std::vector<RotatedFile>& rotated,
                                      const std::string& path, Name& name, Look& look);
  [[nodiscard]] bool is_same_log(const std::string& path, const std::string& other) const;
  [[nodiscard]] bool has_settled_beginning(const OpenFile& file, Name& name, ReadBuffer& buffer);
  [[nodiscard]] bool is_known_by_beginning(const std::string& path, const OpenFile& file, Name& name,
                                           ReadBuffer& buffer);
  [[nodiscard]] bool is_whole(const OpenFile& file, std::uint64_t compressed_bytes, Name& name);
  [[nodiscard]] Kinship kinship_to_read(const Generation& generation, const OpenFile& file, ReadBuffer& buffer);
  [[nodiscard]] Kinship kinship_to_unread(const SavedGeneration& place, const OpenFile& file, ReadBuffer& buffer);
  [[nodiscard]] Kinship find_rest(const SavedGeneration& place, const OpenFile& file, ReadBuffer& buffer,
                                  std::uint64_t& rest_bytes);
  [[nodiscard]] std::error_code find_landing(const SavedGeneration& place, const OpenFile& file, ReadBuffer& buffer,
                                             std::optional<Landing>& landing);
  [[nodiscard]] bool may_be_left_by_crash(const SavedGeneration& place, const OpenFile& file) const;
  [[nodiscard]] Kinship kinship_to_finished(const std::string& path, const OpenFile& file, ReadBuffer& buffer);
  [[nodiscard]] bool has_rest_behind(std::uint64_t from_bytes, const std::string& path, const OpenFile& file,
                                     ReadBuffer& buffer);
  [[nodiscard]] Kinship kinship_to_known(const Generation& generation, ReadBuffer& buffer);
  [[nodiscard]] Kinship kinship_among(const RotatedFile& rotated, const std::vector<const RotatedFile*>& others,
                                      ReadBuffer& buffer);
  [[nodiscard]] bool has_unread(const std::string& path);
  [[nodiscard]] bool is_unread_missing(const std::string& path, const Name& name,
                                       const std::vector<RotatedFile>& rotated) const;
  void read_passed_by(const std::string& path, Name& name, const std::vector<RotatedFile>& rotated, Look& look);
  void forget_unread(const std::string& path, const std::vector<RotatedFile>& rotated);

  [[nodiscard]] std::error_code open(const std::string& path, OpenFile& file);
  Generation* follow(const std::string& path, const std::string& log_path, const FileIdentity& identity,
                     std::uint64_t start_bytes, Look& look);
  [[nodiscard]] Generation* find(const FileIdentity& identity);
  [[nodiscard]] bool is_empty(const FileIdentity& identity);
  [[nodiscard]] std::list<Generation>::iterator iterator_of(const Generation& generation);
  [[nodiscard]] bool is_over(Generation& generation, Look& look);
  void settle_generations(Look& look);
  void abandon(Generation& generation);
  std::list<Generation>::iterator forget(std::list<Generation>::iterator generation);
  void remember(SavedGeneration generation);
  void remember_unread(const Generation& generation);
  [[nodiscard]] Kinship resume_finished(Generation& generation, bool is_rotated, ReadBuffer& buffer);
  [[nodiscard]] Kinship resume_finished_if(const std::function<bool(const SavedGeneration&)>& may_be,
                                           Generation& generation, ReadBuffer& buffer);
  void forget_surplus();
  void forget_surplus_finished();
  void forget_names(const Look& look);
  void tell_troubles(Troubles troubles);

  std::vector<Glob> patterns_;
  std::vector<Glob> exclude_;
  std::set<std::string> literals_;
  StartAt start_at_;
  FileSystem& files_;
  const Limits& limits_;
  Outlet outlet_;

  bool is_first_look_ = true;
  std::vector<Glob> restored_patterns_;  // names that these do not match are new to us
  bool is_rescan_due_ = true;
  std::map<std::string, Name> names_;
  std::list<Generation> generations_;
  std::map<FileIdentity, Generation*> by_identity_;
  std::vector<SavedGeneration> finished_;       // what is gone, or was truncated
  std::set<FileIdentity> copies_before_crash_;  // seen by the run before, if the machine was started since
  std::set<std::string> directories_;
  DirectoriesBelow below_;
  std::set<std::string> left_;  // directories that symbolic links of ours led to: files may be read there yet
  Troubles troubles_;
};

}  // namespace tailmeter
