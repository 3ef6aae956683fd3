#include "parsers/carrier.h"

#include <cassert>
#include <utility>

#include "parsers/ansi.h"
#include "parsers/compose_prefix.h"
#include "parsers/escape.h"
#include "parsers/syslog_prefix.h"

namespace tailmeter {
namespace {

bool read_part(Carrier carrier, std::string_view line, ContainerPart& part, std::size_t& diverged) {
  if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  return carrier == Carrier::kDocker ? read_docker_part(line, part, diverged) : read_cri_part(line, part, diverged);
}

LinePrefix read_prefix(Carrier carrier, std::string_view line) {
  return carrier == Carrier::kSyslog ? read_syslog_prefix(line) : read_compose_prefix(line);
}

const char* refusal_of(Carrier carrier) {
  switch (carrier) {
    case Carrier::kSyslog:
      return "no syslog prefix";
    case Carrier::kDocker:
      return "no record of docker's json-file";
    case Carrier::kCri:
      return "no CRI prefix";
    case Carrier::kCompose:
      return "no prefix of docker compose";
    case Carrier::kAnsi:
      break;
  }
  return nullptr;
}

}  // namespace

bool brings_parts(Carrier carrier) {
  return carrier == Carrier::kDocker || carrier == Carrier::kCri;
}

std::uint32_t open_streams_behind(Carrier carrier, std::string_view line, std::uint32_t open) {
  ContainerPart part;
  std::size_t diverged = 0;
  if (!read_part(carrier, line, part, diverged)) return open;
  const std::uint32_t stream = 1U << part.stream;
  return part.ends_line ? open & ~stream : open | stream;
}

Unwrapper::Unwrapper(std::vector<Carrier> carriers) : carriers_(std::move(carriers)) {
  for (std::size_t i = 1; i < carriers_.size(); ++i) assert(!brings_parts(carriers_[i]));
}

std::optional<CarriedLine> Unwrapper::join(std::string_view line, std::size_t line_bytes) {
  ContainerPart part;
  std::size_t diverged = 0;
  if (!read_part(carriers_.front(), line, part, diverged)) {
    return CarriedLine{bare(line), line_bytes, refusal_of(carriers_.front()), diverged};
  }
  Joined& joined = joined_[part.stream];
  joined.carried_bytes += line_bytes;
  const bool is_as_it_stands = carriers_.front() == Carrier::kCri || part.text.find('\\') == std::string_view::npos;
  if (part.ends_line && joined.text.empty() && is_as_it_stands) {
    return take_off({bare(part.text), std::exchange(joined.carried_bytes, 0)}, 1);
  }
  append(part, joined.text);
  if (!part.ends_line) return std::nullopt;
  ended_.swap(joined.text);
  joined.text.clear();
  return take_off({bare(ended_), std::exchange(joined.carried_bytes, 0)}, 1);
}

std::optional<CarriedLine> Unwrapper::take_unended() {
  for (Joined& joined : joined_) {
    if (joined.carried_bytes == 0) continue;
    ended_.swap(joined.text);
    joined.text.clear();
    return take_off({bare(ended_), std::exchange(joined.carried_bytes, 0)}, 1);
  }
  return std::nullopt;
}

void Unwrapper::append(const ContainerPart& part, std::string& text) const {
  const std::size_t size = text.size();
  text += part.text;
  if (carriers_.front() != Carrier::kDocker) return;
  text.resize(size + undo_escapes(Escaping::kJson, part.text, text.data() + size));
}

// Takes off the carriers from the one at `first` on.
CarriedLine Unwrapper::take_off(CarriedLine carried, std::size_t first) {
  for (std::size_t i = first; i < carriers_.size(); ++i) {
    if (carriers_[i] == Carrier::kAnsi) {
      carried.text = shown_text(carried.text, plain_);
      continue;
    }
    const LinePrefix prefix = read_prefix(carriers_[i], carried.text);
    if (!prefix.is_whole) {
      carried.refusal = refusal_of(carriers_[i]);
      carried.diverged = prefix.size;
      return carried;
    }
    carried.text.remove_prefix(prefix.size);
  }
  return carried;
}

}  // namespace tailmeter
