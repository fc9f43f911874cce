#include "model/timeline/names.h"

namespace zctrace::timeline {

// Switches, so that a value without a word does not compile.
std::string_view text(End value) {
  switch (value) {
    case End::disk:
      return "disk";
    case End::page_cache:
      return "page cache";
    case End::user_buffer:
      return "user buffer";
    case End::pipe:
      return "pipe";
    case End::socket_buffer:
      return "socket buffer";
    case End::nic:
      return "nic";
    case End::file:
      return "file";
  }
  return {};
}

std::string_view text(Mover value) {
  switch (value) {
    case Mover::cpu:
      return "cpu";
    case Mover::dma:
      return "dma";
    case Mover::reference:
      return "reference";
    case Mover::transform:
      return "transform";
  }
  return {};
}

std::string_view text(Side value) {
  switch (value) {
    case Side::sender:
      return "sender";
    case Side::receiver:
      return "receiver";
  }
  return {};
}

std::string_view text(Context value) {
  switch (value) {
    case Context::syscall:
      return "syscall";
    case Context::softirq:
      return "softirq";
    case Context::worker:
      return "worker";
  }
  return {};
}

std::string_view text(Evidence value) {
  switch (value) {
    case Evidence::exact:
      return "exact";
    case Evidence::at_least:
      return "at_least";
    case Evidence::sampled:
      return "sampled";
    case Evidence::inferred:
      return "inferred";
    case Evidence::none:
      return "none";
  }
  return {};
}

std::string_view text(EventKind value) {
  switch (value) {
    case EventKind::syscall:
      return "syscall";
    case EventKind::copy:
      return "copy";
    case EventKind::fault:
      return "fault";
    case EventKind::off_cpu:
      return "off_cpu";
    case EventKind::softirq:
      return "softirq";
    case EventKind::disk:
      return "disk";
    case EventKind::transmit:
      return "transmit";
    case EventKind::mark:
      return "mark";
  }
  return {};
}

std::string_view text(FlowEndKind value) {
  switch (value) {
    case FlowEndKind::file:
      return "file";
    case FlowEndKind::socket:
      return "socket";
    case FlowEndKind::pipe:
      return "pipe";
    case FlowEndKind::device:
      return "device";
    case FlowEndKind::memory:
      return "memory";
    case FlowEndKind::other:
      return "other";
    case FlowEndKind::process:
      return "process";
  }
  return {};
}

std::string_view text(FlowMethod value) {
  switch (value) {
    case FlowMethod::read_write:
      return "read_write";
    case FlowMethod::mmap_write:
      return "mmap_write";
    case FlowMethod::sendfile:
      return "sendfile";
    case FlowMethod::splice:
      return "splice";
    case FlowMethod::tee:
      return "tee";
    case FlowMethod::direct_io:
      return "direct_io";
    case FlowMethod::copy_file_range:
      return "copy_file_range";
    case FlowMethod::msg_zerocopy:
      return "msg_zerocopy";
    case FlowMethod::io_uring:
      return "io_uring";
    case FlowMethod::vmsplice:
      return "vmsplice";
    case FlowMethod::read:
      return "read";
    case FlowMethod::write:
      return "write";
    case FlowMethod::process_vm:
      return "process_vm";
  }
  return {};
}

std::string_view text(FlowLink value) {
  switch (value) {
    case FlowLink::call:
      return "call";
    case FlowLink::pipe:
      return "pipe";
    case FlowLink::mapping:
      return "mapping";
    case FlowLink::buffer:
      return "buffer";
    case FlowLink::none:
      return "none";
    case FlowLink::likely_buffer:
      return "likely_buffer";
  }
  return {};
}

std::string_view text(Uncounted value) {
  switch (value) {
    case Uncounted::journal:
      return "journal";
    case Uncounted::network:
      return "network";
    case Uncounted::terminal:
      return "terminal";
  }
  return {};
}

std::string_view text(Unexplained value) {
  switch (value) {
    case Unexplained::unseen:
      return "unseen";
    case Unexplained::disk:
      return "disk";
    case Unexplained::fuse:
      return "fuse";
    case Unexplained::kernel_tls:
      return "kernel_tls";
  }
  return {};
}

std::string_view text(Cipher value) {
  switch (value) {
    case Cipher::other:
      return "other";
    case Cipher::aes_gcm:
      return "aes_gcm";
    case Cipher::aes_ccm:
      return "aes_ccm";
    case Cipher::chacha20_poly1305:
      return "chacha20_poly1305";
    case Cipher::aes_xts:
      return "aes_xts";
  }
  return {};
}

std::string_view text(Fact value) {
  switch (value) {
    case Fact::loopback:
      return "loopback";
    case Fact::no_scatter_gather:
      return "no_scatter_gather";
    case Fact::no_checksum:
      return "no_checksum";
    case Fact::appended:
      return "appended";
    case Fact::pages_made:
      return "pages_made";
    case Fact::no_so_zerocopy:
      return "no_so_zerocopy";
    case Fact::compressed:
      return "compressed";
  }
  return {};
}

std::string_view text(CpuWork value) {
  switch (value) {
    case CpuWork::other:
      return "other";
    case CpuWork::copy:
      return "copy";
    case CpuWork::transform:
      return "transform";
    case CpuWork::program:
      return "program";
  }
  return {};
}

std::string_view text(StackEnd value) {
  switch (value) {
    case StackEnd::whole:
      return "whole";
    case StackEnd::unknown:
      return "unknown";
    case StackEnd::deep:
      return "deep";
    case StackEnd::softirq:
      return "softirq";
    case StackEnd::worker:
      return "worker";
    case StackEnd::compat:
      return "compat";
  }
  return {};
}

template <class Enum>
std::optional<Enum> value_of(std::string_view word) {
  for (int i = 0;; ++i) {
    const auto value = static_cast<Enum>(i);
    if (text(value).empty()) return std::nullopt;
    if (text(value) == word) return value;
  }
}

template <class Enum>
std::string words() {
  std::string joined;
  for (int i = 0; !text(static_cast<Enum>(i)).empty(); ++i)
    (joined += joined.empty() ? "" : ", ") += text(static_cast<Enum>(i));
  return joined;
}

template std::optional<End> value_of(std::string_view);
template std::optional<Mover> value_of(std::string_view);
template std::optional<Side> value_of(std::string_view);
template std::optional<Context> value_of(std::string_view);
template std::optional<Evidence> value_of(std::string_view);
template std::optional<EventKind> value_of(std::string_view);
template std::optional<FlowEndKind> value_of(std::string_view);
template std::optional<FlowMethod> value_of(std::string_view);
template std::optional<FlowLink> value_of(std::string_view);
template std::optional<Uncounted> value_of(std::string_view);
template std::optional<Unexplained> value_of(std::string_view);
template std::optional<Cipher> value_of(std::string_view);
template std::optional<Fact> value_of(std::string_view);
template std::optional<CpuWork> value_of(std::string_view);
template std::optional<StackEnd> value_of(std::string_view);
template std::string words<End>();
template std::string words<Mover>();
template std::string words<Side>();
template std::string words<Context>();
template std::string words<Evidence>();
template std::string words<EventKind>();
template std::string words<FlowEndKind>();
template std::string words<FlowMethod>();
template std::string words<FlowLink>();
template std::string words<Uncounted>();
template std::string words<Unexplained>();
template std::string words<Cipher>();
template std::string words<Fact>();
template std::string words<CpuWork>();
template std::string words<StackEnd>();

}  // namespace zctrace::timeline
