// Delimited protobuf: one io.prometheus.client.MetricFamily after the other, each behind its length
// (github.com/prometheus/client_model, metrics.proto). Unlike text, it has native histograms, which a histogram's
// message holds beside the classic buckets; and always since when a series counts.
//
// Encoded by hand: what protobuf's library would build, copy and then write is here already, but for tags and lengths.
// Pure functions; any thread.
#pragma once

#include <string>

#include "rules/series/snapshot.h"

namespace tailmeter {

// Appends every family that has a series.
void append_protobuf(std::string& out, const Snapshot& snapshot);

}  // namespace tailmeter
