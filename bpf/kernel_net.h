/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* As kernel.h: sockets, packets, network devices, and the ciphers of kernel TLS. */
#pragma once

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct in6_addr {
  union {
    __u8 u6_addr8[16];
  } in6_u;
};
struct sock_common {
  __be32 skc_daddr, skc_rcv_saddr;
  __be16 skc_dport;
  __u16 skc_num;
  unsigned short skc_family;
  volatile unsigned char skc_state;
  unsigned long skc_flags;
  struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
};
enum sock_flags { SOCK_ZEROCOPY = 26 };
struct sock {
  struct sock_common __sk_common;
  struct socket* sk_socket;
  __u16 sk_type;
  __u16 sk_protocol;
};
struct tcp_sock {
  __u32 write_seq; /* of the byte that is written next */
  __u32 snd_una;   /* of the first that is not acknowledged yet */
  __u32 rcv_nxt;   /* of the byte that is received next */
  __u64 bytes_acked, bytes_received;
};
struct tcp_ulp_ops {
  char name[16];
};
struct inet_connection_sock {
  const struct tcp_ulp_ops* icsk_ulp_ops;
  void* icsk_ulp_data;
};
struct tls_context {
  __u8 tx_conf : 3;
  __u8 rx_conf : 3;
};
struct crypto_alg {
  __u32 cra_flags;
  char cra_name[128];
};
struct crypto_tfm {
  struct crypto_alg* __crt_alg;
};
struct crypto_aead {
  unsigned int authsize;
  struct crypto_tfm base;
};
struct crypto_async_request {
  struct crypto_tfm* tfm;
};
struct aead_request {
  struct crypto_async_request base;
  unsigned int cryptlen;
};
struct sockaddr_un {
  char sun_path[108];
};
struct unix_address {
  int len;
  struct sockaddr_un name[0];
};
struct unix_sock {
  struct unix_address* addr;
  struct sock* peer;
};
struct socket {
  struct file* file;
  struct sock* sk;
};
struct socket_alloc {
  struct socket socket;
  struct inode vfs_inode;
};
struct msghdr {
  unsigned int msg_flags;
  struct iov_iter msg_iter;
};

struct bus_type {
  const char* name;
};
struct device {
  struct device* parent; /* of a real one: the bus it sits on; loopback, veth, loop and zram have none */
  struct bus_type* bus;
};
struct pci_dev {
  unsigned int class; /* base class, subclass, interface: a byte each */
  struct device dev;
};
struct net_device {
  int ifindex;
  unsigned int flags;
  __u64 features;
  struct device dev;
};

struct skb_shared_info {
  unsigned short gso_segs;
  struct sk_buff* frag_list;
  atomic_t dataref;
  void* destructor_arg;
};
struct sk_buff {
  struct sock* sk;
  unsigned int len, data_len;
  __u8 cloned : 1, head_frag : 1;
  __u16 transport_header;
  unsigned int end;
  unsigned char *head, *data;
};

#pragma clang attribute pop
