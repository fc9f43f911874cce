#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "model/timeline/ledger.h"
#include "model/timeline/names.h"
#include "tests/unit/timeline_samples.h"

/// Traced programs as they might have been seen. Test data only: plausible figures, none of them from a trace.
namespace zctrace::samples {

/// A command of which everything was seen exactly and which moved nothing.
inline Document program(std::vector<std::string> command) {
  Document document;
  auto& run = document.run;
  run.method = "exec";
  run.command = std::move(command);
  run.kernel = {"6.12.107", "lab", "x86_64"};
  auto& evidence = run.evidence;
  evidence.copies = evidence.system_calls = evidence.page_faults = Evidence::exact;
  evidence.context_switches = evidence.disk = evidence.nic = Evidence::exact;
  evidence.mechanism = "fentry";
  run.duration_ns = 2'345'678'901;
  document.ledger.flows.emplace();
  calls(document, {{"execve", 1}, {"mmap", 8}, {"exit_group", 1}});
  return document;
}

inline FlowEnd file(const std::string& name, uint64_t inode) { return {FlowEndKind::file, name, 8 << 20 | 1, inode}; }
inline FlowEnd socket(const std::string& name, uint64_t inode) { return {FlowEndKind::socket, name, 9, inode}; }
inline FlowEnd memory() { return {}; }

/// `copies`: how often the CPU copied each byte.
inline FlowPart part(FlowMethod method, FlowLink link, uint64_t bytes, uint64_t calls, unsigned copies) {
  FlowPart part;
  part.method = method;
  part.link = link;
  part.bytes = bytes;
  part.calls = calls;
  part.mode_switches = 2 * calls;
  part.cpu_bytes = copies * bytes;
  part.reference_bytes = copies == 0 ? bytes : 0;
  part.first_ns = 1'000'000;
  part.last_ns = 2'000'000'000;
  return part;
}

/// Adds the flow, its copies and its calls to the sums.
inline Flow& add(Document& document, Flow flow, End from, End to) {
  auto& ledger = document.ledger;
  for (const auto& part : flow.parts) {
    if (part.cpu_bytes > 0)
      ledger.copies.push_back(copy(from, to, Mover::cpu, "_copy_from_iter", part.cpu_bytes, part.calls));
    if (part.reference_bytes > 0)
      ledger.copies.push_back(
          copy(from, to, Mover::reference, "skb_splice_from_iter", part.reference_bytes, part.calls));
    ledger.sender.syscalls[part.method == FlowMethod::read_write ? "write" : std::string(text(part.method))] +=
        part.calls;
    ledger.sender.mode_switches.syscall += part.mode_switches;
    if (is_linked(part)) ledger.payload_bytes += part.bytes;
    ledger.dma.disk_bytes += part.disk_bytes;
    ledger.dma.disk_requests += part.disk_bytes / 131072;
  }
  return ledger.flows->list.emplace_back(std::move(flow));
}

/// A web server that sends eight files by sendfile, one by read and write, and one by both; and writes its log.
inline Document nginx() {
  auto document = program({"nginx:", "worker", "process"});
  document.run.method = "attach";
  document.run.detail = {"first:10000", 4321, {{"syscall", 4000}, {"transmit", 321}}};
  auto& ledger = document.ledger;
  for (uint64_t i = 10; i > 0; --i) {
    const auto bytes = i * 7 * kMiB / 2;
    Flow flow{file(fmt::format("/var/www/html/downloads/release-2026/part-{:02}.bin", i), 4000 + i),
              socket(fmt::format("tcp 10.0.0.1:80 - 10.0.0.2:{}", 41000 + i), 7000 + i),
              {},
              bytes,
              0,
              true};
    const auto sent = part(FlowMethod::sendfile, FlowLink::call, bytes, i * 12, 0);
    const auto written = part(FlowMethod::read_write, FlowLink::buffer, bytes, i * 112, 2);
    flow.parts = {i == 9 ? written : sent};
    if (i == 7) flow.parts.push_back(part(FlowMethod::read_write, FlowLink::buffer, kMiB, 64, 2));
    if (i % 2 == 0) flow.parts[0].disk_bytes = i == 4 ? bytes / 2 : bytes;
    for (size_t p = 1; p < flow.parts.size(); ++p) flow.sent_bytes += flow.parts[p].bytes;
    if (i == 9) flow.sent_linear_bytes = 0;
    ledger.transmit.payload_bytes += flow.sent_bytes;
    add(document, flow, End::page_cache, End::socket_buffer);
  }
  ledger.transmit.payload_bytes += 3120;
  ledger.transmit.linear_bytes = 3120;
  ledger.transmit.paged_bytes = ledger.transmit.payload_bytes - 3120;
  ledger.transmit.packets = 3187;
  ledger.transmit.header_bytes = 210'342;
  add(document,
      {memory(), file("/var/log/nginx/access.log", 5001), {part(FlowMethod::write, FlowLink::none, 1420, 10, 1)}},
      End::user_buffer, End::file);
  for (uint64_t i = 1; i <= 10; ++i)
    add(document,
        {memory(),
         socket(fmt::format("tcp 10.0.0.1:80 - 10.0.0.2:{}", 41000 + i), 7000 + i),
         {part(FlowMethod::write, FlowLink::none, 312, 1, 1)},
         312,
         312,
         true},
        End::user_buffer, End::socket_buffer);
  auto& flows = *ledger.flows;
  std::ranges::stable_sort(flows.list, std::greater{}, [](const Flow& flow) { return total(flow).bytes; });
  flows.unattributed_bytes = 20'480;
  flows.unattributed_copies = 12;
  ledger.copies.push_back(copy(End::socket_buffer, End::user_buffer, Mover::cpu, "_copy_to_iter", 20'480, 12));
  merge_copies(ledger.copies);
  ledger.sender.voluntary_switches = 93;
  ledger.sender.involuntary_switches = 4;
  return document;
}

/// A copy of a file by copy_file_range, after the libraries of its start.
inline Document cp() {
  auto document = program({"cp", "/srv/backup/2026-11-21/database-dump.sql", "/mnt/archive/database-dump.sql"});
  auto moved = part(FlowMethod::copy_file_range, FlowLink::call, 96 * kMiB, 1, 1);
  moved.disk_bytes = 96 * kMiB;
  add(document,
      {file("/srv/backup/2026-11-21/database-dump.sql", 81), file("/mnt/archive/database-dump.sql", 82), {moved}},
      End::page_cache, End::file);
  uint64_t inode = 100;
  for (const auto* library : {"/usr/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib/x86_64-linux-gnu/libselinux.so.1",
                              "/usr/lib/x86_64-linux-gnu/libacl.so.1.1.2301"})
    add(document, {file(library, ++inode), memory(), {part(FlowMethod::read, FlowLink::none, 832, 1, 1)}},
        End::page_cache, End::user_buffer);
  merge_copies(document.ledger.copies);
  return document;
}

/// cat and a sender by sendfile where only tracepoints work: the copies of the one inferred, of the other not known.
inline Document program_inferred() {
  auto document = program({"sh", "-c", "cat a.bin | nc 127.0.0.1 9000"});
  auto& run = document.run;
  run.kernel = {"6.18.5", "host", "x86_64"};
  run.evidence.copies = Evidence::inferred;
  run.evidence.mechanism = "syscalls";
  run.evidence.notes = {"This kernel refuses breakpoints and fentry: which function copied was not seen."};
  auto unknown = part(FlowMethod::sendfile, FlowLink::call, 3 * kMiB, 48, 0);
  unknown.copies_known = false;
  add(document,
      {file("/home/user/a.bin", 11),
       {FlowEndKind::pipe, "pipe:[4711]", 13, 4711},
       {part(FlowMethod::read_write, FlowLink::buffer, 4 * kMiB, 64, 2)}},
      End::page_cache, End::pipe);
  add(document, {file("/home/user/b.bin", 12), socket("tcp 127.0.0.1:51002 - 127.0.0.1:9000", 4712), {unknown}},
      End::page_cache, End::socket_buffer);
  add(document,
      {{FlowEndKind::pipe, "pipe:[4711]", 13, 4711},
       {FlowEndKind::device, "/dev/pts/3", 14, 6},
       {part(FlowMethod::splice, FlowLink::pipe, 512 * 1024, 8, 0)}},
      End::pipe, End::socket_buffer);
  auto& ledger = document.ledger;
  for (auto& each : ledger.copies) {
    each.evidence = Evidence::inferred;
    each.function.clear();
  }
  return document;
}

/// All that a program can leave beside its flows, and ends without names.
inline Document everything() {
  auto document = nginx();
  auto& run = document.run;
  run.complete = false;
  run.lost = {12, {{"syscall", 12}}};
  run.detail = {"2s", 0, {}};
  auto& flows = *document.ledger.flows;
  flows.list.resize(2);
  auto folded = part(FlowMethod::splice, FlowLink::pipe, 12 * kMiB, 192, 0);
  folded.cpu_bytes = 5000;
  document.ledger.payload_bytes = 0;
  for (const auto& flow : flows.list) document.ledger.payload_bytes += total(flow).bytes;
  add(document, {{FlowEndKind::file, "", 0, 0}, {FlowEndKind::socket, "", 0, 0}, {folded}}, End::pipe,
      End::socket_buffer);
  flows.merged = 1234;
  flows.dropped_calls = 17;
  flows.dropped_bytes = 17 * 65536;
  return document;
}

/// rsync of one file: it reads and sums up blocks, and sends what it put together; 4 bytes could be linked.
inline Document rsync() {
  auto document = program({"rsync", "-a", "--whole-file", "/srv/source/", "/srv/target/"});
  add(document,
      {file("/srv/source/image.bin", 21),
       socket("unix:[9001]", 22),
       {part(FlowMethod::read_write, FlowLink::buffer, 4, 2, 2)}},
      End::page_cache, End::socket_buffer);
  add(document,
      {file("/srv/source/image.bin", 21), memory(), {part(FlowMethod::read, FlowLink::none, 16 * kMiB, 64, 1)}},
      End::page_cache, End::user_buffer);
  add(document,
      {memory(), socket("unix:[9001]", 22), {part(FlowMethod::write, FlowLink::none, 16 * kMiB + 4711, 520, 1)}},
      End::user_buffer, End::socket_buffer);
  merge_copies(document.ledger.copies);
  return document;
}

/// A server whose TLS library encrypts in its own memory; a buffer used again links 10 KiB of a socket to itself.
inline Document user_tls() {
  auto document = program({"java", "-jar", "server.jar"});
  const auto client = socket("tcp 10.0.0.1:8443 - 10.0.0.2:41001", 31);
  add(document, {client, client, {part(FlowMethod::read_write, FlowLink::buffer, 10'240, 4, 2)}}, End::socket_buffer,
      End::socket_buffer);
  add(document, {file("/srv/www/film.mp4", 32), memory(), {part(FlowMethod::read, FlowLink::none, 32 * kMiB, 512, 1)}},
      End::page_cache, End::user_buffer);
  for (uint64_t i = 0; i < 4; ++i)
    add(document,
        {memory(),
         socket(fmt::format("tcp 10.0.0.1:8443 - 10.0.0.2:{}", 41001 + i), 31 + 100 * i),
         {part(FlowMethod::write, FlowLink::none, 8 * kMiB + 30'000, 512, 1)}},
        End::user_buffer, End::socket_buffer);
  merge_copies(document.ledger.copies);
  return document;
}

/// A server that sends a file by sendfile through kernel TLS, and its heads by write.
inline Document kernel_tls() {
  auto document = program({"nginx:", "worker", "process"});
  document.run.method = "attach";
  const auto client = socket("tcp 10.0.0.1:443 - 10.0.0.2:41001", 41);
  auto sent = part(FlowMethod::sendfile, FlowLink::call, 8 * kMiB, 128, 0);
  sent.transform_bytes = 8 * kMiB + 512;
  sent.transform_by = {Cipher::aes_gcm};
  auto head = part(FlowMethod::write, FlowLink::none, 312, 1, 1);
  head.transform_bytes = 313;
  head.transform_by = {Cipher::aes_gcm};
  add(document, {file("/var/www/html/film.mp4", 42), client, {sent}}, End::page_cache, End::socket_buffer);
  add(document, {memory(), client, {head}}, End::user_buffer, End::socket_buffer);
  auto& copies = document.ledger.copies;
  copies.push_back(copy(End::socket_buffer, End::socket_buffer, Mover::transform, "crypto_aead_encrypt",
                        sent.transform_bytes + head.transform_bytes, 513));
  merge_copies(copies);
  return document;
}

/// A file of a FUSE file system: who copies is in no call of the program.
inline Document fuse() {
  auto document = program({"server", "/mnt/bindfs"});
  auto moved = part(FlowMethod::sendfile, FlowLink::call, 3 * kMiB, 48, 0);
  moved.copies_known = false;
  moved.unexplained_bytes = moved.bytes;
  moved.unexplained_by = Unexplained::fuse;
  add(document, {file("/mnt/bindfs/film.mp4", 51), socket("tcp 10.0.0.1:80 - 10.0.0.2:41001", 52), {moved}},
      End::page_cache, End::socket_buffer);
  return document;
}

/// Files of a network file system, sent by sendfile and by read and write: kernel threads copied them as well.
inline Document network_files() {
  auto document = program({"server", "/mnt/nfs"});
  auto sent = part(FlowMethod::sendfile, FlowLink::call, 3 * kMiB, 48, 0);
  auto written = part(FlowMethod::read_write, FlowLink::buffer, 1 * kMiB, 32, 2);
  sent.at_least_by = written.at_least_by = Uncounted::network;
  const auto client = socket("tcp 10.0.0.1:80 - 10.0.0.2:41001", 52);
  add(document, {file("/mnt/nfs/film.mp4", 51), client, {sent}}, End::page_cache, End::socket_buffer);
  add(document, {file("/mnt/nfs/list.txt", 53), client, {written}}, End::user_buffer, End::socket_buffer);
  return document;
}

/// A program that did nothing worth a flow.
inline Document nothing_moved() { return program({"true"}); }

}  // namespace zctrace::samples
