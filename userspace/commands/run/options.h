#pragma once

#include <string>
#include <vector>

#include "userspace/commands/check/expectations.h"
#include "userspace/commands/support/lab_options.h"
#include "userspace/commands/support/report_page.h"
#include "userspace/record/measurement.h"

namespace zctrace::commands {

/// `zctrace run`, as asked for on the command line.
struct RunOptions : record::MeasurementOptions {
  std::vector<std::string> methods;
  bool skip_missing = false;  ///< leave out what this kernel cannot run: all methods were asked for
  std::string offload_text;
  std::string kernel = "auto";
  LabOptions lab;
  std::string output;  ///< where the document goes; a directory where there are several methods
  std::string report;  ///< where the page goes
  bool json = false;   ///< the document on standard output instead of the picture
  ExpectOptions expected;
  std::vector<std::string> given;  ///< options as the user gave them, for a zctrace in a guest
};

class RunPictures;

/// On the kernel we run on. Throws Error; what was recorded is delivered before.
void run_here(const RunOptions& options, RunPictures& pictures, ReportPage& page, Expectations& expectations);

/// In a guest with `kernel` (a lab kernel's version, release or file).
void run_in_lab(const RunOptions& options, const std::string& kernel, RunPictures& pictures, ReportPage& page,
                Expectations& expectations);

}  // namespace zctrace::commands
