// Which country an address is in, by a database in MaxMind's format (maxmind.github.io/MaxMind-DB).
#pragma once

#include <filesystem>

#include "rules/file/rule_file.h"

namespace tailmeter {

// Opens the database, which stays as long as what is returned, and is read from memory that is mapped. One that a new
// file took the place of is opened at the next reload. Throws std::runtime_error, whose what() begins with the path.
[[nodiscard]] CountryLookup open_geo_database(const std::filesystem::path& path);

}  // namespace tailmeter
