// From the parts of a running exporter to a record for the disk, and back.
//
// Sources are known by their names, families by their descriptions: what the rule file no longer has is left out, what
// it has anew begins at 0. Belongs to the loop thread.
#pragma once

#include <optional>
#include <string>

#include "exporter/input/inputs.h"
#include "exporter/pipeline.h"
#include "exporter/record.h"
#include "exporter/self_metrics.h"
#include "exporter/state/slot_file.h"
#include "exporter/tail/tail.h"
#include "rules/program/rule_set.h"

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

[[nodiscard]] Record save_state(const RuleSet& rules, const Snapshot& snapshot, const Pipeline& pipeline,
                                const SelfMetrics& metrics, const Tail& tail, const Inputs& inputs,
                                const MachineIdentity& machine);

// Before the first line.
void restore_state(const Record& record, const MachineIdentity& machine, RuleSet& rules, Pipeline& pipeline,
                   SelfMetrics& metrics, Tail& tail, Inputs& inputs, TimePoint now);

}  // namespace tailmeter
