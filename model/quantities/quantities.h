#pragma once

#include <string>
#include <string_view>

#include "model/language/texts.h"
#include "model/quantities/amount.h"
#include "model/quantities/row.h"
#include "model/timeline/ledger.h"

/// The figures of a run, a row each. A row added here is a row of the terminal, of the page's list and of the CSV; it
/// is an argument of a trace's run; sentences and claims look it up by its id.
namespace zctrace::quantities {

/// One side of a run.
struct Subject {
  const timeline::Run& run;
  const timeline::Ledger& ledger;
  timeline::Side side = timeline::Side::sender;

  const timeline::Figures& figures() const { return side == timeline::Side::sender ? ledger.sender : ledger.receiver; }
  const timeline::EvidenceSet& evidence() const { return run.evidence; }
};

/// Which side it is of. `both`: of the receiver too where there is one.
enum class Whose : uint8_t { sender, receiver, both, run };

/// Where it has no row of its own.
enum Listing : uint8_t {
  everywhere = 0,
  in_words = 1,  ///< the terminal has it in a sentence, or in the picture
  unlisted = 2,  ///< nor has the page's list: another figure says the same
};

/// Its name in a table of values: where empty, kind "figure", and what follows from the id and the unit.
struct Column {
  std::string_view kind = {}, name = {};
  std::string_view unit = {};  ///< what is counted: "switches"
};

struct Quantity {
  std::string_view id;  ///< the same in every run and language; of the receiver behind "receiver/"
  Text section;         ///< the heading of its list
  Text label;
  Unit unit;
  Whose whose;
  Amount (*of)(const Subject&);
  Listing listing = everywhere;
  Column column = {};
};

// What some figures need more than a line for.
Amount mode_switches_per_chunk(const Subject& subject);
Amount throughput(const Subject& subject);
Amount disk(const Subject& subject, uint64_t count);
Amount written(const Subject& subject, std::optional<uint64_t> count);
Amount nic_dma(const Subject& subject);
Amount unattributed(const timeline::EvidenceSet& evidence, uint64_t bytes);
Amount of_flows(const Subject& subject, uint64_t timeline::Flows::*count);
Amount cpu_per_mib(const Subject& subject);
Amount cpu_share(const Subject& subject, timeline::CpuWork work);
Amount cpu_events(const Subject& subject, uint64_t timeline::CpuEvents::*count);

using timeline::Evidence;

inline constexpr Quantity kQuantities[] = {
    {"cpu_copies_per_byte",
     Text::figures_copies,
     Text::cpu_copies_per_byte,
     Unit::ratio,
     Whose::both,
     [](const Subject& s) {
       return computed(timeline::cpu_copies_per_byte(s.run, s.ledger, s.side),
                       timeline::copies_evidence(s.run, s.ledger, s.side));
     },
     in_words,
     {"", "", "copies"}},
    {"transforms_per_byte",
     Text::figures_copies,
     Text::transforms_per_byte,
     Unit::ratio,
     Whose::sender,
     [](const Subject& s) {
       return computed(timeline::transforms_per_byte(s.run, s.ledger), timeline::copies_evidence(s.run, s.side));
     },
     in_words,
     {"", "", "transforms"}},
    // What is not visible is never counted.
    {"own_passes_per_byte",
     Text::figures_copies,
     Text::own_passes_per_byte,
     Unit::ratio,
     Whose::sender,
     [](const Subject&) { return Amount{}; },
     in_words,
     {"", "", "passes"}},

    {"array_copies",
     Text::figures_copies,
     Text::figure_array_copies,
     Unit::bytes,
     Whose::both,
     [](const Subject& s) {
       const auto& own = s.figures().array_copies;
       return own ? counted(own->bytes(), own->evidence) : Amount{};
     },
     in_words,
     {"copies", "jvm_arrays"}},

    {"flows/unattributed",
     Text::flows,
     Text::flows_unattributed_bytes,
     Unit::bytes,
     Whose::sender,
     [](const Subject& s) {
       return s.ledger.flows ? unattributed(s.evidence(), s.ledger.flows->unattributed_bytes) : Amount{};
     },
     in_words,
     {"flows", "unattributed"}},
    {"flows/merged",
     Text::flows,
     Text::flows_merged,
     Unit::count,
     Whose::sender,
     [](const Subject& s) { return of_flows(s, &timeline::Flows::merged); },
     unlisted,
     {"flows", "merged", "flows"}},
    {"flows/dropped_calls",
     Text::flows,
     Text::flows_dropped,
     Unit::count,
     Whose::sender,
     [](const Subject& s) { return of_flows(s, &timeline::Flows::dropped_calls); },
     unlisted,
     {"flows", "dropped_calls", "calls"}},
    {"flows/dropped",
     Text::flows,
     Text::flows_dropped,
     Unit::bytes,
     Whose::sender,
     [](const Subject& s) { return of_flows(s, &timeline::Flows::dropped_bytes); },
     unlisted,
     {"flows", "dropped"}},

    {"mode_switches",
     Text::figures_switches,
     Text::mode_switches,
     Unit::count,
     Whose::both,
     [](const Subject& s) {
       return counted(s.figures().mode_switches.total(), timeline::mode_switches_evidence(s.run));
     },
     in_words,
     {"", "", "switches"}},
    {"mode_switches/per_chunk",
     Text::figures_switches,
     Text::mode_switches_per_chunk,
     Unit::ratio,
     Whose::sender,
     mode_switches_per_chunk,
     in_words,
     {"", "", "switches"}},
    {"mode_switches/syscall",
     Text::figures_switches,
     Text::figure_switches_by_calls,
     Unit::count,
     Whose::both,
     [](const Subject& s) { return counted(s.figures().mode_switches.syscall, s.evidence().system_calls); },
     in_words,
     {"", "", "switches"}},
    {"mode_switches/fault",
     Text::figures_switches,
     Text::figure_switches_by_faults,
     Unit::count,
     Whose::both,
     [](const Subject& s) { return counted(s.figures().mode_switches.fault, s.evidence().page_faults); },
     in_words,
     {"", "", "switches"}},
    {"syscalls",
     Text::figures_switches,
     Text::system_calls,
     Unit::count,
     Whose::both,
     [](const Subject& s) { return counted(timeline::call_count(s.figures()), s.evidence().system_calls); },
     in_words,
     {"", "", "calls"}},
    {"page_faults/user",
     Text::figures_switches,
     Text::figure_user_faults,
     Unit::count,
     Whose::both,
     [](const Subject& s) { return counted(s.figures().user_faults, s.evidence().page_faults); },
     in_words,
     {"", "", "faults"}},
    {"page_faults/kernel",
     Text::figures_switches,
     Text::figure_kernel_faults,
     Unit::count,
     Whose::both,
     [](const Subject& s) { return counted(s.figures().kernel_faults, s.evidence().page_faults); },
     in_words,
     {"", "", "faults"}},
    {"context_switches/voluntary",
     Text::figures_switches,
     Text::figure_voluntary,
     Unit::count,
     Whose::both,
     [](const Subject& s) { return counted(s.figures().voluntary_switches, s.evidence().context_switches); },
     in_words,
     {"", "", "switches"}},
    {"context_switches/involuntary",
     Text::figures_switches,
     Text::figure_involuntary,
     Unit::count,
     Whose::both,
     [](const Subject& s) { return counted(s.figures().involuntary_switches, s.evidence().context_switches); },
     in_words,
     {"", "", "switches"}},

    {"payload_bytes",
     Text::figures_time,
     Text::figure_payload,
     Unit::bytes,
     Whose::sender,
     [](const Subject& s) {
       return counted(s.ledger.payload_bytes, s.ledger.payload_bytes == 0 ? Evidence::none : Evidence::exact);
     },
     in_words,
     {"figure", "payload"}},
    {"duration_ns",
     Text::figures_time,
     Text::figure_duration,
     Unit::ns,
     Whose::run,
     [](const Subject& s) {
       return counted(s.run.duration_ns, s.run.duration_ns == 0 ? Evidence::none : Evidence::exact);
     },
     in_words,
     {"figure", "duration"}},
    {"throughput", Text::figures_time, Text::figure_throughput, Unit::bytes_per_second, Whose::run, throughput,
     in_words},
    {"cpu_ns",
     Text::figures_time,
     Text::figure_cpu_time,
     Unit::ns,
     Whose::both,
     [](const Subject& s) {
       const auto& time = s.figures().cpu_ns;
       return counted(time.value_or(0), time ? Evidence::exact : Evidence::none);
     },
     in_words,
     {"figure", "cpu_time"}},

    {"cpu_cost/per_mib",
     Text::figures_cpu_cost,
     Text::figure_cpu_per_mib,
     Unit::ns,
     Whose::both,
     cpu_per_mib,
     in_words,
     {"cpu_cost", "time_per_mib"}},
    {"cpu_cost/copy_share",
     Text::figures_cpu_cost,
     Text::figure_copy_share,
     Unit::part,
     Whose::both,
     [](const Subject& s) { return cpu_share(s, timeline::CpuWork::copy); },
     in_words,
     {"cpu_cost", "copy_share"}},
    {"cpu_cost/transform_share",
     Text::figures_cpu_cost,
     Text::figure_transform_share,
     Unit::part,
     Whose::both,
     [](const Subject& s) { return cpu_share(s, timeline::CpuWork::transform); },
     in_words,
     {"cpu_cost", "transform_share"}},
    {"cpu_cost/cycles",
     Text::figures_cpu_cost,
     Text::figure_cycles,
     Unit::ratio,
     Whose::both,
     [](const Subject& s) { return cpu_events(s, &timeline::CpuEvents::cycles); },
     in_words,
     {"cpu_cost", "cycles_per_byte", "cycles"}},
    {"cpu_cost/instructions",
     Text::figures_cpu_cost,
     Text::figure_instructions,
     Unit::ratio,
     Whose::both,
     [](const Subject& s) { return cpu_events(s, &timeline::CpuEvents::instructions); },
     in_words,
     {"cpu_cost", "instructions_per_byte", "instructions"}},
    {"cpu_cost/cache_misses",
     Text::figures_cpu_cost,
     Text::figure_cache_misses,
     Unit::ratio,
     Whose::both,
     [](const Subject& s) { return cpu_events(s, &timeline::CpuEvents::cache_misses); },
     in_words,
     {"cpu_cost", "cache_misses_per_byte", "misses"}},

    {"disk/bytes",
     Text::disk,
     Text::figure_disk_bytes,
     Unit::bytes,
     Whose::sender,
     [](const Subject& s) { return disk(s, s.ledger.dma.disk_bytes); },
     in_words,
     {"disk", "payload"}},
    {"disk/requests",
     Text::disk,
     Text::figure_disk_requests,
     Unit::count,
     Whose::sender,
     [](const Subject& s) { return disk(s, s.ledger.dma.disk_requests); },
     in_words,
     {"disk", "requests", "requests"}},
    {"disk/written_bytes",
     Text::disk,
     Text::figure_written_bytes,
     Unit::bytes,
     Whose::sender,
     [](const Subject& s) { return written(s, s.ledger.dma.written_bytes); },
     in_words,
     {"disk", "written"}},
    {"disk/write_requests",
     Text::disk,
     Text::figure_write_requests,
     Unit::count,
     Whose::sender,
     [](const Subject& s) { return written(s, s.ledger.dma.write_requests); },
     in_words,
     {"disk", "write_requests", "requests"}},
    {"disk/resident_bytes",
     Text::disk,
     Text::figure_resident,
     Unit::bytes,
     Whose::sender,
     [](const Subject& s) {
       return counted(s.run.source.resident_bytes, s.run.source.filesystem.empty() ? Evidence::none : Evidence::exact);
     },
     in_words,
     {"disk", "resident"}},

    {"network/packets",
     Text::network,
     Text::figure_packets,
     Unit::count,
     Whose::sender,
     [](const Subject& s) { return counted(s.ledger.transmit.packets, s.evidence().nic); },
     in_words,
     {"transmit", "packets", "packets"}},
    {"network/payload_bytes",
     Text::network,
     Text::figure_payload,
     Unit::bytes,
     Whose::sender,
     [](const Subject& s) { return counted(s.ledger.transmit.payload_bytes, s.evidence().nic); },
     unlisted,
     {"transmit", "payload"}},
    {"network/paged_bytes",
     Text::network,
     Text::figure_paged,
     Unit::bytes,
     Whose::sender,
     [](const Subject& s) { return counted(s.ledger.transmit.paged_bytes, s.evidence().nic); },
     in_words,
     {"transmit", "paged"}},
    {"network/linear_bytes",
     Text::network,
     Text::figure_linear,
     Unit::bytes,
     Whose::sender,
     [](const Subject& s) { return counted(s.ledger.transmit.linear_bytes, s.evidence().nic); },
     in_words,
     {"transmit", "linear"}},
    {"network/header_bytes",
     Text::network,
     Text::figure_headers,
     Unit::bytes,
     Whose::sender,
     [](const Subject& s) { return counted(s.ledger.transmit.header_bytes, s.evidence().nic); },
     in_words,
     {"transmit", "headers"}},
    {"network/dma_bytes",
     Text::network,
     Text::figure_nic_bytes,
     Unit::bytes,
     Whose::sender,
     nic_dma,
     in_words,
     {"nic", "dma"}},

    {"network/framing_bytes",
     Text::network,
     Text::figure_framing,
     Unit::bytes,
     Whose::sender,
     [](const Subject& s) { return counted(s.ledger.framing_bytes, Evidence::exact); },
     everywhere,
     {"transmit", "framing"}},

    {"received_bytes",
     Text::receiver,
     Text::figure_received,
     Unit::bytes,
     Whose::receiver,
     [](const Subject& s) {
       return counted(s.ledger.received_bytes, s.ledger.received_bytes == 0 ? Evidence::none : Evidence::exact);
     },
     in_words,
     {"figure", "received"}},

    {"lost_events",
     Text::figures_recording,
     Text::figure_lost,
     Unit::count,
     Whose::run,
     [](const Subject& s) { return counted(s.run.lost.events, Evidence::exact); },
     in_words,
     {"", "", "events"}},
};

using Id = RowOf<kQuantities>;

/// Is it told of that side?
bool is_of(const Quantity& quantity, timeline::Side side);

/// Is it a figure of such a run at all? There is none of flows and what they wrote to a disk where they were not told
/// apart, nor of a receiver that nobody traced. The network's are zero where the way leads to a file.
bool applies(const Quantity& quantity, const Subject& subject);

/// "receiver/mode_switches"
std::string full_id(const Quantity& quantity, timeline::Side side);

Amount amount(Id id, const Subject& subject);

/// "~256", "unknown"
std::string shown(Id id, const Subject& subject, Language language);

}  // namespace zctrace::quantities
