// What programs write beside requests, and what carries their lines: each test is one way in which a reader goes wrong.
// test/pitfalls_test.py has the list.
#include <catch2/catch.hpp>

#include "test/support/preset_bench.h"

namespace tailmeter {
namespace {

constexpr std::string_view kPath = "/var/log/debian.log";

// All samples of one name that `lines` give by a preset.
std::string samples(std::string_view preset, const std::string& lines, std::string_view name) {
  PresetBench bench(preset);
  bench.count(lines, 0, kPath);
  return bench.samples(name);
}

TEST_CASE("a line that was cut off counts as unmatched, and the next one as itself", "[pitfall][pitfall-31]") {
  const std::string head = "192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] \"GET / HTTP/1.1\" 200 235 \"-\" ";
  PresetBench bench("nginx");
  bench.count(head + "\"Mozilla/5.0 (compatible; Bot/2.1; +http://example.org/bot.html\n" + head + "\"curl\"\n");
  CHECK(bench.samples("http_requests_total") == "http_requests_total{method=\"GET\",status=\"200\"} 1\n");
  CHECK(bench.pipeline().counts(0).unmatched.lines == 1);
}

TEST_CASE("the reason for a line that was cut is that of a format which took others", "[programs]") {
  const std::string head = "192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] \"GET / HTTP/1.1\" 200 235 \"-\" ";
  PresetBench bench("mirror");
  const SourceProgram& program = bench.rules().program(0);
  const std::string before = program.diagnose(head + "\"cur").reason;
  CHECK(before == "expected \"\\\" rt=\" after $http_user_agent");
  bench.count(head + "\"curl\"\n");
  CHECK(program.diagnose(head + "\"cur").reason == "expected \"\\\"\" after $http_user_agent");
}

TEST_CASE("a message of several lines counts once, and one that was cut counts too", "[pitfall][pitfall-37]") {
  const std::string head = "2026/11/21 18:49:31 [error] 25#25: *4 ";
  PresetBench bench("nginx_error");
  bench
      .count(head + "FastCGI sent in stderr: \"PHP message: PHP Fatal error: Uncaught Exception in /srv/a.php:1\n" +
             "Stack trace:\n#0 /srv/a.php(7): f()\n#1 {main}\n  thrown in /srv/a.php on line 1\" while reading\n")
      .count(head +
             "upstream timed out (110: Connection timed out), client: 192.0.2.1, server: _, request: \"GET /a...\n");
  CHECK(bench.samples("nginx_error_messages_total") == "nginx_error_messages_total{level=\"error\"} 2\n");
  CHECK(bench.samples("nginx_upstream_errors_total") ==
        "nginx_upstream_errors_total{kind=\"stderr\"} 1\nnginx_upstream_errors_total{kind=\"timed_out\"} 1\n");
  CHECK(bench.pipeline().counts(0).unmatched.lines == 4);
}

TEST_CASE("a line that a container's runtime wraps, or splits, is the line that was written", "[pitfall][pitfall-39]") {
  const std::string rules =
      "]\n    format: common\nmetrics:\n  - {counter: n_total, labels: {method: $request_method}}\n";
  const std::string part(16'384, 'a');  // docker splits there
  RuleBench docker("sources:\n  - name: web\n    files: [a.log]\n    prefix: [docker" + rules);
  docker.count(R"({"log":"192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] \"GET /)" + part + R"(","stream":"stdout"})" +
               "\n" + R"({"log":" HTTP/1.1\" 200 1\n","stream":"stdout","time":"2026-11-21T18:49:31Z"})" + "\n");
  CHECK(docker.samples() == "n_total{method=\"GET\"} 1\n");
  CHECK(docker.pipeline().counts(0).unmatched.lines == 0);
  RuleBench cri("sources:\n  - name: web\n    files: [a.log]\n    prefix: [cri" + rules);
  cri.count(
      "2025-12-31T17:37:40.49+01:00 stdout P 192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] \"GET \n"
      "2025-12-31T17:37:40.49+01:00 stdout F / HTTP/1.1\" 200 1\n");
  CHECK(cri.samples() == "n_total{method=\"GET\"} 1\n");
}

