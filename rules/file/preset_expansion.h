// Presets of sources, put into the tree of a rule file before it is read.
//
// A preset is a rule file that comes with the program. `preset: NAME` on a source takes from it what its source has and
// this one has not, and its metrics, which then read this source; a metric that the file has under the same name takes
// the place of the preset's. A preset with several sources gives the one that is called as this one. Presets may be
// made of presets. What several of them bring under one name has the labels of them all, empty where a preset has none
// of this name: to Prometheus an empty label is no label.
//
// What came from a preset stands, for messages, where the preset is named.
#pragma once

#include "rules/file/diagnostics.h"
#include "rules/file/document.h"

namespace tailmeter {

// Mistakes go to `diagnostics`; `file` may have any shape.
void expand_presets(DocumentNode& file, Diagnostics& diagnostics);

}  // namespace tailmeter
