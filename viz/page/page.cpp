#include "viz/page/page.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "model/claims/experiments.h"
#include "model/language/texts.h"
#include "model/timeline/json_head.h"
#include "model/timeline/json_read.h"
#include "model/timeline/json_write.h"
#include "viz/diagram/svg.h"
#include "viz/page/bundle.h"
#include "viz/page/claims.h"
#include "viz/page/matrix.h"
#include "viz/page/packed.h"
#include "viz/page/pictures.h"
#include "viz/page/playback.h"
#include "viz/page/said.h"
#include "viz/page/tour.h"
#include "viz/page/words.h"

namespace zctrace::page {
namespace {

using Json = nlohmann::ordered_json;

class Out {
 public:
  explicit Out(std::FILE* sink) : sink_(sink) {}

  void put(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), sink_) != text.size()) fail();
  }

  /// A script element of what `write` puts into the stream it is given. Returns how many bytes that were.
  template <class Write>
  uint64_t block(const std::string& id, const Write& write) {
    put(fmt::format("<script type=\"application/gzip;base64\" id=\"{}\">", id));
    Packed packed(sink_);
    write(packed.stream());
    const auto bytes = packed.finish();
    put("</script>\n");
    return bytes;
  }

  uint64_t block(const std::string& id, const Json& json) {
    const auto text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    return block(id, [&](std::FILE* stream) { std::fwrite(text.data(), 1, text.size(), stream); });
  }

  void finish() {
    if (std::fflush(sink_) != 0) fail();
  }

 private:
  [[noreturn]] static void fail() {
    throw Error(ExitStatus::failed, std::string("the page cannot be written: ") + std::strerror(errno));
  }

  std::FILE* sink_;
};

Json texts() {
  Json texts;
  for (const auto language : kLanguages) {
    auto& table = texts[std::string(code(language))];
    for (uint16_t i = 0; i < static_cast<uint16_t>(Text::count); ++i)
      table[std::string(name(static_cast<Text>(i)))] = words(static_cast<Text>(i), language);
  }
  return texts;
}

/// Standard input, or a file without a name.
bool nameless(const std::string& file) { return file == "-" || file.starts_with("/proc/"); }

/// "read_write.json", and a number in it where an earlier run has that name.
std::string download_name(const std::string& file, const timeline::Run& run, std::set<std::string>& taken) {
  const auto plain = file.substr(0, file.size() - (file.ends_with(".zst") ? 4 : 0));
  auto stem = nameless(file) ? run.method : std::filesystem::path(plain).stem().string();
  if (stem.empty()) stem = "run";
  auto name = stem + ".json";
  for (int i = 2; !taken.insert(name).second; ++i) name = fmt::format("{}-{}.json", stem, i);
  return name;
}

/// What the tour's runs measured.
tour::TourDocuments tour_documents(std::span<const timeline::Measured> measured,
                                   const std::map<std::string, size_t>& experiments) {
  tour::TourDocuments documents;
  for (const auto& [name, number] : experiments) {
    documents[name].run = measured[number].run;
    documents[name].ledger = measured[number].ledger;
  }
  return documents;
}

}  // namespace

void write_page(std::FILE* sink, std::span<const std::string> files, const Settings& settings) {
  const auto show_progress = [&](TextWith<1> text, const std::string& file, size_t index) {
    if (settings.progress)
      settings.progress(message(text, file), 100.0 * static_cast<double>(index) / static_cast<double>(files.size()));
  };
  const auto page = bundle();
  const auto mark = page.find(kDataMark);
  Out out(sink);
  out.put(page.substr(0, mark));
  const auto plain = [&](Text text) { return diagram::escape(words(text, settings.language)); };
  out.put(fmt::format(
      "<noscript>{}</noscript>\n<div id=\"unread\" hidden data-damaged=\"{}\" data-needs-newer=\"{}\"></div>\n",
      plain(Text::page_needs_script), plain(Text::page_damaged), plain(Text::page_needs_newer)));
  Json runs = Json::array();
  std::vector<timeline::Measured> measured;
  std::set<std::string> taken;
  std::map<std::string, size_t> experiments;
  for (size_t i = 0; i < files.size(); ++i) {
    show_progress(Text::page_reading, files[i], i);
    if (i < settings.experiments.size()) experiments.emplace(settings.experiments[i], measured.size());
    timeline::DocumentReader reader(files[i]);
    for (timeline::Recording document; reader.next(document, timeline::DocumentReader::Keep::all);) {
      show_progress(Text::page_writing, files[i], i);
      const auto number = std::to_string(measured.size());
      const auto bytes = out.block("document-" + number, [&](std::FILE* stream) { write_document(stream, document); });
      if (document.ledger.flows) document.ledger.flows->shown = settings.shown;
      const auto choice = diagram::choose(document);
      out.block("pictures-" + number, pictures(document, choice, settings.tour != nullptr));
      // Of many experiments a page would be half as large again.
      const auto play = settings.experiments.empty() ? playback(document, choice) : std::nullopt;
      if (play) out.block("playback-" + number, *play);
      if (const auto& cost = document.ledger.cpu_cost) {
        auto data = timeline::cpu_cost_to_json(*cost);
        data["method"] = document.run.method;
        out.block("cpu-" + number, data);
      }
      if (document.ledger.copy_stacks && document.ledger.flows)
        out.block("copies-" + number, flame_of(*document.ledger.copy_stacks, *document.ledger.flows));
      runs.push_back({{"file", download_name(files[i], document.run, taken)},
                      {"events", document.events.size()},
                      {"bytes", bytes},
                      {"plays", play.has_value()},
                      {"said", said(document.run, document.ledger)}});
      const auto* experiment =
          i < settings.experiments.size() ? claims::find_experiment(settings.experiments[i]) : nullptr;
      if (experiment) {
        runs.back()["name"] = both(claims::title_of(*experiment));
      }
      measured.push_back({std::move(document.run), std::move(document.ledger)});
    }
  }
  Json report{{"version", settings.version},
              {"language", code(settings.language)},
              {"texts", texts()},
              {"runs", std::move(runs)}};
  if (measured.size() > 1) {
    report["comparison"] = comparison_pictures(measured);
    report["rows"] = figure_rows(measured);
  }
  out.block("report", report);
  if (settings.tour)
    out.block("tour", tour(*settings.tour, tour_documents(measured, experiments), experiments, settings.recorded));
  if (settings.matrix) out.block("matrix", matrix(*settings.matrix));
  if (!settings.claims.empty()) out.block("claims", claims(settings.claims, experiments));
  out.put(page.substr(mark + kDataMark.size()));
  out.finish();
}

}  // namespace zctrace::page
