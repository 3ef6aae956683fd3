#include "parsers/list.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace tailmeter;

using Elements = std::vector<std::string>;

TEST_CASE("a list of upstreams is cut at commas and colons that stand for a next try", "[list]") {
  const auto [list, elements] = GENERATE(table<std::string, Elements>({
      {"0.201", {"0.201"}},
      {"0.201, 0.200", {"0.201", "0.200"}},                  // a retry
      {"0.014 : 0.004", {"0.014", "0.004"}},                 // an internal redirect
      {"502, 504 : 200", {"502", "504", "200"}},             // both
      {"0.000, -", {"0.000", "-"}},                          // the second try got no connection
      {"-", {"-"}},                                          // no upstream at all
      {"", {""}},                                            //
      {"-, -", {"-", "-"}},                                  //
      {"127.0.0.1:8101, good", {"127.0.0.1:8101", "good"}},  // "no live upstreams" is logged with the group's name
      {"[2001:db8::7]:443 : unix:/run/a,b.sock", {"[2001:db8::7]:443", "unix:/run/a,b.sock"}},
      {"a,b:c", {"a,b:c"}},
      {"a, ", {"a", ""}},
      {", a", {"", "a"}},
      {" : ", {"", ""}},
      {"a :b: c", {"a :b: c"}},
      {",:", {",:"}},
  }));
  CAPTURE(list);
  Elements seen;
  for_each_element(list, [&seen](std::string_view element) { seen.emplace_back(element); });
  CHECK(seen == elements);
}
