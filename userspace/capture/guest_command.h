#pragma once

/// A guest of the lab runs one command and ends. To detach a hundred programs first, at 0.13 s each (the kernel waits
/// for RCU), would be waited for in vain.
namespace zctrace::capture {

/// Are we in a guest of the lab? Its first process leaves a mark.
bool in_lab();

/// Are we that command?
bool is_guest_command();

/// Tells the guest's first process (lab/init) that the command has ended with this status, all output being written,
/// and does not return: it ends the guest. Returns at once where we are no such command.
void end_guest(int status);

}  // namespace zctrace::capture
