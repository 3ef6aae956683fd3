#include "exporter/tail/file_system.h"

#include <utility>

namespace tailmeter {
namespace {

class FileErrorCategory : public std::error_category {
 public:
  const char* name() const noexcept override { return "file"; }
  std::string message(int error) const override {
    return static_cast<FileError>(error) == FileError::kNotRegular ? "not a regular file" : "not known yet";
  }
};

}  // namespace

std::error_code make_error_code(FileError error) {
  static const FileErrorCategory category;
  return {static_cast<int>(error), category};
}

bool is_absent(std::error_code error) {
  return error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
}

OpenFile::OpenFile(FileSystem& owner, int number, FileIdentity identity)
    : owner_(&owner), number_(number), identity_(std::move(identity)) {}

OpenFile::OpenFile(OpenFile&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), number_(other.number_), identity_(std::move(other.identity_)) {}

OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
  if (this == &other) return *this;
  close();
  owner_ = std::exchange(other.owner_, nullptr);
  number_ = other.number_;
  identity_ = std::move(other.identity_);
  return *this;
}

void OpenFile::close() {
  if (owner_ != nullptr) std::exchange(owner_, nullptr)->close(number_);
}

}  // namespace tailmeter
