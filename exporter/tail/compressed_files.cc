#include "exporter/tail/compressed_files.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <string>
#include <utility>

#include "exporter/tail/decompression.h"

namespace tailmeter {
namespace {

constexpr std::size_t kStepBytes = std::size_t{64} << 10;  // read ahead of what was asked for at most

// So many bytes may be decompressed by any call: most compressed logs that are looked at wait for nobody.
constexpr std::uint64_t kFreeBytes = std::uint64_t{1} << 20;

// What is asked for again and again is remembered, so that no call undoes what another one has got to: the beginning,
// which is compared with logs, and a few bytes at places that tell a copy.
constexpr std::size_t kBeginningBytes = std::size_t{256} << 10;
constexpr std::size_t kExcerptBytesMax = std::size_t{16} << 10;
constexpr std::size_t kExcerptsMax = 64;

constexpr std::size_t kEndingBytes = 8;                 // of the compressed file: the checksum and the size in gzip's
constexpr std::uint64_t kEndBytes = ~std::uint64_t{0};  // wherever that is

}  // namespace

// What is compressed in one open file. It is decompressed in order, round and round into the history.
class CompressedFiles::Content {
 public:
  Content(CompressedFiles& owner, OpenFile file, const FileStatus& status, std::unique_ptr<Decompressor> decompressor)
      : owner_(owner),
        files_(owner.files_),
        file_(std::move(file)),
        identity_(file_.identity()),
        file_bytes_(status.size_bytes),
        modified_ns_(status.modified_ns),
        decompression_(std::move(decompressor), status.size_bytes,
                       [this](std::uint64_t offset_bytes, std::span<char> room, std::size_t& bytes_read) {
                         return reader_error_ = files_.read(file_, offset_bytes, room, bytes_read);
                       }) {}
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;

  [[nodiscard]] std::error_code read(std::uint64_t offset_bytes, std::span<char> room, std::size_t& bytes_read);
  [[nodiscard]] std::error_code status(FileStatus& status);

  // Without its file it keeps its place.
  void close() { file_.close(); }
  void reopen(OpenFile file) { file_ = std::move(file); }
  // Whether it is that of the file with this status. In doubt it is not.
  [[nodiscard]] bool is_of(const FileStatus& status) const {
    return !fault_ && status.size_bytes == file_bytes_ && modified_ns_ != 0 && status.modified_ns == modified_ns_;
  }

  [[nodiscard]] const FileIdentity& identity() const { return identity_; }
  [[nodiscard]] std::uint64_t file_bytes() const { return file_bytes_; }
  [[nodiscard]] std::uint64_t modified_ns() const { return modified_ns_; }
  [[nodiscard]] const std::optional<std::uint64_t>& size_bytes() const { return size_bytes_; }
  void set_size(std::uint64_t size_bytes) { size_bytes_ = size_bytes; }

 private:
  [[nodiscard]] std::error_code find_change(const FileStatus& status, bool& is_changed);
  [[nodiscard]] std::error_code check_unchanged(FileStatus& status);
  void rewind();
  [[nodiscard]] std::error_code go_to(std::uint64_t goal_bytes);
  [[nodiscard]] std::error_code read_on(std::uint64_t offset_bytes, std::span<char> room, std::size_t& bytes_read);
  std::size_t copy_from_history(std::uint64_t offset_bytes, std::span<char> room) const;
  [[nodiscard]] const std::string* find_excerpt(std::uint64_t offset_bytes, std::size_t bytes) const;
  [[nodiscard]] std::error_code advance();
  std::error_code condemn(std::error_code error) { return fault_ = error; }

  struct Excerpt {
    std::uint64_t offset_bytes = 0;
    std::size_t asked_bytes = 0;
    std::string bytes;
  };

