// What it takes to get the same five fields out of a line, format by format.
//
// Usage: parsers_benchmark [LOG FORMAT]... A LOG is read instead of the lines made here; FORMAT is a name, such as
// json. Prints nanoseconds of CPU time a line: the least of nine rounds, for what other programs take is only ever
// added.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "parsers/formats.h"

namespace {

using namespace tailmeter;

constexpr const char* kWanted[] = {"request", "status", "body_bytes_sent", "request_time", "http_user_agent"};

double cpu_nanoseconds() {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

void measure(const char* name, Parser& parser, const std::vector<std::string>& lines) {
  for (const char* const field : kWanted) parser.ask_for(field);
  std::vector<bool> used;
  for (const std::string& field : parser.field_names()) {
    used.push_back(std::find(std::begin(kWanted), std::end(kWanted), field) != std::end(kWanted));
  }
  parser.select(used);
  FieldValues values(used.size());
  double best = 1e18;
  std::size_t matched = 0;
  std::size_t bytes = 0;
  for (int round = 0; round < 9; ++round) {
    matched = bytes = 0;
    const double begin = cpu_nanoseconds();
    for (const std::string& line : lines) {
      values.start_line(line.size());
      matched += parser.parse(line, values) ? 1 : 0;
      bytes += line.size();
    }
    best = std::min(best, cpu_nanoseconds() - begin);
  }
  const auto count = static_cast<double>(lines.size());
  std::printf("%-10s %8zu lines of %4.0f bytes, %zu matched: %6.1f ns a line\n", name, lines.size(),
              static_cast<double>(bytes) / count, matched, best / count);
}

std::vector<std::string> made_lines(std::string (*make)(const std::string& path, const std::string& number)) {
  std::vector<std::string> lines;
  for (int i = 0; i < 20'000; ++i)
    lines.push_back(make("/v2/library/image-" + std::to_string(i % 997) + "/blobs/sha256:" + std::to_string(i * 7919),
                         std::to_string(i * 31 % 100'000)));
  return lines;
}

constexpr const char* kTime = "21/Nov/2026:18:49:31 +0000";
constexpr const char* kAgent = "containerd/1.7.2 (linux; amd64)";

std::string combined(const std::string& path, const std::string& number) {
  return std::string("203.0.113.7 - - [") + kTime + "] \"GET " + path + " HTTP/1.1\" 200 " + number + " \"-\" \"" +
         kAgent + "\" 0.012";
}
std::string json(const std::string& path, const std::string& number) {
  return std::string(R"({"time":")") + kTime + R"(","remote_addr":"203.0.113.7","remote_user":"","request":"GET )" +
         path + R"( HTTP/1.1","status":200,"body_bytes_sent":)" + number + R"(,"http_referer":"","http_user_agent":")" +
         kAgent +
         R"(","request_time":0.012,"upstream_response_time":"0.010","upstream_cache_status":"HIT","host":"r.example.org"})";
}
std::string ltsv(const std::string& path, const std::string& number) {
  return std::string("time:") + kTime + "\tremote_addr:203.0.113.7\tremote_user:-\trequest:GET " + path +
         " HTTP/1.1\tstatus:200\tbody_bytes_sent:" + number + "\thttp_referer:-\thttp_user_agent:" + kAgent +
         "\trequest_time:0.012\tupstream_response_time:0.010\tupstream_cache_status:HIT\thost:r.example.org";
}
std::string logfmt(const std::string& path, const std::string& number) {
  return std::string("time=\"") + kTime + "\" remote_addr=203.0.113.7 remote_user=- request=\"GET " + path +
         " HTTP/1.1\" status=200 body_bytes_sent=" + number + " http_referer=- http_user_agent=\"" + kAgent +
         "\" request_time=0.012 upstream_response_time=0.010 upstream_cache_status=HIT host=r.example.org";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1) {
    measure("combined", *make_log_format_parser(std::string(kCombinedFormat) + " $request_time"), made_lines(combined));
    measure("json", *make_json_parser(), made_lines(json));
    measure("ltsv", *make_ltsv_parser(), made_lines(ltsv));
    measure("logfmt", *make_logfmt_parser(), made_lines(logfmt));
  }
  for (int i = 1; i + 1 < argc; i += 2) {
    std::vector<std::string> lines;
    std::ifstream log(argv[i]);
    for (std::string line; std::getline(log, line);) lines.push_back(line);
    const std::unique_ptr<Parser> parser = make_named_parser(argv[i + 1]);
    if (!parser || lines.empty()) return 2;
    measure(argv[i + 1], *parser, lines);
  }
}
