#include "model/claims/experiments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/units.h"
#include "model/claims/method_claims.h"
#include "model/language/texts.h"
#include "model/timeline/ledger.h"

namespace zctrace::claims {
namespace {

constexpr std::array<std::pair<std::string_view, Text>, 16> kPrograms{
    {{"descriptors", Text::experiment_descriptors},
     {"visible", Text::experiment_visible},
     {"ab_benchmark", Text::experiment_ab_benchmark},
     {"sweep", Text::experiment_sweep},
     {"nginx_default", Text::experiment_nginx_default},
     {"nginx_packaged", Text::experiment_nginx_packaged},
     {"tomcat", Text::experiment_tomcat},
     {"netty", Text::experiment_netty},
     {"mariadb", Text::experiment_mariadb},
     {"kafka", Text::experiment_kafka},
     {"kafka_follow", Text::experiment_kafka_follow},
     {"kafka_packed", Text::experiment_kafka_packed},
     {"kafka_tls", Text::experiment_kafka_tls},
     {"rocketmq", Text::experiment_rocketmq},
     {"rocketmq_mapped", Text::experiment_rocketmq_mapped},
     {"pulsar_package", Text::experiment_pulsar_package}}};

constexpr std::string_view kGallery = "-R gallery", kKafka = "-C whole -R kafka", kRocketmq = "-C whole -R rocketmq",
                           kPulsar = "-C whole -R pulsar";

/// A trace that somebody else made.
constexpr Experiment given(std::string_view name, std::string_view tests) {
  Experiment experiment{name, "", "", ""};
  experiment.given = tests;
  return experiment;
}

}  // namespace

const std::vector<Experiment>& experiments() {
  static const std::vector<Experiment> all{
      {"read_write", "read_write", "", ""},
      {"mmap_write", "mmap_write", "", ""},
      {"mmap_populate", "mmap_populate", "", ""},
      {"sendfile", "sendfile", "", ""},
      {"splice", "splice", "", ""},
      {"tee", "tee", "", ""},
      {"direct_io", "direct_io", "", ""},
      {"uring_direct", "uring_direct", "", ""},
      {"read_write_warm", "read_write", "", "", 64 << 10, true},
      {"read_write_sg_off", "read_write", "", "sg=off"},
      {"mmap_write_sg_off", "mmap_write", "", "sg=off"},
      {"sendfile_sg_off", "sendfile", "", "sg=off"},
      {"splice_sg_off", "splice", "", "sg=off"},
      {"read_write_one_call", "read_write", "", "", kExperimentSize},
      {"mmap_write_one_call", "mmap_write", "", "", kExperimentSize},
      {"sendfile_one_call", "sendfile", "", "", kExperimentSize},
      {"sendfile_to_file", "sendfile", "file", ""},
      {"sendfile_to_pipe", "sendfile", "pipe", ""},
      {"splice_to_file", "splice", "file", ""},
      {"mmap_zerocopy", "mmap_zerocopy", "", ""},
      {"mmap_zerocopy_sg_off", "mmap_zerocopy", "", "sg=off"},
      {"mmap_zerocopy_loopback", "mmap_zerocopy", "loopback", ""},
      {"uring_read_send", "uring_read_send", "", ""},
      {"ktls_sendfile", "ktls_sendfile", "", ""},
      {"copy_file_range", "copy_file_range", "file", ""},
      {"java_transferto", "java_transferto", "", ""},
      {"java_mapped", "java_mapped", "", ""},
      {"java_stream", "java_stream", "", ""},
      given("nginx_default", kGallery),
      given("nginx_packaged", kGallery),
      given("tomcat", kGallery),
      given("netty", kGallery),
      given("mariadb", kGallery),
      given("kafka", kKafka),
      given("kafka_follow", kKafka),
      given("kafka_packed", kKafka),
      given("kafka_tls", kKafka),
      given("rocketmq", kRocketmq),
      given("rocketmq_mapped", kRocketmq),
      given("pulsar_package", kPulsar),
      {"descriptors", "", "", ""},
      {"visible", "", "", ""},
      {"ab_benchmark", "", "", "", 64 << 10, false, true, {}, "duel"},
      {"sweep", "", "", "", 64 << 10, false, true},
  };
  return all;
}

const Experiment* find_experiment(std::string_view name) {
  const auto found = std::ranges::find_if(experiments(), [&](const Experiment& experiment) {
    return experiment.name == name || (!name.empty() && experiment.former_name == name);
  });
  return found == experiments().end() ? nullptr : &*found;
}

Words title_of(const Experiment& experiment) {
  const auto in = [&](Language language) {
    if (experiment.method.empty()) {
      for (const auto& [name, text] : kPrograms)
        if (name == experiment.name) return std::string(zctrace::words(text, language));
      return std::string(experiment.name);
    }
    std::string title = method_title(experiment.method, language);
    const auto with = [&](bool so, Text text) {
      if (so) title = say(language, Text::title_with, title, zctrace::words(text, language));
    };
    with(experiment.path == "file", Text::experiment_to_file);
    with(experiment.path == "pipe", Text::experiment_to_pipe);
    if (experiment.path == "loopback") title = say(language, Text::title_with, title, experiment.path);
    with(!experiment.offload.empty(), Text::sg_off);
    with(experiment.chunk == kExperimentSize, Text::experiment_one_call);
    with(experiment.warm, Text::warm_cache);
    return title;
  };
  return {in(Language::english), in(Language::chinese)};
}

std::string command_of(const Experiment& experiment) {
  if (!experiment.given.empty()) return fmt::format("tests/run {}  # {}", experiment.given, experiment.name);
  if (!experiment.traced()) return fmt::format("zctrace-workload experiment {}", experiment.name);
  auto command = fmt::format("zctrace run {}", experiment.method);
  if (!experiment.path.empty()) command += fmt::format(" --path {}", experiment.path);
  if (!experiment.offload.empty()) command += fmt::format(" --offload {}", experiment.offload);
  if (experiment.chunk != 64 << 10) command += fmt::format(" --chunk {}MiB", experiment.chunk >> 20);
  if (experiment.warm) command += " --cache warm";
  return command;
}

std::string mismatch(const Experiment& experiment, const timeline::Run& run) {
  if (!experiment.given.empty()) return {};
  if (run.method != experiment.method) return fmt::format("it is a run of {}", run.method);
  if (run.chunk != experiment.chunk)
    return fmt::format("its chunks are of {}, not {}", format_size(run.chunk), format_size(experiment.chunk));
  if (!run.complete) return "it was interrupted";
  const bool network = timeline::has_network(run);
  if (experiment.path.empty() ? !network : run.path.kind != experiment.path)
    return fmt::format("its path is {}", run.path.kind);
  if (network && run.path.scatter_gather != experiment.offload.empty())
    return fmt::format("scatter-gather is {}", run.path.scatter_gather ? "on" : "off");
  if (run.cache != (experiment.warm ? "warm" : "cold")) return fmt::format("its cache is {}", run.cache);
  return {};
}

}  // namespace zctrace::claims
