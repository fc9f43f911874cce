/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What is traced: processes, and sockets with the flows that went into them. */
#pragma once

/* What is traced: by process, and by socket (socket-buffer work runs in whatever task the softirq interrupts). */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384);
  __type(key, __u32);
  __type(value, struct zc_target);
} targets SEC(".maps");

/* Who they are and were. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, ZC_MAX_PROCESSES);
  __type(key, struct zc_process);
  __type(value, struct zc_process_facts);
} processes SEC(".maps");

/* Whoever is in one of these cgroups, or has such a name, becomes a target: bpf/process.bpf.c. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, ZC_MAX_CGROUPS);
  __type(key, struct zc_cgroup);
  __type(value, __u32);
} wanted_cgroups SEC(".maps");
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, ZC_MAX_CGROUPS);
  __type(key, struct zc_comm);
  __type(value, __u32);
} wanted_names SEC(".maps");

struct traced_socket {
  __u32 role;
  __u32 sends;             /* flows that went into it: the number of the next in `sent_flows` */
  __u64 ino;               /* of its file: the end of no other socket than TCP's is reported, and its memory is used again */
  struct zc_flow_key flow; /* the latest that went into it */
  __u32 sequence, pad;     /* TCP's, of that one's first byte */
  __s64 clear[2];          /* kernel TLS: payload that was received and sent, less what was seen to pass the cipher */
};
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384);
  __type(key, __u64); /* struct sock * */
  __type(value, struct traced_socket);
} sockets SEC(".maps");

/* Whose bytes lie where in a TCP socket's stream: the last SENT_FLOWS changes of flow in it. */
#define SENT_FLOWS 64
struct sent_key {
  __u64 sk;
  __u32 slot, pad;
};
struct sent_flow {
  __u32 number, sequence; /* of its first byte */
  struct zc_flow_key flow;
};
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 65536);
  __type(key, struct sent_key);
  __type(value, struct sent_flow);
} sent_flows SEC(".maps");

/* The buffer of a MSG_ZEROCOPY send (struct ubuf_info *) to its socket: skb_copy_ubufs on loopback and veth meets
 * buffers that have lost theirs. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384);
  __type(key, __u64);
  __type(value, __u64);
} zerocopies SEC(".maps");
