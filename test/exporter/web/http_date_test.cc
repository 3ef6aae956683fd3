#include "exporter/web/http_date.h"

#include <catch2/catch.hpp>

namespace tailmeter {
namespace {

// As Python's email.utils.formatdate(..., usegmt=True) has them.
TEST_CASE("a moment is written as HTTP has it", "[web]") {
  CHECK(http_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(http_date(951782400) == "Tue, 29 Feb 2000 00:00:00 GMT");
  CHECK(http_date(1709251199) == "Thu, 29 Feb 2024 23:59:59 GMT");
  CHECK(http_date(1767225599) == "Wed, 31 Dec 2025 23:59:59 GMT");
  CHECK(http_date(4102444800) == "Fri, 01 Jan 2100 00:00:00 GMT");
}

}  // namespace
}  // namespace tailmeter
