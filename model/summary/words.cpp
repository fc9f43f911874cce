#include "model/summary/words.h"

#include <utility>

#include "model/quantities/cipher_names.h"

namespace zctrace::summary {

using namespace timeline;

std::string kernel_text(const timeline::Kernel& kernel, Language language) {
  if (kernel.release.empty()) return "";
  const std::string name =
      say_either(language, kernel.where == "lab", Text::linux_in_lab, Text::linux_on_host, kernel.release);
  return kernel.parameters.empty() ? name : name + std::string(words(Text::comma, language)) + kernel.parameters;
}

std::string function_text(const std::string& function, Language language) {
  return function == kFunctionUnseen ? std::string(words(Text::in_syscall, language)) : function;
}

std::string ciphers_text(std::vector<Cipher> ciphers, Language language) {
  return quantities::ciphers_text(std::move(ciphers), language);
}

Text text_of(End end) {
  switch (end) {
    case End::disk:
      return Text::disk;
    case End::page_cache:
      return Text::page_cache;
    case End::user_buffer:
      return Text::user_buffer;
    case End::pipe:
      return Text::pipe;
    case End::socket_buffer:
      return Text::socket_buffer;
    case End::nic:
      return Text::network_device;
    case End::file:
      return Text::file;
  }
  return Text::unknown;
}

Text text_of(Side side) { return side == Side::sender ? Text::sender : Text::receiver; }

Text text_of(Mover mover) {
  switch (mover) {
    case Mover::cpu:
      return Text::cpu_copy;
    case Mover::dma:
      return Text::dma;
    case Mover::reference:
      return Text::reference;
    case Mover::transform:
      return Text::transform;
  }
  return Text::unknown;
}

Text text_of(Context context) {
  return context == Context::syscall   ? Text::in_syscall
         : context == Context::softirq ? Text::in_softirq
                                       : Text::in_worker;
}

Text text_of(Evidence evidence) {
  switch (evidence) {
    case Evidence::exact:
      return Text::exact;
    case Evidence::at_least:
      return Text::at_least;
    case Evidence::sampled:
      return Text::sampled;
    case Evidence::inferred:
      return Text::inferred;
    case Evidence::none:
      return Text::no_evidence;
  }
  return Text::unknown;
}

Text text_of(EventKind kind) {
  switch (kind) {
    case EventKind::syscall:
      return Text::event_syscall;
    case EventKind::copy:
      return Text::event_copy;
    case EventKind::fault:
      return Text::event_fault;
    case EventKind::off_cpu:
      return Text::event_off_cpu;
    case EventKind::softirq:
      return Text::in_softirq;
    case EventKind::disk:
      return Text::disk;
    case EventKind::transmit:
      return Text::event_transmit;
    case EventKind::mark:
      return Text::event_mark;
  }
  return Text::unknown;
}

Text text_of(FlowEndKind kind) {
  switch (kind) {
    case FlowEndKind::file:
      return Text::end_file;
    case FlowEndKind::socket:
      return Text::end_socket;
    case FlowEndKind::pipe:
      return Text::end_pipe;
    case FlowEndKind::device:
      return Text::end_device;
    case FlowEndKind::memory:
      return Text::end_memory;
    case FlowEndKind::process:
      return Text::end_process;
    case FlowEndKind::other:
      break;
  }
  return Text::end_other;
}

}  // namespace zctrace::summary
