#include "exporter/web/exposition/protobuf_format.h"

#include <catch2/catch.hpp>

#include "exporter/web/exposition/protobuf_writer.h"
#include "rules/series/family.h"

namespace tailmeter {
namespace {

std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

template <typename Write>
std::string written(Write write) {
  std::string out;
  Page page(out);
  write(page);
  page.finish();
  return out;
}

TEST_CASE("numbers are written as the encoding says", "[web]") {
  const auto [number, expected] =
      GENERATE(table<std::uint64_t, std::string>({{0, "00"},
                                                  {127, "7f"},
                                                  {128, "8001"},
                                                  {300, "ac02"},
                                                  {16'383, "ff7f"},
                                                  {16'384, "808001"},
                                                  {~std::uint64_t{0}, "ffffffffffffffffff01"}}));
  char text[kMaxVarintBytes];
  const std::string bytes(text, write_varint(text, number));
  CHECK(hex(bytes) == expected);
  CHECK(varint_bytes(number) == bytes.size());
}

TEST_CASE("fields are written as the encoding says", "[web]") {
  CHECK(hex(written([](Page& page) {
          for (const std::int64_t number : {0, -1, 1, -64, 64}) append_signed_field(page, 1, number);
        })) ==
        "0800"
        "0801"
        "0802"
        "087f"
        "088001");
  CHECK(hex(written([](Page& page) { append_double_field(page, 16, -2); })) ==
        "8101"
        "00000000000000c0");
  CHECK(hex(written([](Page& page) { append_bytes_field(page, 2, "ab"); })) ==
        "1202"
        "6162");
}

TEST_CASE("a message has its length in front, however long it was guessed to be", "[web]") {
  for (const std::size_t guess : {0U, 127U, 128U, 100'000U}) {
    for (const std::size_t length : {0U, 127U, 128U, 20'000U, 100'000U}) {
      const std::string text(length, 'a');
      const std::string message = written([&](Page& page) {
        page.append('x');
        const MessageField field(page, 3, guess);
        page.append(text);
      });
      CHECK(message == written([&](Page& page) {
              page.append('x');
              append_bytes_field(page, 3, text);
            }));
    }
  }
}

TEST_CASE("families are messages behind their lengths, and those without a series are none", "[web]") {
  constexpr std::int64_t kNowMs = 1'000'250;
  Family count({.name = "a_total", .help = "A.", .label_names = {"w"}, .max_series = 10});
  count.set_now(kNowMs);
  count.add(count.find_or_add(std::vector<std::string>{"x\"y"}), Decimal::from_integer(1));
  Family last({.name = "b", .kind = SeriesKind::kGauge, .max_series = 10});
  last.set(last.find_or_add({}), Decimal::from_integer(2));
  Family never({.name = "never_total", .label_names = {"w"}, .max_series = 10});
  Snapshot snapshot;
  for (Family* const family : {&count, &last, &never}) snapshot.push_back(family->snapshot());
  std::string out;
  append_protobuf(out, snapshot);
  const std::string a = std::string("0a07") + hex("a_total") + "1202" + hex("A.") + "1800" +
                        "221f" +  // the metric, of 31 bytes
                        "0a08"
                        "0a01" +
                        hex("w") + "1203" + hex("x\"y") +  // its label
                        "1a13"
                        "09000000000000f03f" +  // the counter: 1
                        "1a08"
                        "08e807"
                        "10"
                        "80e59a77";  // since 1000 s and 250 million ns
  const std::string b = std::string("0a01") + hex("b") + "1801" +
                        "220b"
                        "1209"
                        "090000000000000040";
  const auto delimited = [](const std::string& message) {
    char length[kMaxVarintBytes];
    return hex(std::string(length, write_varint(length, message.size() / 2))) + message;
  };
  CHECK(hex(out) == delimited(a) + delimited(b));
}

}  // namespace
}  // namespace tailmeter
