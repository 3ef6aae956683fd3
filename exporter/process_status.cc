#include "exporter/process_status.h"

#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

namespace tailmeter {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double soft_limit(__rlimit_resource resource) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) return 0;
  return static_cast<double>(limit.rlim_cur);  // none is RLIM_INFINITY, as client_golang has it
}

double count_open_fds() {
  DIR* const directory = ::opendir("/proc/self/fd");
  if (directory == nullptr) return 0;
  double entries = 0;
  while (::readdir(directory) != nullptr) ++entries;
  ::closedir(directory);
  return entries - 3;  // ".", ".." and the descriptor of this very look
}

// As the kernel counts a process's start: from the boot. /proc/stat says when that was, but is hidden from a service
// with ProcSubset=pid.
double boot_time_seconds() {
  const auto seconds_of = [](clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  };
  static const double boot_time =
      seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME);  // one answer for all scrapes
  return boot_time;
}

// Pairs of lines, the first with names and the second with numbers; "IpExt:" are those of one pair.
void read_network(ProcessStatus& status) {
  std::ifstream file("/proc/self/net/netstat");
  for (std::string names, numbers; std::getline(file, names) && std::getline(file, numbers);) {
    if (!names.starts_with("IpExt:")) continue;
    std::istringstream name_words(names);
    std::istringstream number_words(numbers);
    std::string name;
    std::string number;
    while (name_words >> name && number_words >> number) {
      if (name == "InOctets") status.network_receive_bytes = std::stod(number);
      if (name == "OutOctets") status.network_transmit_bytes = std::stod(number);
    }
  }
}

}  // namespace

ProcessStatus read_process_status() {
  ProcessStatus status;
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) status.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  status.open_fds = count_open_fds();
  status.max_fds = soft_limit(RLIMIT_NOFILE);
  status.virtual_memory_max_bytes = soft_limit(RLIMIT_AS);
  read_network(status);

  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  // The second field is the program's name in brackets, and may hold anything.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  double start_ticks = 0;
  double resident_pages = 0;
  if (fields >> start_ticks >> status.virtual_memory_bytes >> resident_pages) {
    status.start_time_seconds = boot_time_seconds() + start_ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
    status.resident_memory_bytes = resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
  }
  return status;
}

}  // namespace tailmeter
