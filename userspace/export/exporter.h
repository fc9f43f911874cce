#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "model/timeline/recording.h"

/// Runs in the formats of other programs. Everything in such a file is in English, like the document itself.
namespace zctrace::exports {

/// Where the bytes go; throws Error if they cannot.
using Output = std::function<void(std::string_view)>;

/// Takes runs one after the other and holds none of them.
class Exporter {
 public:
  virtual ~Exporter() = default;
  /// `file`: where the run was read from.
  virtual void add(const timeline::Recording& recording, const std::string& file) = 0;
  /// After the last run.
  virtual void finish() = 0;
};

struct Format {
  const char *name, *ending;  ///< "perfetto", ".pftrace"
  const char* readers;        ///< who reads it
  bool binary;
  bool events;  ///< false: the ledger alone is needed
  std::unique_ptr<Exporter> (*make)(Output output);
};

std::span<const Format> formats();
/// nullptr: there is none of that name.
const Format* format_named(std::string_view name);
/// What the file's ending says, nullptr if nothing.
const Format* format_of(std::string_view path);

}  // namespace zctrace::exports
