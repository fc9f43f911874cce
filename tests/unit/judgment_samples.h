#pragma once

#include "model/claims/judged.h"

/// A judgment as it might come out, every verdict in it. Test data only: none of its figures is from a run.
namespace zctrace::samples {

using namespace claims;

inline Words same(const char* text) { return {text, text}; }

inline Part part(Words label, const char* claimed, const char* measured, std::optional<bool> agrees,
                 std::vector<Proof> proofs, timeline::Evidence evidence = timeline::Evidence::exact) {
  Part part;
  part.label = std::move(label);
  part.claimed = same(claimed);
  part.measured = same(measured);
  part.agrees = agrees;
  part.evidence = evidence;
  part.rule = {std::string(claimed) + " ± 10 %", std::string(claimed) + " ± 10%"};
  part.proofs = std::move(proofs);
  return part;
}

inline Words cpu_copies() { return {"CPU copies per byte", "每字节 CPU 拷贝次数"}; }
inline Words mode_switches() { return {"mode switches per chunk", "每块模式切换次数"}; }

inline std::vector<Judged> claims() {
  const Proof disk{"read_write", "sender/disk/page cache/dma"},
      cache{"read_write", "sender/page cache/user buffer/cpu"}, switches{"read_write", "sender/mode switches"},
      sent{"sendfile", "sender/page cache/socket buffer/reference"}, not_on_the_page{"sendfile_sizes", ""};
  Judged t1;
  t1.id = "T1";
  t1.textbooks = {"000", "004"};
  t1.statement = {"read + write costs four switches, two CPU copies and two DMA copies",
                  "read + write 需要四次切换、两次 CPU 拷贝和两次 DMA 拷贝"};
  t1.claimed = {"4 switches, 2 CPU copies", "4 次切换，2 次 CPU 拷贝"};
  t1.measured = {"4.01 switches, 2.00 CPU copies", "4.01 次切换，2.00 次 CPU 拷贝"};
  t1.verdict = Verdict::holds;
  t1.why = {"Each chunk is read and written once: two calls, two copies.",
            "每一块读一次、写一次：两次调用，两次拷贝。"};
  t1.evidence = timeline::Evidence::exact;
  t1.settings = {
      {{},
       {part(cpu_copies(), "2", "2.00", true, {cache}), part(mode_switches(), "4", "4.01", true, {switches})},
       true}};

  Judged m1;
  m1.id = "M1";
  m1.textbooks = {"000", "004"};
  m1.statement = {"mmap + write costs four switches", "mmap + write 需要四次切换"};
  m1.claimed = {"4 switches", "4 次切换"};
  m1.measured = {"3.12 switches", "3.12 次切换"};
  m1.verdict = Verdict::does_not_hold;
  m1.why = {"The file is mapped once, not once for each chunk, and faults switch modes too; no document counts them.",
            "文件只映射一次，并非每块一次；缺页同样切换模式，而文献都没有计入。"};
  m1.evidence = timeline::Evidence::inferred;
  m1.settings = {{{}, {part(mode_switches(), "4", "3.12", false, {disk}, timeline::Evidence::inferred)}, false}};

  Judged s1;
  s1.id = "S1";
  s1.textbooks = {"000", "004"};
  s1.statement = {"sendfile without scatter-gather copies once on the CPU",
                  "没有分散/聚集时，sendfile 用 CPU 拷贝一次"};
  s1.claimed = {"1 CPU copy", "1 次 CPU 拷贝"};
  s1.measured = {"0.00 on, 1.00 off", "开启时 0.00，关闭时 1.00"};
  s1.verdict = Verdict::holds_if;
  s1.condition = {"scatter-gather is off", "分散/聚集关闭"};
  s1.why = {"Without scatter-gather the device layer gathers the pages into one buffer.",
            "没有分散/聚集时，由设备层把各页收集到一个缓冲区。"};
  s1.evidence = timeline::Evidence::exact;
  s1.settings = {
      {{"scatter-gather on", "分散/聚集开启"}, {part(cpu_copies(), "1", "0.00", false, {sent, sent})}, false},
      {{"scatter-gather off", "分散/聚集关闭"},
       {part(cpu_copies(), "1", "1.00", true, {{"sendfile", "sender/socket buffer/socket buffer/cpu"}})},
       true}};

  Judged s4;
  s4.id = "S4";
  s4.textbooks = {"000"};
  s4.statement = {"sendfile copies three times, and: sendfile copies twice",
                  "sendfile 拷贝三次；又说：sendfile 拷贝两次"};
  s4.claimed = {"3 copies; 2 copies", "3 次拷贝；2 次拷贝"};
  s4.measured = {"2.00 copies", "2.00 次拷贝"};
  s4.verdict = Verdict::self_contradictory;
  s4.why = {"The document says both; two were measured, both by DMA.", "文献两种都说；实测为两次，都是 DMA。"};
  s4.evidence = timeline::Evidence::exact;
  s4.settings = {{{},
                  {part({"copies", "拷贝次数"}, "3", "2.00", false, {sent}),
                   part({"copies", "拷贝次数"}, "2", "2.00", true, {sent})},
                  false}};

  Judged w5;
  w5.id = "W5";
  w5.textbooks = {"004"};
  w5.statement = {"mmap suits small files, sendfile suits large ones", "mmap 适合小文件，sendfile 适合大文件"};
  w5.verdict = Verdict::not_tested;
  w5.why = {"The sizes were not swept here.", "此处没有逐一测试各种大小。"};
  auto unknown = part({"time of mmap against sendfile", "mmap 与 sendfile 的耗时之比"}, "< 1", "", {},
                      {not_on_the_page}, timeline::Evidence::none);
  unknown.missing = {"no run of that size", "没有这一大小的运行"};
  w5.settings = {{{}, {unknown}, {}}};

  Judged o2;
  o2.id = "O2";
  o2.textbooks = {"005"};
  o2.sources = {{"Kernel TLS and sendfile, a blog", 2021, "https://example.org/kernel-tls"}};
  o2.statement = {"sendfile works with kernel TLS without a copy", "sendfile 配合内核 TLS 没有拷贝"};
  o2.measured = {"0.00 CPU copies, 1.00 transforms", "0.00 次 CPU 拷贝，1.00 次变换"};
  o2.verdict = Verdict::holds;
  o2.why = {"AES-GCM by the CPU transforms each byte.", "CPU 执行 AES-GCM，变换每个字节。"};
  o2.evidence = timeline::Evidence::exact;
  o2.settings = {{{}, {part(cpu_copies(), "0", "0.00", true, {})}, true}};
  return {t1, m1, s1, s4, w5, o2};
}

/// On one kernel; on another M1 holds, and S4 was not judged.
inline std::vector<Judgment> judgments() {
  Judgment first;
  first.kernel = "6.12.107";
  first.where = "lab";
  first.textbooks = {{"000", {"Zero-copy in Linux and Java", "Linux 与 Java 的零拷贝"}},
                     {"004", {"Linux zero copy", "Linux 零拷贝"}},
                     {"005", {"What else is said", "还有哪些论断"}, true}};
  first.claims = claims();
  first.tables = {{"004",
                   {"summary", "总结"},
                   {{"system calls", "系统调用"}, {"mode switches", "模式切换"}, {"CPU copies", "CPU 拷贝"}},
                   {{{"read + write", "传统方法"},
                     "T1",
                     {{same("read + write"), same("read + write"), true, {}},
                      {same("4"), same("4.01"), true, {{"read_write", "sender/mode switches"}}},
                      {same("2"), same("2.00"), true, {{"read_write", "sender/page cache/user buffer/cpu"}}}}},
                    {{"mmap + write", "内存映射"},
                     "M1",
                     {{same("mmap + write"), same("mmap + write"), true, {}},
                      {same("4"), same("3.12"), false, {{"mmap_write", ""}}},
                      {same("1"), {}, {}, {}}}}}}};
  auto second = first;
  second.kernel = "5.10.223";
  second.claims[1].verdict = Verdict::holds;
  second.claims[1].measured = {"4.00 switches", "4.00 次切换"};
  std::erase_if(second.claims, [](const Judged& claim) { return claim.id == "S4"; });
  return {first, second};
}

}  // namespace zctrace::samples
