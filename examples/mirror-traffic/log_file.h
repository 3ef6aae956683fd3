// A log as nginx writes it: opened for appending, each write whole, opened anew by name when the log has been rotated.
#pragma once

#include <string>
#include <string_view>

namespace tailmeter {

class LogFile {
 public:
  enum class Begin { kEmpty, kAppend };

  // Both this and the other functions throw std::system_error with the path when the system refuses.
  LogFile(std::string path, Begin begin);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  void write(std::string_view text);

  // Goes on in the file that has the name now, made if there is none.
  void reopen();

 private:
  std::string path_;
  int descriptor_;
};

}  // namespace tailmeter