  CompressedFiles& owner_;
  FileSystem& files_;
  OpenFile file_;
  FileIdentity identity_;
  std::uint64_t file_bytes_;                 // when it was opened
  std::uint64_t modified_ns_;                // 0: too recent to tell
  std::optional<std::string> ending_;        // of the file, if so
  std::error_code fault_;                    // for good
  std::error_code reader_error_;             // of the last read of the file
  std::optional<std::uint64_t> size_bytes_;  // decompressed, once the end was reached
  Decompression decompression_;
  std::uint64_t position_bytes_ = 0;  // decompressed so far; the history ends there
  std::unique_ptr<char[]> history_ = std::make_unique_for_overwrite<char[]>(kHistoryBytes);
  std::string beginning_;          // of what is decompressed
  std::vector<Excerpt> excerpts_;  // the oldest first
};

std::error_code CompressedFiles::Content::read(std::uint64_t offset_bytes, std::span<char> room,
                                               std::size_t& bytes_read) {
  FileStatus status;
  if (const std::error_code error = check_unchanged(status)) return error;
  if (room.empty() || (size_bytes_ && offset_bytes >= *size_bytes_)) {
    bytes_read = 0;
    return {};
  }
  if (offset_bytes <= beginning_.size() && room.size() <= beginning_.size() - offset_bytes) {
    bytes_read = beginning_.copy(room.data(), room.size(), offset_bytes);
    return {};
  }
  if (const std::string* const excerpt = find_excerpt(offset_bytes, room.size())) {
    bytes_read = excerpt->copy(room.data(), room.size());
    return {};
  }
  if (position_bytes_ > kHistoryBytes && offset_bytes < position_bytes_ - kHistoryBytes) {
    // First the size: else one call would go forward for that, and the next one back, without end.
    if (const std::error_code error = go_to(kEndBytes)) return error;
    rewind();
  }
  if (const std::error_code error = go_to(offset_bytes)) return error;
  if (const std::error_code error = read_on(offset_bytes, room, bytes_read)) return error;
  if (room.size() <= kExcerptBytesMax) {
    if (excerpts_.size() == kExcerptsMax) excerpts_.erase(excerpts_.begin());
    excerpts_.push_back({offset_bytes, room.size(), std::string(room.data(), bytes_read)});
  }
  return {};
}

// What begins within the history, or where that ends.
std::error_code CompressedFiles::Content::read_on(std::uint64_t offset_bytes, std::span<char> room,
                                                  std::size_t& bytes_read) {
  std::size_t copied = 0;
  while (copied < room.size()) {
    if (offset_bytes + copied < position_bytes_) {
      copied += copy_from_history(offset_bytes + copied, room.subspan(copied));
    } else if (decompression_.is_at_end()) {
      break;
    } else if (const std::error_code error = advance()) {
      return error;
    }
  }
  bytes_read = copied;
  return {};
}

std::error_code CompressedFiles::Content::status(FileStatus& status) {
  FileStatus whole;
  if (const std::error_code error = check_unchanged(whole)) return error;
  if (const std::error_code error = go_to(kEndBytes)) return error;
  whole.size_bytes = *size_bytes_;
  status = std::move(whole);
  return {};
}

// Decompresses up to there, but no more than one call may.
std::error_code CompressedFiles::Content::go_to(std::uint64_t goal_bytes) {
  const auto done_bytes = [&] { return position_bytes_ + decompression_.input_bytes(); };
  const std::uint64_t from_bytes = done_bytes();
  while (position_bytes_ < goal_bytes && !decompression_.is_at_end() && !(goal_bytes == kEndBytes && size_bytes_)) {
    const std::uint64_t bytes = done_bytes() - from_bytes;
    if (bytes >= kSliceBytes || (bytes >= kFreeBytes && !owner_.may_take_long(*this))) {
      owner_.has_unfinished_ = true;
      return FileError::kNotYet;
    }
    if (const std::error_code error = advance()) {
      if (fault_) owner_.note_finished(*this);
      return error;
    }
  }
  if (done_bytes() != from_bytes) owner_.note_finished(*this);
  return {};
}

// A compressor that still writes shows by the size, and one that has written it anew by the time, or, where that was
// too recent to tell, by the checksum at the end.
std::error_code CompressedFiles::Content::find_change(const FileStatus& status, bool& is_changed) {
  is_changed = status.size_bytes != file_bytes_ || (modified_ns_ != 0 && status.modified_ns != modified_ns_);
  if (is_changed || modified_ns_ != 0) return {};
  std::string ending(std::min<std::uint64_t>(file_bytes_, kEndingBytes), '\0');
  std::size_t bytes_read = 0;
  if (const std::error_code error = files_.read(file_, file_bytes_ - ending.size(), ending, bytes_read)) return error;
  is_changed = ending_ && *ending_ != ending;
  ending_ = std::move(ending);
  modified_ns_ = status.modified_ns;
  return {};
}

// What was learnt of a file that changed is no longer true, and to begin anew is for the one who knows what was taken
// from it.
std::error_code CompressedFiles::Content::check_unchanged(FileStatus& status) {
  if (fault_) return fault_;
  if (const std::error_code error = files_.status(file_, status)) return error;
  bool is_changed = false;
  if (const std::error_code error = find_change(status, is_changed)) return error;
  return is_changed ? condemn(CompressionError::kDamagedCompression) : std::error_code();
}

void CompressedFiles::Content::rewind() {
  decompression_.rewind();
  position_bytes_ = 0;
}

// As far as the bytes lie in one piece.
std::size_t CompressedFiles::Content::copy_from_history(std::uint64_t offset_bytes, std::span<char> room) const {
  const std::size_t from = offset_bytes % kHistoryBytes;
  const std::uint64_t bytes =
      std::min<std::uint64_t>({room.size(), position_bytes_ - offset_bytes, kHistoryBytes - from});
  std::copy_n(history_.get() + from, bytes, room.data());
  return bytes;
}

const std::string* CompressedFiles::Content::find_excerpt(std::uint64_t offset_bytes, std::size_t bytes) const {
  const auto found = std::find_if(excerpts_.begin(), excerpts_.end(), [&](const Excerpt& excerpt) {
    return excerpt.offset_bytes == offset_bytes && excerpt.asked_bytes == bytes;
  });
  return found == excerpts_.end() ? nullptr : &found->bytes;
}

// Goes on by a step, perhaps without a byte, or to the end.
std::error_code CompressedFiles::Content::advance() {
  const std::size_t to = position_bytes_ % kHistoryBytes;
  std::size_t bytes = 0;
  reader_error_.clear();
  const std::error_code error =
      decompression_.take_step({history_.get() + to, std::min(kStepBytes, kHistoryBytes - to)}, bytes);
  if (error) return reader_error_ ? error : condemn(error);
  if (position_bytes_ == beginning_.size() && beginning_.size() < kBeginningBytes) {
    beginning_.append(history_.get() + to, std::min(bytes, kBeginningBytes - beginning_.size()));
  }
  position_bytes_ += bytes;
  if (decompression_.is_at_end()) size_bytes_ = position_bytes_;
  return {};
}

CompressedFiles::CompressedFiles(FileSystem& files) : files_(files) {}

CompressedFiles::~CompressedFiles() = default;

std::error_code CompressedFiles::open(const std::string& path, OpenFile& file) {
  OpenFile opened;
  if (const std::error_code error = files_.open(path, opened)) return error;
  assert(opened.number() >= 0);
  std::unique_ptr<Decompressor> decompressor = make_decompressor(path);
  if (!decompressor) {
    file = std::move(opened);
    return {};
  }
  FileStatus status;
  if (const std::error_code error = files_.status(opened, status)) return error;
  const FileIdentity identity = opened.identity();
  auto place = std::find(contents_.begin(), contents_.end(), nullptr);
  if (place == contents_.end()) place = contents_.emplace(place);
  *place = make_content(std::move(opened), status, std::move(decompressor));
  file = OpenFile(*this, ~static_cast<int>(place - contents_.begin()), identity);
  return {};
}

std::unique_ptr<CompressedFiles::Content> CompressedFiles::make_content(OpenFile file, const FileStatus& status,
                                                                        std::unique_ptr<Decompressor> decompressor) {
  if (parked_ && parked_->identity() == file.identity()) {
    if (parked_->is_of(status)) {
      parked_->reopen(std::move(file));
      return std::move(parked_);
    }
    parked_.reset();
    last_long_ = nullptr;
    is_in_work_ = false;
  }
  const auto known = std::find_if(known_sizes_.begin(), known_sizes_.end(), [&](const KnownSize& size) {
    return size.identity == file.identity() && size.file_bytes == status.size_bytes &&
           size.modified_ns == status.modified_ns;
  });
  auto content = std::make_unique<Content>(*this, std::move(file), status, std::move(decompressor));
  if (known != known_sizes_.end()) content->set_size(known->size_bytes);
  return content;
}

bool CompressedFiles::may_take_long(const Content& content) {
  if (is_in_work_ && last_long_ != &content && ++refusals_ <= kRefusalsMax) return false;
  parked_.reset();
  last_long_ = &content;
  is_in_work_ = true;
  refusals_ = 0;
  return true;
}

void CompressedFiles::note_finished(const Content& content) {
  if (last_long_ == &content) is_in_work_ = false;
  const auto is_this = [&](const KnownSize& known) { return known.identity == content.identity(); };
  if (!content.size_bytes() || content.modified_ns() == 0) return;
  std::erase_if(known_sizes_, is_this);
  if (known_sizes_.size() == kKnownSizesMax) known_sizes_.erase(known_sizes_.begin());
  known_sizes_.push_back({content.identity(), content.file_bytes(), content.modified_ns(), *content.size_bytes()});
}

std::error_code CompressedFiles::read(const OpenFile& file, std::uint64_t offset_bytes, std::span<char> room,
                                      std::size_t& bytes_read) {
  Content* const content = find(file);
  return content == nullptr ? files_.read(file, offset_bytes, room, bytes_read)
                            : content->read(offset_bytes, room, bytes_read);
}

std::error_code CompressedFiles::status(const OpenFile& file, FileStatus& status) {
  Content* const content = find(file);
  return content == nullptr ? files_.status(file, status) : content->status(status);
}

void CompressedFiles::close(int number) {
  std::unique_ptr<Content> content = std::move(contents_[static_cast<std::size_t>(~number)]);
  if (content.get() != last_long_) return;
  content->close();
  parked_ = std::move(content);
}

// Nothing for a file of the other file system, which the tail holds as it is.
CompressedFiles::Content* CompressedFiles::find(const OpenFile& file) const {
  return file.number() < 0 ? contents_[static_cast<std::size_t>(~file.number())].get() : nullptr;
}

}  // namespace tailmeter
