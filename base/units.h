#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Sizes, counts and times as people write and read them.
namespace zctrace {

/// "4MiB", "64KiB", "1.5GiB", "4M" (binary, as dd has it), "4MB" (decimal), "4096" -> bytes.
/// Throws Error (usage) on anything else, on parts of a byte and past 2^64.
uint64_t parse_size(std::string_view text);

/// The value of an option such as --chunk: the same, at least 1, and its name in the message.
uint64_t parse_size_option(std::string_view text, std::string_view option);

/// A measured amount in three digits: "812 B", "4.00 MiB", "12.1 KiB", "0.98 GiB". Bytes are exact below 1 KiB.
std::string format_bytes(uint64_t bytes);

/// A chosen amount, exact, in the largest unit that divides it: "4 MiB", "64 KiB", "65,537 B". parse_size reads the
/// first two back.
std::string format_size(uint64_t bytes);

/// The nearest count: 0 for what is negative or no number, the greatest there is for what is beyond it. What a document
/// holds, added up, may be any of these.
uint64_t rounded(double amount);

/// "65,537 B"
std::string format_exact(uint64_t bytes);

/// "1,024"
std::string format_count(uint64_t count);

/// A time in three digits: "812 ns", "1.23 µs", "45.6 ms", "7.89 s".
std::string format_ns(uint64_t ns);

/// A figure per byte or per chunk: "2.00"; "<0.01" where it is small but not zero.
std::string format_ratio(double ratio);

}  // namespace zctrace
