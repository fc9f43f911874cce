#include "model/claims/judge.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "model/claims/claims_json.h"
#include "model/claims/experiments.h"
#include "model/claims/quantities.h"
#include "tests/unit/timeline_samples.h"

namespace judge_test {

using namespace zctrace;
using namespace zctrace::claims;
using nlohmann::json;

namespace {

Traced traced(const timeline::Document& document) { return {document.run, document.ledger}; }

timeline::Document sg_off(timeline::Document document) {
  document.run.path.scatter_gather = false;
  auto copy = samples::copy(timeline::End::socket_buffer, timeline::End::socket_buffer, timeline::Mover::cpu,
                            "skb_copy_bits", samples::kSize, 2897);
  copy.via = "skb_segment";
  document.ledger.copies.push_back(copy);
  return document;
}

json pair(const char* call, const char* from, const char* to, const char* error) {
  return {{"call", call}, {"from", from}, {"to", to}, {"bytes", *error ? 0 : 4096}, {"error", error}};
}

json series(const char* method, const char* offload, uint64_t size, double scale) {
  json one{{"method", method}, {"offload", offload}, {"size", size}};
  for (const double noise : {0.98, 1.0, 1.01, 1.02, 0.99}) {
    one["elapsed_ns"].push_back(1000 * scale * noise);
    one["machine_cpu_ns"].push_back(800 * scale * noise);
  }
  return one;
}

/// A kernel as the textbooks' readers would find it: what the samples show, and programs that found something
/// plausible.
Results results() {
  Results results;
  results.add("read_write", traced(samples::read_write()));
  results.add("mmap_write", traced(samples::mmap_write()));
  results.add("sendfile", traced(samples::sendfile(true)));
  results.add("splice", traced(samples::splice()));
  results.add("tee", traced(samples::tee()));
  results.add("direct_io", traced(samples::direct_io()));
  results.add("read_write_sg_off", traced(sg_off(samples::read_write())));
  results.add("sendfile_sg_off", traced(samples::sendfile(false)));
  results.add("splice_sg_off", traced(sg_off(samples::splice())));
  results.add("descriptors",
              json{{"pairs",
                    {pair("read_write", "file", "socket", ""), pair("read_write", "pipe", "file", ""),
                     pair("sendfile", "file", "socket", ""), pair("sendfile", "socket", "file", "EINVAL"),
                     pair("splice", "file", "file", "EINVAL"), pair("splice", "file", "pipe", ""),
                     pair("tee", "pipe", "pipe", ""), pair("tee", "file", "pipe", "EINVAL")}},
                   {"tee", {{"bytes", 4096}, {"left_in_first_pipe", 4096}}},
                   {"arguments", {{"read", 3}, {"write", 3}}}});
  results.add("ab_benchmark", json{{"kernel", {{"release", "6.18.5"}, {"where", "host"}}},
                                   {"series",
                                    {series("sendfile", "sg=on", 1 << 24, 1), series("sendfile", "sg=off", 1 << 24, 2),
                                     series("splice", "sg=on", 1 << 24, 1.1)}}});
  results.add("sweep", json{{"kernel", {{"release", "6.18.5"}, {"where", "host"}}},
                            {"series",
                             {series("mmap_write", "", 4096, 0.5), series("sendfile", "", 4096, 1),
                              series("mmap_write", "", 1 << 26, 3), series("sendfile", "", 1 << 26, 1)}}});
  return results;
}

const Claim& claim(const std::string& id) {
  const auto& all = claim_data().claims;
  const auto found = std::ranges::find(all, id, &Claim::id);
  REQUIRE(found != all.end());
  return *found;
}

Judged judged(const std::string& id, const Results& of) { return judge(claim(id), of); }

const QuantityVerdict& quantity(const std::vector<QuantityVerdict>& all, const std::string& name) {
  const auto found = std::ranges::find(all, name, &QuantityVerdict::quantity);
  REQUIRE(found != all.end());
  return *found;
}

timeline::Document with_copy(timeline::Document document) {
  document.ledger.copies.push_back(samples::copy(timeline::End::page_cache, timeline::End::pipe, timeline::Mover::cpu,
                                                 "copy_splice_read", samples::kSize, 64));
  return document;
}

}  // namespace

TEST_CASE("holds: until the run is another one") {
  auto measured = results();
  CHECK(judged("S2", measured).verdict == Verdict::holds);
  measured.add("sendfile", traced(with_copy(samples::sendfile(true))));
  const auto flipped = judged("S2", measured);
  CHECK(flipped.verdict == Verdict::does_not_hold);
  CHECK(flipped.measured.english.find("CPU copies per byte 1.00") != std::string::npos);
}

TEST_CASE("holds_if: the condition is found by experiment, and changes with it") {
  auto measured = results();
  auto found = judged("S1", measured);
  CHECK(found.verdict == Verdict::holds_if);
  CHECK(found.condition.english == "scatter-gather off");
  CHECK(judged("T1", measured).condition.english == "scatter-gather on");
  CHECK(found.why.english.find("skb_copy_bits in skb_segment") != std::string::npos);

  // A device layer that copied whatever the device can: it would hold without condition.
  measured.add("sendfile", traced(with_copy(samples::sendfile(true))));
  CHECK(judged("S1", measured).verdict == Verdict::holds);
}

TEST_CASE("does_not_hold: and holds where the measurement is as claimed") {
  auto measured = results();
  CHECK(judged("P2", measured).verdict == Verdict::does_not_hold);
  CHECK(judged("S5", measured).verdict == Verdict::does_not_hold);
  auto none = samples::splice();
  none.run.path.scatter_gather = false;
  measured.add("splice_sg_off", traced(none));
  CHECK(judged("P2", measured).verdict == Verdict::holds);
}

TEST_CASE("a splice that copied flips what is claimed of its copies") {
  auto measured = results();
  const auto before = judged("P1", measured);
  CHECK(quantity(by_quantity(before), "cpu_copies").verdict == Verdict::holds_if);
  CHECK(quantity(by_quantity(before), "mode_switches").verdict == Verdict::does_not_hold);
  CHECK(judged("W3", measured).verdict == Verdict::holds);
  CHECK(judged("W8", measured).verdict == Verdict::holds);

  auto copied = samples::splice();
  copied.ledger.copies.push_back(samples::copy(timeline::End::page_cache, timeline::End::user_buffer,
                                               timeline::Mover::cpu, "_copy_to_iter", samples::kSize, 64));
  measured.add("splice", traced(copied));
  const auto after = judged("P1", measured);
  CHECK(quantity(by_quantity(after), "cpu_copies").verdict == Verdict::does_not_hold);
  CHECK(after.why.english.find("Nothing is copied") == std::string::npos);
  CHECK(judged("W3", measured).verdict != Verdict::holds);
  CHECK(judged("W8", measured).verdict == Verdict::does_not_hold);
}

TEST_CASE("self_contradictory: while one of two statements is measured; neither holds if neither is") {
  auto measured = results();
  const auto found = judged("S4", measured);
  CHECK(found.verdict == Verdict::self_contradictory);
  CHECK(found.measured.english.find("2.00") != std::string::npos);
  measured.add("sendfile", traced(with_copy(with_copy(samples::sendfile(true)))));  // 4 copies
  CHECK(judged("S4", measured).verdict == Verdict::does_not_hold);
}

TEST_CASE("not_tested: names what is missing") {
  auto measured = results();
  CHECK(judged("W1", measured).verdict == Verdict::not_tested);
  CHECK(judged("W1", measured).why.english.find("visible") != std::string::npos);
  CHECK(judged("J9", measured).verdict == Verdict::not_tested);
  CHECK(judged("J9", measured).why.english.find("tests/run -R gallery") != std::string::npos);
  CHECK(judged("J9", measured).evidence == timeline::Evidence::none);
}

TEST_CASE("copies that were only inferred prove nothing, and never hold") {
  Results measured;
  for (const char* name : {"read_write", "mmap_write", "sendfile", "splice", "tee", "direct_io", "read_write_sg_off",
                           "mmap_write_sg_off", "sendfile_sg_off", "splice_sg_off", "sendfile_to_file"}) {
    auto document = samples::sendfile(true);
    document.run.evidence.copies = timeline::Evidence::inferred;
    SUBCASE("told from system calls") {}
    SUBCASE("and perhaps not all of them") { document.run.evidence.copies_unknown = true; }
    measured.add(name, traced(document));
  }
  int about_copies = 0;
  for (const auto& each : claim_data().claims) {
    const auto found = judge(each, measured);
    CAPTURE(each.id);
    const bool copies = std::ranges::any_of(each.settings, [](const auto& setting) {
      return std::ranges::any_of(setting.checks, [](const auto& check) {
        const auto query = query_of(check.rule.left);
        return query.quantity.find("copies") != std::string::npos && query.of != "visible" &&
               query.quantity != "disk_copies" && query.quantity != "nic_copies" && query.quantity != "dma_copies";
      });
    });
    if (copies) CHECK(found.verdict == Verdict::not_tested);
    about_copies += copies;
  }
  CHECK(about_copies > 10);
  CHECK(judged("S5", measured).verdict == Verdict::does_not_hold);  // switches are counted on any kernel
}

TEST_CASE("a control that fails leaves the claim untested") {
  auto measured = results();
  const auto memory = [](uint64_t found) {
    return json{{"methods",
                 {{{"method", "read_write"}, {"visible_bytes", found}, {"mapped_bytes", 0u}},
                  {{"method", "sendfile"}, {"visible_bytes", 0u}, {"mapped_bytes", 0u}}}}};
  };
  measured.add("visible", memory(65536));
  CHECK(judged("W10", measured).verdict == Verdict::holds);
  measured.add("visible", memory(0));
  CHECK(judged("W10", measured).verdict == Verdict::not_tested);
}

TEST_CASE("ratios count only beyond their spread") {
  auto measured = results();
  CHECK(judged("W5", measured).verdict == Verdict::holds);
  CHECK(judged("W5", measured).why.english.find("between 4 KiB and 64 MiB") != std::string::npos);
  CHECK(judged("W5", measured).why.english.find("machine's CPU, Linux 6.18.5") != std::string::npos);
  CHECK(judged("W7", measured).verdict == Verdict::does_not_hold);

  json noisy{{"series",
              {series("mmap_write", "", 4096, 1), series("sendfile", "", 4096, 1), series("mmap_write", "", 1 << 26, 3),
               series("sendfile", "", 1 << 26, 1)}}};
  noisy["series"][0]["elapsed_ns"] = {500, 1500, 700, 1400, 1000};
  measured.add("sweep", noisy);
  CHECK(judged("W5", measured).verdict == Verdict::does_not_hold);
  noisy["series"][0]["elapsed_ns"] = {500, 1500};
  measured.add("sweep", noisy);
  CHECK(judged("W5", measured).why.english.find("No crossover") != std::string::npos);
}

TEST_CASE("what two articles count is judged by copies of CPU and DMA together and by mode switches") {
  auto measured = results();
  CHECK(judged("L1", measured).condition.english == "scatter-gather on");
  CHECK(judged("L1", measured).why.english.find("are mode switches") != std::string::npos);
  CHECK(judged("L3", measured).condition.english == "scatter-gather off");
  CHECK(judged("L4", measured).verdict == Verdict::holds);
  measured.add("sendfile", traced(with_copy(samples::sendfile(true))));
  CHECK(judged("L4", measured).verdict == Verdict::does_not_hold);
  CHECK(judged("L3", measured).verdict == Verdict::holds);

  auto one_call = samples::mmap_write();
  one_call.run.chunk = samples::kSize;
  one_call.ledger.sender = {};
  samples::calls(one_call, {{"mmap", 1}, {"write", 1}, {"munmap", 1}});
  measured.add("mmap_write_one_call", traced(one_call));
  CHECK(judged("L2", measured).verdict == Verdict::does_not_hold);
  one_call.ledger.sender = {};
  samples::calls(one_call, {{"mmap", 1}, {"write", 1}});
  measured.add("mmap_write_one_call", traced(one_call));
  CHECK(judged("L2", measured).condition.english == "the whole file in one call");
}

TEST_CASE("the time that an article says is saved is a ratio of neighbouring samples") {
  auto measured = results();
  CHECK(judged("I1", measured).verdict == Verdict::not_tested);
  const json without = *measured.program("ab_benchmark");
  const auto with = [&](double read_write) {
    json timed = without;
    timed["series"].push_back(series("read_write", "sg=on", 1 << 24, read_write));
    measured.add("ab_benchmark", timed);
    return std::pair(judged("I1", measured).verdict, judged("I2", measured).verdict);
  };
  CHECK(with(2.9) == std::pair(Verdict::holds, Verdict::holds));
  CHECK(with(2.0) == std::pair(Verdict::does_not_hold, Verdict::holds));
  CHECK(with(1.1) == std::pair(Verdict::does_not_hold, Verdict::does_not_hold));
  CHECK(judged("I1", measured).why.english.find("91% of the time") != std::string::npos);
}

TEST_CASE("MSG_ZEROCOPY copies where the measurement says so, and nowhere else") {
  auto measured = results();
  auto none = samples::sendfile(true), copied = none;
  none.run.method = copied.run.method = "mmap_zerocopy";
  copied.ledger.copies.push_back(samples::copy(timeline::End::socket_buffer, timeline::End::socket_buffer,
                                               timeline::Mover::cpu, "skb_copy_ubufs", samples::kSize, 64));
  const auto verdict = [&](bool sg_on, bool sg_off, bool loopback) {
    measured.add("mmap_zerocopy", traced(sg_on ? copied : none));
    measured.add("mmap_zerocopy_sg_off", traced(sg_off ? copied : none));
    measured.add("mmap_zerocopy_loopback", traced(loopback ? copied : none));
    return judged("O1", measured);
  };
  CHECK(verdict(false, true, true).condition.english == "scatter-gather on");
  CHECK(verdict(false, true, true).why.english.find("over loopback, 1.00 times (skb_copy_ubufs)") != std::string::npos);
  CHECK(verdict(false, false, false).verdict == Verdict::holds);
  CHECK(verdict(true, true, true).verdict == Verdict::does_not_hold);
}

TEST_CASE("sendfile over kernel TLS: without a copy, never without the word for what touched the bytes") {
  auto measured = results();
  auto document = samples::sendfile(true);
  document.run.method = "ktls_sendfile";
  const auto judged_tls = [&] {
    measured.add("ktls_sendfile", traced(document));
    return judged("O2", measured);
  };
  CHECK(judged_tls().verdict == Verdict::not_tested);  // nothing was encrypted
  document.ledger.copies.push_back(samples::copy(timeline::End::page_cache, timeline::End::socket_buffer,
                                                 timeline::Mover::transform, "crypto_aead_encrypt", samples::kSize,
                                                 256));
  document.ledger.copies.back().cipher = timeline::Cipher::aes_gcm;
  const auto found = judged_tls();
  CHECK(found.verdict == Verdict::holds);
  CHECK(found.measured.english.find("transforms per byte") != std::string::npos);
  CHECK(found.why.english.find("AES-GCM by the CPU transforms each byte 1.00 times") != std::string::npos);
  document = with_copy(document);
  CHECK(judged_tls().verdict == Verdict::does_not_hold);
}

TEST_CASE("io_uring makes fewer switches while its calls are fewer") {
  auto measured = results();
  const auto calls = [&](uint64_t times) {
    auto document = samples::read_write();
    document.run.method = "uring_read_send";
    document.ledger.sender = {};
    samples::calls(document, {{"io_uring_enter", times}});
    measured.add("uring_read_send", traced(document));
    return judged("O3", measured).verdict;
  };
  CHECK(calls(64) == Verdict::holds);
  CHECK(calls(128) == Verdict::does_not_hold);
}

TEST_CASE("copy_file_range: inside the kernel is one claim, inside the file system another") {
  auto measured = results();
  auto document = samples::into(samples::sendfile(true), "file");
  document.run.method = "copy_file_range";
  measured.add("copy_file_range", traced(document));
  CHECK(judged("O4", measured).verdict == Verdict::holds);
  CHECK(judged("O5", measured).verdict == Verdict::does_not_hold);
  CHECK(judged("O5", measured).why.english.find("nvme0n1 (ext4)") != std::string::npos);
  auto shared = document;
  std::erase_if(shared.ledger.copies, [](const auto& copy) { return copy.by == timeline::Mover::cpu; });
  measured.add("copy_file_range", traced(shared));
  CHECK(judged("O5", measured).verdict == Verdict::holds);
  document.ledger.copies.push_back(samples::copy(timeline::End::page_cache, timeline::End::user_buffer,
                                                 timeline::Mover::cpu, "_copy_to_iter", samples::kSize, 64));
  measured.add("copy_file_range", traced(document));
  CHECK(judged("O4", measured).verdict == Verdict::does_not_hold);
}

TEST_CASE("a damaged result is a reason, not a verdict") {
  auto measured = results();
  measured.add("descriptors", json{{"pairs", 7}});
  CHECK(judged("P3", measured).verdict == Verdict::not_tested);
  CHECK(judged("P3", measured).why.english.find("damaged") != std::string::npos);
}

TEST_CASE("tables hold the claimed against the measured value, cell by cell") {
  const auto judgment = judge(claim_data(), results());
  const auto table = std::ranges::find(judgment.tables, "004", &Table::textbook);
  REQUIRE(table != judgment.tables.end());
  const auto cell = [&](const char* id, const char* column) {
    const auto row = std::ranges::find(table->rows, id, &TableRow::claim);
    const auto at = std::ranges::find(table->columns, column, &Words::english);
    REQUIRE(row != table->rows.end());
    REQUIRE(at != table->columns.end());
    return row->cells.at(static_cast<size_t>(at - table->columns.begin()));
  };
  CHECK(cell("P1", "mode switches per chunk").agrees == false);
  CHECK(cell("P1", "mode switches per chunk").measured.english == "4.00");
  CHECK(cell("P1", "CPU copies per byte").agrees == true);
  CHECK(cell("P1", "needs scatter-gather hardware").agrees == false);
  CHECK(cell("P1", "needs scatter-gather hardware").measured.english == "yes: 1.00 copies without");
  CHECK(cell("S1", "CPU copies per byte").measured.english == "1.00");
  CHECK(cell("S1", "needs scatter-gather hardware").agrees == true);
  CHECK(cell("S2", "needs scatter-gather hardware").agrees == true);
  CHECK(cell("T1", "system calls per chunk").agrees == true);
  CHECK(cell("M1", "system calls per chunk").agrees == false);
  CHECK(cell("M1", "accepts any descriptor").agrees == std::nullopt);  // not tried in these results
}

TEST_CASE("JSON has the fixed names") {
  const auto data = to_json(judge(claim_data(), results()), Language::english);
  CHECK(data.at("claims").size() == claim_data().claims.size());
  for (const auto& each : data.at("claims"))
    for (const char* name : {"id", "textbook", "claimed", "measured", "verdict", "condition", "evidence", "why"})
      CHECK(each.contains(name));
}

TEST_CASE("a claim is one entry of claims.json: it is judged, explained and needs its experiments") {
  std::ifstream file(ZCTRACE_SOURCE_DIR "/model/claims/claims.json");
  auto copy = nlohmann::ordered_json::parse(file);
  copy["claims"].push_back(nlohmann::ordered_json::parse(R"({
    "id": "X1", "textbooks": ["004"], "en": "splice copies as sendfile does, once", "zh": "splice 与 sendfile 一样拷贝一次",
    "settings": [{"condition": "sg_on"}, {"condition": "sg_off", "suffix": "_sg_off"}],
    "checks": [{"value": "cpu_copies@splice", "minus": "cpu_copies@sendfile", "is": 0},
               {"value": "cpu_copies@splice", "above": 0.9}],
    "why": [{"when": [{"value": "cpu_copies/sg_on", "agrees": false}], "en": "not {cpu_copies@splice}", "zh": "非"},
            [{"when": [{"value": "cpu_copies@sendfile_sg_off", "less": "{cpu_copies@sendfile}"}], "en": "less", "zh": "少"},
             {"when": [{"value": "verdict", "is": "holds_if"}], "en": "with conditions", "zh": "有条件"},
             {"en": "else", "zh": "否则"}]]})"));
  const ClaimData data = parse_claims(copy.dump());
  const Claim& added = data.claims.back();
  auto measured = results();
  auto found = judge(added, measured);
  CHECK(found.verdict == Verdict::holds_if);
  CHECK(found.condition.english == "scatter-gather off");
  CHECK(found.why.english == "not 0.00 with conditions");
  CHECK(experiments_of(added) == std::vector<std::string>{"sendfile", "splice", "sendfile_sg_off", "splice_sg_off"});

  measured.add("sendfile", traced(with_copy(samples::sendfile(true))));
  measured.add("splice", traced(with_copy(samples::splice())));
  CHECK(judge(added, measured).verdict == Verdict::holds);
  measured.add("splice", traced(samples::splice()));
  measured.add("splice_sg_off", traced(samples::splice()));
  CHECK(judge(added, measured).verdict == Verdict::does_not_hold);
}

}  // namespace judge_test
