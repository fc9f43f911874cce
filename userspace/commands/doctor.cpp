#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <fmt/ranges.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/process.h"
#include "base/text.h"
#include "model/language/message.h"
#include "model/language/texts.h"
#include "userspace/capture/capabilities.h"
#include "userspace/commands/doctor/in_lab.h"
#include "userspace/commands/doctor/paths.h"
#include "userspace/commands/support/choose_kernel.h"
#include "userspace/confine/filter.h"
#include "userspace/confine/privileges.h"
#include "userspace/lab/kernel.h"
#include "viz/terminal/style.h"
#include "workloads/net/ethtool.h"

namespace zctrace::commands {

namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

/// The report, in the language that standard output can show.
class Doctor {
 public:
  Doctor(const capture::RunningKernel& running, Language language)
      : features_(running.features), kernel_(running.capabilities), language_(language) {}

  void print() {
    utsname name;
    uname(&name);
    fmt::print("{}\n\n", say(Text::doctor_machine, name.release, name.machine));
    look();
    fmt::print("\n{}\n", say(Text::doctor_concludes, say(conclusion())));
  }

  /// {"release", "machine", "findings": [{"what", "good", "found", "meaning", "cure"}], "conclusion"}: what print()
  /// says.
  void print_json() {
    as_json_ = true;
    look();
    utsname name;
    uname(&name);
    fmt::print("{}\n", Json{{"release", name.release},
                            {"machine", name.machine},
                            {"findings", findings_},
                            {"conclusion", say(conclusion())}}
                           .dump(2));
  }

 private:
  using Json = nlohmann::ordered_json;

  void look() {
    privileges();
    mechanisms();
    devices();
    kernels();
  }

  template <class... Arguments>
  std::string say(TextWith<sizeof...(Arguments)> text, const Arguments&... arguments) const {
    return zctrace::say(language_, text, arguments...);
  }

  /// What is looked at, in its column; the rest of the line stands beside it.
  static std::string column(const std::string& what) {
    constexpr int kWidth = 17;
    return pad(what, std::max(kWidth, columns(what)));
  }

  /// One finding: what it is, what was found, what that means for the evidence, and what improves it.
  void row(const std::string& what, bool good, const std::string& found, const std::string& meaning,
           const std::string& cure = "") {
    if (as_json_) {
      findings_.push_back(
          {{"what", what}, {"good", good}, {"found", found}, {"meaning", meaning}, {"cure", good ? "" : cure}});
      return;
    }
    fmt::print("{} {} {}\n", good ? "+" : "-", column(what), found);
    if (!meaning.empty()) fmt::print("  {} {}\n", column(""), meaning);
    if (!good && !cure.empty()) fmt::print("  {} {}\n", column(""), say(Text::doctor_improve, cure));
  }

  /// What a mechanism gives where there is no reason against it, and what its lack costs.
  void mechanism(const std::string& what, const Message& reason, TextWith<0> gives, TextWith<0> lacks) {
    const bool good = reason.empty();
    row(what, good, good ? say(Text::doctor_works) : reason.in(language_), say(good ? gives : lacks), lab_cure());
  }

  std::string lab_cure() const { return say(Text::doctor_in_lab, "zctrace run splice --kernel 6.12"); }

  void privileges() {
    const bool root = geteuid() == 0, may = kernel_.tracepoints.empty();
    row(say(Text::doctor_privileges), may, root ? "root" : say(Text::doctor_user, geteuid()),
        may ? say(Text::doctor_may_load) : say(Text::doctor_may_not_trace, kernel_.tracepoints.in(language_)),
        root ? lab_cure() : say(Text::doctor_become_root));
    capabilities();
    const bool btf = kernel_.btf.empty();
    row("BTF", btf, btf ? "/sys/kernel/btf/vmlinux" : say(Text::doctor_missing), btf ? "" : say(Text::doctor_no_btf),
        say(Text::doctor_btf_cure));
    const std::string lockdown = first_line("/sys/kernel/security/lockdown");
    const bool locked = lockdown.find("[none]") == std::string::npos && !lockdown.empty();
    row("lockdown", !locked, lockdown.empty() ? say(Text::doctor_no_lockdown) : lockdown,
        locked ? say(Text::doctor_locked) : "", lab_cure());
    const bool addresses = features_.has(capture::Feature::addresses);
    row(say(Text::doctor_addresses), addresses,
        addresses ? say(Text::doctor_addresses_shown)
                  : say(Text::doctor_addresses_hidden, first_line("/proc/sys/kernel/kptr_restrict")),
        addresses ? "" : say(Text::doctor_no_breakpoint), say(Text::doctor_addresses_cure));
  }

