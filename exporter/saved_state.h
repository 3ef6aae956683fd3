// From the parts of a running exporter to a record for the disk, and back.
//
// Sources are known by their names, families by their descriptions: what the rule file no longer has is kept for a
// while (removed.h), what it has anew begins at 0. Belongs to the loop thread.
#pragma once

#include <optional>
#include <string>

#include "exporter/counting.h"
#include "exporter/input/inputs.h"
#include "exporter/record.h"
#include "exporter/state/slot_file.h"

namespace tailmeter {

// What says which machine and which of its runs this is; "" where the system has no such file.
struct MachineIdentity {
  std::string machine_id;
  std::string boot_id;
};
[[nodiscard]] MachineIdentity machine_identity();  // throws std::system_error if there is one that cannot be read

// What the state file comes to: a record to go on from, or the reason why there is none. Neither: the first run.
struct StateOnDisk {
  std::optional<Record> record;
  std::string refusal;
};
[[nodiscard]] StateOnDisk read_state(const SlotContents& contents, const MachineIdentity& machine);

// `snapshot` is of now.
[[nodiscard]] Record save_state(const Counting& counting, const Inputs& inputs, const Snapshot& snapshot,
                                const MachineIdentity& machine);

// Before the first line.
void restore_state(const Record& record, const MachineIdentity& machine, Counting& counting, TimePoint now);

// Likewise; only at the start, for inputs outlive a reload.
void restore_inputs(const Record& record, const RuleSet& rules, Inputs& inputs);

}  // namespace tailmeter
