#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/language/language.h"
#include "model/timeline/model.h"

/// What a figure comes to, and how it is written: the same whoever shows it.
namespace zctrace::quantities {

enum class Unit : uint8_t { count, bytes, ratio, ns, bytes_per_second, part };

struct Amount {
  std::optional<double> number;  ///< nullopt: unknown, then the evidence is `none`
  uint64_t count = 0;            ///< the same where it was counted, exact beyond 2^53
  timeline::Evidence evidence = timeline::Evidence::none;
};

/// Counted with that evidence; without any it is unknown, whatever was counted.
Amount counted(uint64_t count, timeline::Evidence evidence);

/// Computed from what is known so well.
Amount computed(std::optional<double> number, timeline::Evidence evidence);

/// Of two counts; unknown where one of them is.
Amount sum(const Amount& a, const Amount& b);

/// "≥ " before a lower bound, "~" before a figure that was not counted event by event, else nothing.
std::string mark(timeline::Evidence evidence);

/// "2.00", "256", "4.00 MiB", "41%"; "~256" where not every event was seen, "≥ 256" where others were certainly not,
/// "unknown".
std::string shown(const Amount& amount, Unit unit, Language language);

/// Of so many CPU copies per byte: are there none to speak of? What is left are headers and odd ends.
bool is_zero_copy(double copies_per_byte);

/// And did the CPU not transform them either, as a cipher does? Only then it never touches the bytes.
bool is_untouched(double copies_per_byte, double transforms_per_byte);

}  // namespace zctrace::quantities