  /// Which are held; each that tracing asks for, with what for and for how long.
  void capabilities() {
    const std::vector<std::string> names = confine::held();
    const bool all = std::ranges::all_of(confine::privileges(), [](const auto& one) { return confine::holds(one.number); });
    std::string held = names.empty() ? say(Text::doctor_capabilities_none) : fmt::format("{}", fmt::join(names, ", "));
    constexpr size_t kMany = 12;
    if (all && names.size() > kMany && !as_json_) held = say(Text::doctor_capabilities_all);
    row(say(Text::doctor_capabilities), all, say(Text::doctor_capabilities_held, held), "");
    for (const confine::Privilege& one : confine::privileges()) {
      const bool has = confine::holds(one.number);
      row(confine::name_of(one.number), has,
          has ? say(Text::doctor_capability_held) : say(Text::doctor_capability_not_held),
          one.kept ? say(Text::doctor_kept, say(one.use))
                   : say(Text::doctor_given_up, say(one.use)));
    }
    const bool filters = confine::has_filters();
    row(say(Text::doctor_filter), filters, filters ? say(Text::doctor_filter_works) : say(Text::doctor_filter_lacks), "");
  }

  void mechanisms() {
    mechanism(say(Text::doctor_tracepoints), kernel_.tracepoints, Text::doctor_tracepoints_give,
              Text::doctor_tracepoints_give);
    mechanism("fentry, fexit", kernel_.fentry, Text::doctor_fentry_gives, Text::doctor_no_fentry);
    mechanism(say(Text::doctor_debug_registers), kernel_.breakpoints, Text::doctor_registers_give,
              Text::doctor_no_registers);
    const bool kprobes = features_.has(capture::Feature::kprobes);
    row("kprobes", kprobes, kprobes ? say(Text::doctor_kprobes_in) : say(Text::doctor_kprobes_not_in),
        kprobes ? say(Text::doctor_kprobes_give) : say(Text::doctor_no_kprobes), lab_cure());
  }

  void devices() {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/sys/class/net", ignored)) {
      const std::string device = entry.path().filename();
      if (first_line(entry.path() / "operstate") == "down") continue;
      const workloads::Features features = workloads::read_features(device);
      const auto state = [&](bool on) { return words(on ? Text::on : Text::off, language_); };
      row(say(Text::doctor_device, device), features.scatter_gather,
          say(Text::offloads, state(features.scatter_gather), state(features.tx_checksum), state(features.tso)),
          features.scatter_gather ? "" : say(Text::doctor_device_copies), "ethtool -K " + device + " sg on");
    }
  }

  void kernels() {
    const fs::path qemu = find_program("qemu-system-x86_64");
    row("QEMU", !qemu.empty(), qemu.empty() ? say(Text::doctor_missing) : qemu.string(), say(Text::doctor_qemu_gives),
        "apt-get install qemu-system-x86");
    for (const lab::Kernel& found : lab::list_kernels()) {
      const std::string what = say(Text::doctor_kernel, found.version), fetch = "zctrace lab fetch " + found.version;
      const bool is_default = found.version == lab::default_kernel;
      if (found.fetched())
        row(what, true, is_default ? say(Text::doctor_default, found.release) : found.release, "");
      else if (is_default)
        row(what, false, say(Text::doctor_default, words(Text::lab_not_fetched, language_)), "", fetch);
      else if (as_json_)
        row(what, false, say(Text::lab_not_fetched), "", fetch);
      else
        fmt::print("  {} {}\n", column(what), say(Text::doctor_not_fetched_cure, fetch));
    }
  }

  TextWith<0> conclusion() const {
    if (kernel_.can_count_exactly()) return Text::doctor_exact;
    if (kernel_.can_sum()) return Text::doctor_sum;
    return kernel_.can_trace() ? TextWith<0>(Text::doctor_inferred) : TextWith<0>(Text::doctor_nothing);
  }

  const capture::KernelFeatures& features_;
  const capture::Capabilities& kernel_;
  const Language language_;
  bool as_json_ = false;
  Json findings_ = Json::array();
};

}  // namespace

void add_doctor(Command& program) {
  Command command = program.subcommand("doctor", "Show what can be measured on this kernel, and how to enable more.");
  struct Arguments {
    std::string kernel = "host";
    bool paths = false, json = false;
  };
  auto arguments = std::make_shared<Arguments>();
  command
      .option("--kernel", arguments->kernel,
              "Look at host, or in the lab at a kernel: 5.10, 6.1, 6.12, 7.2 or an image.")
      .value_name("KERNEL")
      .choices(kernel_choices())
      .shows_default();
  command.flag("--paths", arguments->paths, "Show every way that can touch bytes, and what is known of it here.");
  command.flag("--json", arguments->json, "Print what is found as JSON, in English.");
  command.footer(
      "Examples:\n  zctrace doctor\n  sudo zctrace doctor\n  zctrace doctor --paths\n  zctrace doctor --paths --kernel "
      "6.12");
  command.on_call([arguments, command] {
    constexpr std::array<std::string_view, 1> kForUsAlone{"--kernel"};
    const terminal::Style style = terminal::style_of(stdout);
    if (arguments->json && arguments->paths)
      throw Error(ExitStatus::usage, "--json does not apply to --paths", "zctrace doctor --help");
    if (arguments->kernel != "host") {
      const int status = doctor_in_lab(arguments->kernel, command.given_options(kForUsAlone));
      if (status != 0) throw ExitWith{status};
    } else if (arguments->paths) {
      print_paths(style);
    } else if (arguments->json) {
      Doctor(capture::running_kernel(), Language::english).print_json();
    } else {
      Doctor(capture::running_kernel(), style.language).print();
    }
  });
}

}  // namespace zctrace::commands
