// What the kernel says of this process: the figures behind process_*, as other Prometheus programs have them. See
// proc(5).
#pragma once

namespace tailmeter {

struct ProcessStatus {
  double cpu_seconds = 0;
  double start_time_seconds = 0;  // since 1970
  double open_fds = 0;
  double max_fds = 0;
  double virtual_memory_bytes = 0;
  double virtual_memory_max_bytes = 0;  // RLIM_INFINITY: no limit
  double resident_memory_bytes = 0;
  double network_receive_bytes = 0;  // of all in its network namespace: the kernel keeps no other account
  double network_transmit_bytes = 0;
};

// Figures that cannot be read are 0.
[[nodiscard]] ProcessStatus read_process_status();

}  // namespace tailmeter
