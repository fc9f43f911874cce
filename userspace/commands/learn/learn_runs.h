#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/tour/values.h"

namespace zctrace::commands {

/// Where the tour's documents come from.
class TourRuns {
 public:
  virtual ~TourRuns() = default;

  /// Comes back when each of `names` is there or will not come; shows on standard error what it waits for. Throws Error
  /// and Passed when nothing at all could be measured, and Passed when interrupted.
  virtual void wait_for(const std::vector<std::string>& names) = 0;

  /// Those that are there, without their events.
  const tour::TourDocuments& documents() const { return documents_; }
  /// Where a document can be read; empty where it is not there.
  virtual std::string file(const std::string& name) const = 0;
  /// "Linux 6.12 in the lab, file of 2026-01-31"; empty for what is measured now.
  virtual std::string recorded(Language) const { return {}; }

 protected:
  tour::TourDocuments documents_;
};

/// Documents that were measured before: FOLDER/NAME.json. Throws Error where there are none.
std::unique_ptr<TourRuns> recorded_runs(const std::string& folder);

/// Measured meanwhile, on `kernel`, by a child that ends with this object. Under an InterruptGuard only.
std::unique_ptr<TourRuns> measured_runs(const std::string& kernel);

}  // namespace zctrace::commands