TEST_CASE("a request that a registry logs twice counts once, and a panic counts as nothing", "[pitfall][pitfall-40]") {
  PresetBench bench("docker_registry");
  bench.count(
      "time=\"2026-11-21T18:49:31Z\" level=info msg=\"response completed\" http.request.method=GET "
      "http.response.duration=\"737.409\xC2\xB5s\" http.response.status=200 http.response.written=2\n"
      "192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] \"GET /v2/ HTTP/1.1\" 200 2 \"\" \"skopeo/1.9.3\"\n"
      "panic: Get \"https://registry.example.org/v2/\": connection refused\n\ngoroutine 1 [running]:\n"
      "main.main()\n\t/go/src/cmd/registry/main.go:24\n");
  CHECK(bench.samples("http_requests_total") == "http_requests_total{method=\"GET\",status=\"200\"} 1\n");
  CHECK(bench.samples("http_response_bytes_total") == "http_response_bytes_total 2\n");
  CHECK(bench.samples("http_request_duration_seconds_sum") == "http_request_duration_seconds_sum 0.000737409\n");
}

TEST_CASE("rsync's bytes are read with digits grouped as any locale does, and with letters", "[pitfall][pitfall-43]") {
  const auto [sent, received, bytes] = GENERATE(table<std::string, std::string, std::string>({
      {"1249", "990113198", "990114447"},
      {"1,249", "990,113,198", "990114447"},
      {"1.249", "990.113.198", "990114447"},  // where the decimal point is a comma
      {"345", "3.000.841.249", "3000841594"},
      {"345", "1.24G", "1240000345"},
      {"1.50K", "2.25M", "2251500"},
      {"1,50K", "2,25M", "2251500"},
      {"12", "0", "12"},
  }));
  CAPTURE(sent, received);
  CHECK(samples("rsync_stats", "sent " + sent + " bytes  received " + received + " bytes  396.045.778,80 bytes/sec\n",
                "mirror_sync_transferred_bytes_total") ==
        "mirror_sync_transferred_bytes_total{mirror=\"debian\"} " + bytes + "\n");
}

TEST_CASE("the end of a daemon's session has no rate, and its bytes count", "[pitfall][pitfall-44]") {
  CHECK(samples("rsyncd", "2026/11/21 18:49:32 [18] sent 5 bytes  received 7 bytes  total size 9\n",
                "mirror_sync_transferred_bytes_total") == "mirror_sync_transferred_bytes_total 12\n");
}

TEST_CASE("no name of a file changes what a run of rsync has moved", "[pitfall][pitfall-45]") {
  std::string names;
  for (const char* const name : {"weird/new\nline.txt", " leading blank", "a\ttab", "\xFF\xFE", "link -> target",
                                 "100%d.txt", "total size is 7  speedup is 1", "rsync error: (code 23) at x"})
    names += std::string("2026/11/21 18:49:33 [413] >f+++++++++ ") + name + '\n';
  PresetBench bench("rsync_stats");
  bench.count("2026/11/21 18:49:31 [411] receiving file list\n" + names +
                  "2026/11/21 18:49:33 [413] sent 10 bytes  received 20 bytes  60.00 bytes/sec\n"
                  "2026/11/21 18:49:33 [413] total size is 99  speedup is 3.30\n",
              0, kPath);
  CHECK(bench.samples("mirror_sync_success_total") == "mirror_sync_success_total{mirror=\"debian\"} 1\n");
  CHECK(bench.samples("mirror_sync_failed_total").empty());
  CHECK(bench.samples("mirror_sync_transferred_bytes_total") ==
        "mirror_sync_transferred_bytes_total{mirror=\"debian\"} 30\n");
}

