#pragma once

#include <stdexcept>
#include <utility>
#include <vector>

#include "bpf/record.h"
#include "model/timeline/model.h"

/// The enums of bpf/record.h that the document has too, with the same values. Each pair of values stands in one list
/// below, which gives the conversion and its checks: a value added on one side only, or at another place, does not
/// compile (-Werror=switch, static_assert).
namespace zctrace::capture {

#define ZC_SAME_VALUE(RECORD, DOCUMENT) static_assert(static_cast<int>(RECORD) == static_cast<int>(DOCUMENT));
#define ZC_TO_DOCUMENT(RECORD, DOCUMENT) \
  case RECORD:                           \
    return DOCUMENT;
#define ZC_TO_RECORD(RECORD, DOCUMENT) \
  case DOCUMENT:                       \
    return RECORD;

/// CONVERT(value of RECORD, or a record's field) -> DOCUMENT; to_record(value of DOCUMENT) -> RECORD. What follows
/// PAIRS: the case of a count at the end of RECORD.
#define ZC_MIRRORED(CONVERT, RECORD, DOCUMENT, PAIRS, ...)                                   \
  PAIRS(ZC_SAME_VALUE)                                                                       \
  constexpr DOCUMENT CONVERT(RECORD value) {                                                 \
    switch (value) { PAIRS(ZC_TO_DOCUMENT) __VA_ARGS__ }                                     \
    throw std::out_of_range(#RECORD);                                                        \
  }                                                                                          \
  constexpr DOCUMENT CONVERT(unsigned field) {                                               \
    switch (field) { PAIRS(ZC_TO_DOCUMENT) }                                                 \
    throw std::out_of_range(#RECORD);                                                        \
  }                                                                                          \
  constexpr RECORD to_record(DOCUMENT value) {                                               \
    switch (value) { PAIRS(ZC_TO_RECORD) }                                                   \
    throw std::out_of_range(#DOCUMENT);                                                      \
  }

#define ZC_SIDES(PAIR)                    \
  PAIR(ZC_SENDER, timeline::Side::sender) \
  PAIR(ZC_RECEIVER, timeline::Side::receiver)
ZC_MIRRORED(to_side, zc_role, timeline::Side, ZC_SIDES, case ZC_ROLES : break;)

#define ZC_ENDS(PAIR)                                  \
  PAIR(ZC_DISK, timeline::End::disk)                   \
  PAIR(ZC_PAGE_CACHE, timeline::End::page_cache)       \
  PAIR(ZC_USER_BUFFER, timeline::End::user_buffer)     \
  PAIR(ZC_PIPE, timeline::End::pipe)                   \
  PAIR(ZC_SOCKET_BUFFER, timeline::End::socket_buffer) \
  PAIR(ZC_NIC, timeline::End::nic)                     \
  PAIR(ZC_FILE, timeline::End::file)
ZC_MIRRORED(to_end, zc_end, timeline::End, ZC_ENDS)

#define ZC_MOVERS(PAIR)                          \
  PAIR(ZC_CPU, timeline::Mover::cpu)             \
  PAIR(ZC_DMA, timeline::Mover::dma)             \
  PAIR(ZC_REFERENCE, timeline::Mover::reference) \
  PAIR(ZC_TRANSFORM, timeline::Mover::transform)
ZC_MIRRORED(to_mover, zc_mover, timeline::Mover, ZC_MOVERS)

#define ZC_CONTEXTS(PAIR)                      \
  PAIR(ZC_SYSCALL, timeline::Context::syscall) \
  PAIR(ZC_SOFTIRQ, timeline::Context::softirq) \
  PAIR(ZC_WORKER, timeline::Context::worker)
ZC_MIRRORED(to_context, zc_context, timeline::Context, ZC_CONTEXTS)

#define ZC_EVENT_KINDS(PAIR)                         \
  PAIR(ZC_K_SYSCALL, timeline::EventKind::syscall)   \
  PAIR(ZC_K_COPY, timeline::EventKind::copy)         \
  PAIR(ZC_K_FAULT, timeline::EventKind::fault)       \
  PAIR(ZC_K_OFF_CPU, timeline::EventKind::off_cpu)   \
  PAIR(ZC_K_SOFTIRQ, timeline::EventKind::softirq)   \
  PAIR(ZC_K_DISK, timeline::EventKind::disk)         \
  PAIR(ZC_K_TRANSMIT, timeline::EventKind::transmit) \
  PAIR(ZC_K_MARK, timeline::EventKind::mark)
ZC_MIRRORED(to_event_kind, zc_kind, timeline::EventKind, ZC_EVENT_KINDS, case ZC_KINDS : break;)

#define ZC_FLOW_ENDS(PAIR)                          \
  PAIR(ZC_AT_FILE, timeline::FlowEndKind::file)     \
  PAIR(ZC_AT_SOCKET, timeline::FlowEndKind::socket) \
  PAIR(ZC_AT_PIPE, timeline::FlowEndKind::pipe)     \
  PAIR(ZC_AT_DEVICE, timeline::FlowEndKind::device) \
  PAIR(ZC_AT_MEMORY, timeline::FlowEndKind::memory) \
  PAIR(ZC_AT_OTHER, timeline::FlowEndKind::other)   \
  PAIR(ZC_AT_PROCESS, timeline::FlowEndKind::process)
ZC_MIRRORED(to_flow_end_kind, zc_place_kind, timeline::FlowEndKind, ZC_FLOW_ENDS)

#define ZC_FLOW_METHODS(PAIR)                                     \
  PAIR(ZC_READ_WRITE, timeline::FlowMethod::read_write)           \
  PAIR(ZC_MMAP_WRITE, timeline::FlowMethod::mmap_write)           \
  PAIR(ZC_SENDFILE, timeline::FlowMethod::sendfile)               \
  PAIR(ZC_SPLICE, timeline::FlowMethod::splice)                   \
  PAIR(ZC_TEE, timeline::FlowMethod::tee)                         \
  PAIR(ZC_DIRECT_IO, timeline::FlowMethod::direct_io)             \
  PAIR(ZC_COPY_FILE_RANGE, timeline::FlowMethod::copy_file_range) \
  PAIR(ZC_MSG_ZEROCOPY, timeline::FlowMethod::msg_zerocopy)       \
  PAIR(ZC_IO_URING, timeline::FlowMethod::io_uring)               \
  PAIR(ZC_VMSPLICE, timeline::FlowMethod::vmsplice)               \
  PAIR(ZC_ONLY_READ, timeline::FlowMethod::read)                  \
  PAIR(ZC_ONLY_WRITE, timeline::FlowMethod::write)                \
  PAIR(ZC_PROCESS_VM, timeline::FlowMethod::process_vm)
ZC_MIRRORED(to_flow_method, zc_method, timeline::FlowMethod, ZC_FLOW_METHODS)

#define ZC_FLOW_LINKS(PAIR)                        \
  PAIR(ZC_BY_CALL, timeline::FlowLink::call)       \
  PAIR(ZC_BY_PIPE, timeline::FlowLink::pipe)       \
  PAIR(ZC_BY_MAPPING, timeline::FlowLink::mapping) \
  PAIR(ZC_BY_BUFFER, timeline::FlowLink::buffer)   \
  PAIR(ZC_UNLINKED, timeline::FlowLink::none)      \
  PAIR(ZC_BY_LIKELY_BUFFER, timeline::FlowLink::likely_buffer)
ZC_MIRRORED(to_flow_link, zc_link, timeline::FlowLink, ZC_FLOW_LINKS)

/// Bits of enum zc_cipher.
inline std::vector<timeline::Cipher> ciphers_of(uint64_t bits) {
  using timeline::Cipher;
  std::vector<Cipher> ciphers;
  for (const auto& [bit, cipher] : {std::pair{ZC_CIPHER_AES_GCM, Cipher::aes_gcm},
                                    {ZC_CIPHER_AES_CCM, Cipher::aes_ccm},
                                    {ZC_CIPHER_CHACHA20_POLY1305, Cipher::chacha20_poly1305},
                                    {ZC_CIPHER_AES_XTS, Cipher::aes_xts},
                                    {ZC_CIPHER_OTHER, Cipher::other}})
    if (bits & bit) ciphers.push_back(cipher);
  return ciphers;
}

/// Bits of enum zc_why.
inline std::vector<timeline::Fact> facts_of(uint64_t bits) {
  using timeline::Fact;
  std::vector<Fact> facts;
  for (const auto& [bit, fact] : {std::pair{ZC_IS_LOOPBACK, Fact::loopback},
                                  {ZC_NO_SCATTER_GATHER, Fact::no_scatter_gather},
                                  {ZC_NO_CHECKSUM, Fact::no_checksum},
                                  {ZC_IS_APPENDED, Fact::appended},
                                  {ZC_PAGES_MADE, Fact::pages_made},
                                  {ZC_NO_SO_ZEROCOPY, Fact::no_so_zerocopy},
                                  {ZC_IS_COMPRESSED, Fact::compressed}})
    if (bits & bit) facts.push_back(fact);
  return facts;
}

}  // namespace zctrace::capture
