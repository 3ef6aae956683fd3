#include "exporter/web/access/credentials.h"

#include <catch2/catch.hpp>

#include "exporter/web/access/bcrypt.h"

namespace tailmeter {
namespace {

TEST_CASE("user and password are what the Basic scheme says", "[access]") {
  // Made by coreutils' base64.
  const auto [header, both] = GENERATE(table<std::string, std::string>({
      {"Basic YWxpY2U6c2VjcmV0", "alice|secret"},
      {"basic YWxpY2U6c2VjcmV0", "alice|secret"},
      {"BASIC YWxpY2U6c2VjcmV0", "alice|secret"},
      {"Basic YTpi", "a|b"},
      {"Basic YTpiYw==", "a|bc"},
      {"Basic YTpiY2Q=", "a|bcd"},
      {"Basic Og==", "|"},
      {"Basic YWI6Yzpk", "ab|c:d"},
      {"Basic YTpiAGM=", std::string("a|b\0c", 5)},
      {"Basic w7xzZXI6cMOkc3M=", "üser|päss"},
      {"", "none"},
      {"Basic", "none"},
      {"Basic ", "none"},
      {"Basic YWxpY2U=", "none"},  // no colon
      {"BasicYTpi", "none"},
      {"Basic  YTpi", "none"},
      {"Basic YTpi ", "none"},
      {"Basic YTpiYw", "none"},
      {"Basic YTpiYw=", "none"},
      {"Basic YTp=YTpi", "none"},
      {"Basic ====", "none"},
      {"Basic YTpi====", "none"},
      {"Basic YT*i", "none"},
      {"Basic YTpi, Basic YTpi", "none"},
      {"Bearer YTpi", "none"},
      {"Digest username=\"a\"", "none"},
  }));
  CAPTURE(header);
  const auto given = parse_credentials(header);
  CHECK((given ? given->user + '|' + given->password : "none") == both);
}

// crypt_blowfish's own test vectors (openwall.com/crypt), by any of the three names.
TEST_CASE("bcrypt is bcrypt", "[access]") {
  const auto [password, hash] = GENERATE(table<std::string, std::string>({
      {"U*U", "05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
      {"U*U*", "05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"},
      {"U*U*U", "05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"},
      {"", "05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"},
      {"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
       "05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"},
      {"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
       "05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"},
      {"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" + std::string(10'000, 'x'),
       "05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"},
      {"\xa3", "05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"},
      {"\xff\xff\xa3", "05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"},
  }));
  CAPTURE(password, hash);
  for (const char* name : {"$2a$", "$2b$", "$2y$"}) CHECK(bcrypt(password, name + hash) == "$2b$" + hash);
}

TEST_CASE("what is no setting of bcrypt gives no hash", "[access]") {
  for (const char* setting : {"", "$2", "$2b$", "$2b$99$CCCCCCCCCCCCCCCCCCCCC.", "$2b$05$CCCC"}) {
    CAPTURE(setting);
    CHECK(bcrypt("U*U", setting).empty());
  }
}

}  // namespace
}  // namespace tailmeter
