#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "bpf/record.h"
#include "model/timeline/flow.h"
#include "userspace/capture/connections.h"
#include "userspace/capture/place_order.h"
#include "userspace/capture/processes.h"

namespace zctrace::capture {

/// The kernel's maps that flows are gathered in, by their descriptors.
struct FlowMaps {
  int flows = -1, buffers = -1, pipes = -1, names = -1, writers = -1;
  int processes = -1;
  uint32_t* generation = nullptr;     ///< the kernel gathers under this one
  const uint32_t* renames = nullptr;  ///< files that were given another name, so far
  int copiers = -1;                   ///< -1: no stacks are kept
};

/// What programs moved, taken out of the kernel's bounded maps before they are full. Holds a bounded number of flows
/// however long the trace: beyond it those that have been quiet longest are folded together, and counted; so are
/// connections (connections.h).
class FlowTable {
 public:
  FlowTable(const FlowMaps& maps, bool inferred, size_t most = 20'000);

  /// Takes what lies there under older generations. Bytes that came in and did not go on within two seconds are
  /// attributed as such; `all`: all of them, and the newest generation too, once nothing is gathered any more.
  void take(uint64_t now_ns, bool all);

  /// Sums since the trace began, which was at `begin_ns`.
  timeline::Flows flows(uint64_t begin_ns) const;

 private:
  struct Ends {
    zc_place from, to;
    uint32_t process;  ///< Processes' number of it
  };
  struct EndsOrder {
    static auto fields(const Ends& ends) {
      return std::tuple_cat(PlaceOrder::fields(ends.from), PlaceOrder::fields(ends.to), std::tie(ends.process));
    }
    bool operator()(const Ends& a, const Ends& b) const { return fields(a) < fields(b); }
  };
  struct Name {
    std::string text;
    bool datagrams = false;  ///< a UDP socket's
    std::string filesystem = {};
    uint32_t sends_from = 0, receives_from = 0;  ///< zc_name's
    uint64_t peer = 0;                           ///< the inode of a unix socket's other end; 0: not known
  };
  /// Of sockets, the inodes of their other ends.
  using Peers = std::map<zc_place, uint64_t, PlaceOrder>;
  using MethodAndLink = std::pair<uint8_t, uint8_t>;
  struct Part {
    zc_flow sum{};
    std::map<std::string, uint64_t> threads;  ///< bytes by the threads of that name, of so many names at most
    uint64_t by_others = 0;
    void add_thread(const char* name, uint64_t bytes);
    void add(const Part& more);
  };
  struct Entry {
    zc_place from{}, to{};
    uint32_t process = Processes::kUnknown;
    std::map<MethodAndLink, Part> parts;
    std::map<uint64_t, zc_copied> copied_by;  ///< by the stack's number
    uint64_t last = 0;
  };

  Entry& add(const zc_flow_key& key, const Part& more);
  void add_pending_read(const zc_pending_read& pending, const zc_place& to);
  void take_sums(bool all);
  void take_copiers(uint32_t newest, bool all);
  void add_copied(Entry& entry, uint64_t stack, const zc_copied& more);
  void take_buffers(uint64_t now_ns, bool all);
  void take_pipes(uint64_t now_ns, bool all);
  zc_place told_as(const zc_place& place);
  void take_name(const zc_place& place);
  void take_new_names();
  void fold_quiet();
  void keep_names_of_flows();
  void forget_names();
  void forget_writers(uint64_t now_ns);
  static Name name_of(const zc_place& place, const zc_name& name);
  Peers peers() const;
  timeline::FlowEnd end_of(const zc_place& place, const Peers& peers) const;
  bool has_datagrams(const zc_place& place) const;

  FlowMaps maps_;
  bool inferred_;
  size_t most_;
  Processes processes_;
  Connections connections_;
  std::map<Ends, Entry, EndsOrder> entries_;
  std::map<zc_place, Name, PlaceOrder> names_;
  std::map<zc_place, std::string, PlaceOrder> first_names_;  ///< of those that were renamed
  uint32_t renames_ = 0;
  uint32_t generation_then_ = 0;  ///< the kernel's at `then_ns_`
  uint64_t then_ns_ = 0;
  size_t buffers_ = 0;  ///< in the kernel's map, when it was looked through last
  uint64_t merged_ = 0;
  std::map<uint64_t, Ends> flow_numbers_;  ///< of those that copies with stacks may still be told of
};

}  // namespace zctrace::capture
