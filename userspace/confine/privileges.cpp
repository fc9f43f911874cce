#include "userspace/confine/privileges.h"

#include <fcntl.h>
#include <sys/capability.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>

#include "base/error.h"
#include "base/io.h"
#include "base/output_place.h"
#include "userspace/confine/filter.h"

namespace zctrace::confine {

namespace {

/// Whose files one may write, whoever one is.
constexpr int kOfFiles[] = {CAP_DAC_OVERRIDE, CAP_CHOWN, CAP_FOWNER};

struct Free {
  void operator()(_cap_struct* set) const { cap_free(set); }
};
using Set = std::unique_ptr<_cap_struct, Free>;

/// Gives up all others. What the kernel refuses is not there to be given up.
void keep_only(const std::set<int>& kept) {
  cap_reset_ambient();
  for (int number = 0; number < cap_max_bits(); ++number)
    if (!kept.contains(number)) cap_drop_bound(number);
  const Set held(cap_get_proc()), wanted(cap_init());
  if (!held || !wanted) throw system_error("reading the capabilities");
  for (const cap_value_t number : kept) {
    cap_flag_value_t permitted = CAP_CLEAR, effective = CAP_CLEAR;
    cap_get_flag(held.get(), number, CAP_PERMITTED, &permitted);
    cap_get_flag(held.get(), number, CAP_EFFECTIVE, &effective);
    if (permitted == CAP_SET) cap_set_flag(wanted.get(), CAP_PERMITTED, 1, &number, CAP_SET);
    if (effective == CAP_SET) cap_set_flag(wanted.get(), CAP_EFFECTIVE, 1, &number, CAP_SET);
  }
  if (cap_set_proc(wanted.get())) throw system_error("giving up capabilities");
}

/// While it lives, files are written with their owner's rights only.
class WithoutFileRights {
 public:
  WithoutFileRights() : before_(cap_get_proc()) {
    const Set without(cap_get_proc());
    for (const cap_value_t number : kOfFiles) cap_set_flag(without.get(), CAP_EFFECTIVE, 1, &number, CAP_CLEAR);
    cap_set_proc(without.get());
  }
  ~WithoutFileRights() { cap_set_proc(before_.get()); }
  WithoutFileRights(const WithoutFileRights&) = delete;
  WithoutFileRights& operator=(const WithoutFileRights&) = delete;

 private:
  Set before_;
};

/// Can all of them be written by who we are, and be theirs afterwards?
bool are_ours(const std::vector<std::string>& places) {
  const WithoutFileRights without;
  const auto may_use = [](const std::string& folder) {
    return faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0;
  };
  if (!may_use(std::filesystem::temp_directory_path())) return false;  // what is written first is there
  return std::ranges::all_of(places, [](const std::string& path) {
    if (path.empty()) return true;
    try {
      const OutputPlace place = place_of(path);
      return place.way != OutputWay::replaced || place.facts.st_uid == geteuid();
    } catch (const Error&) {
      return false;
    }
  });
}

}  // namespace

const std::vector<Privilege>& privileges() {
  static const std::vector<Privilege> all{
      {CAP_BPF, Text::capability_bpf, true},
      {CAP_PERFMON, Text::capability_perfmon, true},
      {CAP_SYS_ADMIN, Text::capability_sys_admin, false},
      {CAP_SYSLOG, Text::capability_syslog, false},
      {CAP_SYS_PTRACE, Text::capability_sys_ptrace, true},
      {CAP_DAC_READ_SEARCH, Text::capability_dac_read_search, true},
      {CAP_SYS_NICE, Text::capability_sys_nice, true},
  };
  return all;
}

std::string name_of(int capability) {
  const std::unique_ptr<char, int (*)(void*)> name(cap_to_name(capability), cap_free);
  std::string text = name ? name.get() : "cap_" + std::to_string(capability);
  std::ranges::transform(text, text.begin(), [](unsigned char letter) { return std::toupper(letter); });
  return text;
}

bool holds(int capability) {
  const Set held(cap_get_proc());
  cap_flag_value_t effective = CAP_CLEAR;
  return held && cap_get_flag(held.get(), capability, CAP_EFFECTIVE, &effective) == 0 && effective == CAP_SET;
}

std::vector<std::string> held() {
  std::vector<std::string> names;
  for (int number = 0; number < cap_max_bits(); ++number)
    if (holds(number)) names.push_back(name_of(number));
  return names;
}

void confine(const Rest& rest) {
  std::set<int> kept;
  for (const Privilege& privilege : privileges())
    if (privilege.kept || (rest.kernel_addresses && privilege.number == CAP_SYSLOG)) kept.insert(privilege.number);
  if (rest.signals) kept.insert(CAP_KILL);
  if (!are_ours(rest.places)) kept.insert(std::begin(kOfFiles), std::end(kOfFiles));
  keep_only(kept);
  filter_trace(rest.programs);
}

bool sees_others() { return geteuid() == 0 || holds(CAP_SYS_PTRACE); }

void give_up_all() { keep_only({}); }

void confine_server() {
  give_up_all();
  filter_server();
}

}  // namespace zctrace::confine
