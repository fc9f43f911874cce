#pragma once

#include <optional>
#include <vector>

#include "model/timeline/model.h"

/// Arithmetic on the model. A figure that cannot be known is nullopt, never 0.
namespace zctrace::timeline {

/// All copies of one side between two places by one mover.
struct Edge {
  End from, to;
  Mover by;
  uint64_t bytes = 0, calls = 0;
  std::vector<Copy> copies;  ///< what it is the sum of, most bytes first
};

/// Bytes that the CPU copied on `side` (payload copies only, as the ledger holds them).
uint64_t cpu_bytes(const Ledger& ledger, Side side);

/// What the side's figures are per byte of: the payload for the sender, the bytes received for the receiver.
uint64_t side_bytes(const Ledger& ledger, Side side);

/// CPU copies per byte, from the sums alone; nullopt where no byte went.
std::optional<double> cpu_copies_per_byte(const Ledger& ledger, Side side);

/// The same, nullopt also where the run's evidence does not carry it: none, or copies that may have gone unseen. Of a
/// traced program with its flows: of what it passed on from one end to another.
std::optional<double> cpu_copies_per_byte(const Run& run, const Ledger& ledger, Side side);

/// Bytes that a cipher of the kernel's, worked by the CPU, transformed on the sending side per byte of the payload. A
/// run with kernel TLS of which less than all was seen: nullopt, as where nothing of the kind was seen.
std::optional<double> transforms_per_byte(const Run& run, const Ledger& ledger);
/// Such bytes, and the ciphers.
uint64_t transformed_bytes(const Ledger& ledger);
std::vector<Cipher> ciphers(const Ledger& ledger);

/// The same three of a flow, nullopt also where the run's evidence does not carry them.
std::optional<double> copies_per_byte(const Run& run, const FlowPart& part);
std::optional<double> mode_switches_per_mib(const Run& run, const FlowPart& part);
std::optional<double> cache_reuse(const Run& run, const Flow& flow);

/// Is it of a traced program, not of a built-in method?
bool is_program(const Run& run);

/// How well the copies of `side` are known. With the ledger: of a traced program with its flows, those of what it
/// passed on.
Evidence copies_evidence(const Run& run, Side side);
Evidence copies_evidence(const Run& run, const Ledger& ledger, Side side);

/// Did the bytes leave by a network device? Those into a file or a pipe of the same machine did not; a traced program's
/// may have.
bool has_network(const Run& run);

/// Are the bytes known to come from no disk (tmpfs)?
bool has_no_disk(const Run& run, const Ledger& ledger);

/// Did a process read what arrived that was traced as such? Nobody reads the file; who reads what a traced program sent
/// is not told apart.
bool has_receiver(const Run& run);

/// Where the sender puts the payload, as far as that is one place: socket buffers, else the file or the pipe.
End target_of(const Run& run);

/// Pieces the transfer was asked to be done in: size / chunk, rounded up; 0 where either is unknown.
uint64_t chunks(const Run& run);

/// How well the mode switches are known: they are those of system calls and those of page faults.
Evidence mode_switches_evidence(const Run& run);

/// Mode switches of the sender per chunk; nullopt without chunks or without sight of the switches.
std::optional<double> mode_switches_per_chunk(const Run& run, const Ledger& ledger);

/// Sums by edge in the order in which the bytes travel.
std::vector<Edge> edges(const Ledger& ledger, Side side);

/// One entry per key (everything but bytes, calls and evidence; of the latter the worst stays), in the order of first
/// sight.
void merge_copies(std::vector<Copy>& copies);

/// All calls of a side together.
uint64_t call_count(const Figures& figures);

}  // namespace zctrace::timeline
