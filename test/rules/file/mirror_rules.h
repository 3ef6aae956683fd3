// A rule file that uses most of what there is: the rules of a registry mirror.
#pragma once

#include <string>
#include <utility>

namespace tailmeter {

inline constexpr const char* kMirrorRules = R"(
sources:
  - name: registry
    files: [/var/log/nginx/registry.log, /var/log/nginx/*/registry.log]  # globs
    format: '$remote_addr [$time_local] "$request" $status $body_bytes_sent
             "$http_user_agent" took=$request_time cache=$upstream_cache_status'
    extract:
      - from: $request_uri
        regex: '^/v2/(?P<image>[^?]+)/(?P<object>manifests|blobs)/(?P<reference>[^/?]+)'
  - name: sync
    files: [/var/log/sync.log]
    format:
      regex:  # the first that matches
        success: '^(?P<time>\S+) DONE (?P<image>\S+) in (?P<duration>[0-9.]+)s$'
        failed:  '^(?P<time>\S+) FAILED (?P<image>\S+)( .*)?$'

metrics:
  - counter: requests_total
    help: Requests answered.
    source: registry
    labels: {method: $request_method, status: $status}
  - counter: errors_total
    help: Requests answered with a server error.
    source: registry
    when: {status: '5..'}
  - histogram: request_seconds
    help: Time to answer.
    source: registry
    value: $request_time
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
  - counter: pulled_bytes_total
    source: registry
    when: {object: blobs, request_method: GET, status: '200|206'}
    unless: {http_user_agent: '.*Probe.*'}
    value: $body_bytes_sent
    labels: {image: $image}
    max_series: 500
  - {gauge: sync_last_success_timestamp_seconds, source: sync, when: {event: success}, value: $time, labels: {image: $image}}

tests:
  - name: a pulled blob counts its bytes
    source: registry
    lines: |
      192.0.2.7 [21/Nov/2026:18:49:31 +0000] "GET /v2/library/redis/blobs/sha256:ab HTTP/1.1" 200 512 "containerd/1.7" took=0.012 cache=HIT
    expect: |
      pulled_bytes_total{image="library/redis"} 512
      requests_total{method="GET",status="200"} 1
)";

// kMirrorRules with more kinds of metrics.
inline std::string mirror_rules_with_all_kinds() {
  std::string text = kMirrorRules;
  const std::pair<const char*, const char*> additions[] = {
      {"2.5, 5, 10]\n", "    native: true\n"},
      {"max_series: 500\n", "    ttl: 24h\n"},
      {"value: $time, labels: {image: $image}}\n", R"(
  # the most pulled
  - topk: top_images
    source: registry
    labels: {image: $image}
    k: 20

  - distinct: clients_total
    source: registry
    of: $remote_addr

  - ratio: cache_hit_ratio
    source: registry
    when: {upstream_cache_status: '.+'}
    hit: {upstream_cache_status: 'HIT|STALE'}
    window: 5m

  - summary: answer_seconds
    source: registry
    value: $request_time
    quantiles: [0.5, 0.99]
)"},
  };
  for (const auto& [behind, added] : additions) text.insert(text.find(behind) + std::string(behind).size(), added);
  return text;
}

}  // namespace tailmeter
