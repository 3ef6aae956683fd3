#include "exporter/state/disk.h"

#include <utility>

namespace tailmeter {
namespace {

class DiskErrorCategory : public std::error_category {
 public:
  const char* name() const noexcept override { return "disk"; }
  std::string message(int value) const override {
    return value == static_cast<int>(DiskError::kLocked) ? "in use by another process" : "not a regular file";
  }
};

}  // namespace

std::error_code make_error_code(DiskError error) {
  static const DiskErrorCategory category;
  return {static_cast<int>(error), category};
}

DiskFile::DiskFile(DiskFile&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), number_(std::exchange(other.number_, -1)) {}

DiskFile& DiskFile::operator=(DiskFile&& other) noexcept {
  if (this != &other) {
    close();
    owner_ = std::exchange(other.owner_, nullptr);
    number_ = std::exchange(other.number_, -1);
  }
  return *this;
}

void DiskFile::close() {
  if (owner_ != nullptr) owner_->close(number_);
  owner_ = nullptr;
  number_ = -1;
}

}  // namespace tailmeter
