#pragma once

namespace zctrace::workloads {

/// What the sender says through its gate, and the sink through its report: one letter, one write call.
inline constexpr char kReady = 'R';        ///< prepared; it now reads one byte, which releases it
inline constexpr char kTransferred = 'T';  ///< transfer() has returned
inline constexpr char kQueueEmpty = 'Q';   ///< every byte has been acknowledged by the sinks' kernels
inline constexpr char kListening = 'L';    ///< "L PORT\n"
inline constexpr char kAccepted = 'A';     ///< "A\n"; it now reads one byte, which releases it
inline constexpr char kReceived = 'D';     ///< "D\n": it has reached the sender's end
inline constexpr char kEnd = 'E';          ///< "E BYTES BLOCKS FRAMING\n", then the block hashes as raw 64-bit numbers

/// Writes the letter; nothing where there is no gate (-1). Throws Error.
void send_letter(int gate, char letter);
/// Reads the one byte that releases us; returns at once where there is no gate (-1). Throws Error.
void wait_at(int gate);

/// Sleeps until killed: at the end of what was measured, so that nothing else is.
[[noreturn]] void stay();

/// Where the parent puts these descriptors in its children: above what they open by themselves, and low, for a
/// descriptor's number is limited (ulimit -n).
inline constexpr int kSenderGateFd = 20;
inline constexpr int kSinkReportFd = 21;
inline constexpr int kSenderSourceFd = 22;
inline constexpr int kSinkCounterFd = 23;
inline constexpr int kSinkPipeFd = 24;      ///< what the sink reads, where it is no socket
inline constexpr int kSenderTargetFd = 25;  ///< and what the sender writes then; a second one follows it

}  // namespace zctrace::workloads