TEST_CASE("a line of hundreds of updates, parted by carriage returns, is what it shows last", "[pitfall][pitfall-46]") {
  std::string progress;
  for (int percent = 0; percent <= 400; ++percent)
    progress += "      1,234,567  " + std::to_string(percent / 4) + "%  1.00MB/s    0:00:01\r";
  RuleBench bench(R"(
sources:
  - {name: job, files: [a.log], prefix: ansi, format: {regex: '^ *(?P<bytes>[\d,]+) +(?P<percent>\d+)%'}}
metrics:
  - {gauge: percent, value: $percent}
  - {counter: bytes_total, value: $bytes}
)");
  bench.count(progress + '\n');
  CHECK(bench.samples() == "percent 100\nbytes_total 1234567\n");
}

TEST_CASE("a run of rsync fails by its code: once, and not for vanished files or what files are called",
          "[pitfall][pitfall-47]") {
  PresetBench bench("rsync_stats");
  bench.count(
      "pool/error: failed (code 23).deb\n"
      "rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1874) "
      "[generator=3.2.7]\n"
      "rsync warning: some files vanished before they could be transferred (code 24) at main.c(1874) "
      "[generator=3.2.7]\n"
      "rsync error: received SIGUSR1 (code 19) at main.c(1612) [receiver=3.2.7]\n"
      "rsync error: received SIGINT, SIGTERM, or SIGHUP (code 20) at rsync.c(716) [generator=3.2.7]\n",
      0, kPath);
  CHECK(bench.samples("mirror_sync_failed_total") == "mirror_sync_failed_total{mirror=\"debian\"} 2\n");  // 23 and 20
  CHECK(bench.samples("mirror_sync_errors_total") ==
        "mirror_sync_errors_total{code=\"20\",mirror=\"debian\"} 1\n"
        "mirror_sync_errors_total{code=\"23\",mirror=\"debian\"} 1\n"
        "mirror_sync_errors_total{code=\"24\",mirror=\"debian\"} 1\n");
}

TEST_CASE("a dry run of rsync is no success", "[pitfall][pitfall-48]") {
  CHECK(samples("rsync_stats", "total size is 989,288,059  speedup is 440,662.83 (DRY RUN)\n",
                "mirror_sync_success_total")
            .empty());
}

TEST_CASE("tunasync's jobs count with colours or without, however its levels are cut", "[pitfall][pitfall-49]") {
  CHECK(samples("tunasync_worker",
                "\x1B[35m[26-01-02 15:04:05][WARNIN]\x1B[0m failed syncing debian: exit status 23\n"
                "\x1B[31m[26-01-02 15:04:05][CRITIC]\x1B[0m failed syncing debian: exit status 24\n"
                "[26-01-02 15:04:05][WARN] failed syncing debian: exit status 25\n"
                "[WARNIN] failed syncing debian: exit status 26\n",
                "mirror_sync_failed_total") == "mirror_sync_failed_total{mirror=\"debian\"} 4\n");
}

TEST_CASE("a word within another is not that word", "[pitfall][pitfall-50]") {
  CHECK(samples("daocloud_diff_image",
                "diff-image.sh: NOT-SYNCHRONIZED: docker.io/a:v1 and m/a:v1 are not in synchronized\n"
                "diff-image.sh: NOT-SYNCHRONIZED-TAGS: docker.io/a and m/a are not in synchronized\n"
                "diff-image.sh: SYNCHRONIZED-TAGS: docker.io/b and m/b are in synchronized\n"
                "diff-image.sh: SYNCHRONIZED: docker.io/c:v1 and m/c:v1 are in synchronized\n",
                "mirror_sync_success_total") == "mirror_sync_success_total{image=\"docker.io/c\"} 1\n");
  CHECK(samples("ftpsync", "Nov  1 19:05:42 mirror01 ftpsync[429]: Mirrorsync done with errors\n",
                "mirror_sync_success_total")
            .empty());
  CHECK(samples("image_syncer",
                "time=\"2026-11-21 18:49:35\" level=info msg=\"Synchronization finished, 0 tasks failed, cost 1s.\"\n",
                "mirror_sync_failed_total")
            .empty());
}

