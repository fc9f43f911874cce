#pragma once

#include <string>
#include <vector>

#include "model/language/texts.h"

/// What zctrace may do beyond an ordinary user. Capabilities are a thread's: all of this is about the one that calls.
namespace zctrace::confine {

/// A capability that tracing asks for.
struct Privilege {
  int number;          ///< CAP_BPF, ... of linux/capability.h
  TextWith<0> use;     ///< what asks for it
  bool kept;           ///< asked for after the hooks are attached, too
};
const std::vector<Privilege>& privileges();

/// "CAP_BPF"; "CAP_63" of one that this build does not know.
std::string name_of(int capability);

/// Is it effective?
bool holds(int capability);
/// The effective ones, by name; in full also where they are all there are.
std::vector<std::string> held();

/// What of a trace is still to come, once its hooks are attached.
struct Rest {
  bool signals = false;             ///< to a command, whoever it belongs to by then
  bool kernel_addresses = false;    ///< names of the kernel's functions (--stacks)
  bool programs = false;            ///< another program is asked (docker, podman)
  std::vector<std::string> places;  ///< that are written: files
};

/// Gives up for good all that the rest does not ask for: capabilities, and, by a seccomp filter, the system calls that
/// would be of use to an intruder only. Processes that run already, and threads, keep what they have.
void confine(const Rest& rest);

/// May whom we are look at processes of others?
bool sees_others();

/// Gives up all capabilities, and nothing else.
void give_up_all();

/// Both for a thread that answers strangers over a socket that is open: no capabilities, and no system calls but
/// those that this takes.
void confine_server();

}  // namespace zctrace::confine
