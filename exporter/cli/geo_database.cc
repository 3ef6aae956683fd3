#include "exporter/cli/geo_database.h"

#include <memory>
#include <stdexcept>
#include <string>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <maxminddb.h>

namespace tailmeter {
namespace {

struct Database {
  MMDB_s mmdb{};

  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { MMDB_close(&mmdb); }
};

// An address as text, without a name to resolve. Databases hold IPv4 in IPv6.
bool read_address(std::string_view text, sockaddr_storage& address) {
  char buffer[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof buffer) return false;
  buffer[text.copy(buffer, text.size())] = '\0';
  auto& v4 = reinterpret_cast<sockaddr_in&>(address);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
  address.ss_family = text.find(':') == std::string_view::npos ? AF_INET : AF_INET6;
  void* const bytes = address.ss_family == AF_INET ? static_cast<void*>(&v4.sin_addr) : &v6.sin6_addr;
  return inet_pton(address.ss_family, buffer, bytes) == 1;
}

std::string_view text_at(MMDB_entry_s& entry, const char* first) {
  MMDB_entry_data_s data{};
  const int status = MMDB_get_value(&entry, &data, first, "iso_code", nullptr);
  const bool is_text = status == MMDB_SUCCESS && data.has_data && data.type == MMDB_DATA_TYPE_UTF8_STRING;
  return is_text ? std::string_view(data.utf8_string, data.data_size) : std::string_view();
}

std::string_view country_of(const Database& database, std::string_view text) {
  sockaddr_storage address{};
  if (!read_address(text, address)) return {};
  int error = MMDB_SUCCESS;
  MMDB_lookup_result_s found =
      MMDB_lookup_sockaddr(&database.mmdb, reinterpret_cast<const sockaddr*>(&address), &error);
  if (error != MMDB_SUCCESS || !found.found_entry) return kUnknownCountry;
  std::string_view country = text_at(found.entry, "country");
  if (country.empty()) country = text_at(found.entry, "registered_country");
  return country.empty() ? kUnknownCountry : country;
}

}  // namespace

CountryLookup open_geo_database(const std::filesystem::path& path) {
  const auto database = std::make_shared<Database>();
  const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &database->mmdb);
  if (status != MMDB_SUCCESS) throw std::runtime_error(fmt::format("{}: {}", path.string(), MMDB_strerror(status)));
  return [database](std::string_view address) { return country_of(*database, address); };
}

}  // namespace tailmeter