TEST_CASE("an image's name may have a port, and is shown without its tag and digest", "[pitfall][pitfall-51]") {
  const std::string expected = "{image=\"registry:5000/a/b\"} 1\n";
  for (const std::string tag : {"", ":v1", "@sha256:0123", ":v1@sha256:0123"}) {
    CAPTURE(tag);
    const std::string image = "registry:5000/a/b" + tag;
    CHECK(samples("daocloud_diff_image", "diff-image.sh: SYNCHRONIZED: " + image + " and m/b are in synchronized\n",
                  "mirror_sync_success_total") == "mirror_sync_success_total" + expected);
    CHECK(samples("skopeo",
                  "time=\"2026-11-21T18:49:32Z\" level=error msg=\"Error copying ref \\\"docker://" + image +
                      "\\\"\" error=x\n",
                  "mirror_sync_failed_total") == "mirror_sync_failed_total" + expected);
    CHECK(samples("image_syncer",
                  "time=\"2026-11-21 18:49:33\" level=info msg=\"Finish synchronizing manifest from " + image +
                      " to m/b:v1. Now 3/4 tasks have been processed.\"\n",
                  "mirror_sync_images_total") == "mirror_sync_images_total" + expected);
    CHECK(samples("opencidn", "2026/11/21 15:04:05 INFO Processing image=" + image + " platforms=linux/amd64\n",
                  "mirror_sync_started_total") == "mirror_sync_started_total 0\nmirror_sync_started_total" +
                                                      expected);  // the first is cidn's, which names none
    CHECK(samples("regsync",
                  "time=2026-11-21T15:04:05Z level=ERROR msg=\"Failed to copy image\" source=" + image + "\n",
                  "mirror_sync_failed_total") == "mirror_sync_failed_total" + expected);
  }
}

TEST_CASE("a job whose lines have no time lasts from one line's arrival to the other's", "[pitfall][pitfall-52]") {
  RuleBench bench(R"(
sources:
  - {name: job, files: [a.log], format: {regex: {begin: '^begin (?P<job>\S+)$', end: '^end (?P<job>\S+)$'}}}
metrics:
  - {duration: job_seconds, start: {event: begin}, end: {event: end}, key: $job, buckets: [3600]}
)");
  bench.count("begin a\nbegin b\n").count("end a\n");
  CHECK(bench.samples("job_seconds_count") == "job_seconds_count 1\n");
  CHECK(bench.samples("job_seconds_bucket").starts_with("job_seconds_bucket{le=\"3600\"} 1\n"));
}

TEST_CASE("a failure counts though the run that had it ends well", "[pitfall][pitfall-53]") {
  CHECK(samples("apt_mirror",
                "apt-mirror: can't open index deb.example.org/debian//Packages in process_index at "
                "/usr/bin/apt-mirror line 891.\n13.0 MiB in 78 files and 80 directories can be freed.\n",
                "mirror_sync_failed_total") == "mirror_sync_failed_total 1\n");
  CHECK(samples("daocloud_diff_image",
                "diff-image.sh: NOT-SYNCHRONIZED: docker.io/a:v1 and m/a:v1 are not in synchronized, m/a:v1 does not "
                "exist\n",
                "mirror_sync_failed_total") == "mirror_sync_failed_total{image=\"docker.io/a\"} 1\n");
  CHECK(samples("skopeo",
                "time=\"2026-11-21T18:49:32Z\" level=error msg=\"Error copying ref \\\"docker://a/b:v1\\\"\" error=x\n"
                "time=\"2026-11-21T18:49:33Z\" level=info msg=\"Synced 11 images from 3 sources\"\n"
                "time=\"2026-11-21T18:49:33Z\" level=fatal msg=\"Sync failed due to previous reported error(s)\"\n",
                "mirror_sync_failed_total") == "mirror_sync_failed_total{image=\"a/b\"} 1\n");
}

}  // namespace
}  // namespace tailmeter
