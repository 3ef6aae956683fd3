// What the formats share whose lines name their fields themselves and in one word each: any name may be asked for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parsers/asked_names.h"
#include "parsers/parser.h"

namespace tailmeter {

class NamingParser : public Parser {
 public:
  [[nodiscard]] const std::vector<std::string>& field_names() const final { return names_.names(); }

  bool ask_for(std::string_view name) final {
    names_.ask(name);
    return true;
  }

  void select(const std::vector<bool>& used) final { names_.select(used); }

 protected:
  [[nodiscard]] const AskedNames& names() const { return names_; }

 private:
  AskedNames names_;
};

}  // namespace tailmeter
