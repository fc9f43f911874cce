#include "userspace/commands/support/delivery.h"

#include <exception>

#include "base/error.h"
#include "base/standard_output.h"
#include "model/timeline/json_read.h"
#include "model/timeline/json_write.h"
#include "userspace/commands/support/document_stream.h"
#include "userspace/commands/support/report_page.h"
#include "viz/terminal/progress.h"
#include "viz/terminal/terminal.h"

namespace zctrace::commands {

namespace {

void draw(const Delivery& delivery, const timeline::Document& document) {
  std::FILE* stream = delivery.picture;
  if (!stream) return;
  timeline::Ledger ledger = document.ledger;
  if (ledger.flows && delivery.shown) ledger.flows->shown = *delivery.shown;
  terminal::print_run(document.run, ledger, stream, terminal::style_of(stream));
  std::fflush(stream);
}

void write(const Delivery& delivery, std::unique_ptr<OutputFile> document) {
  if (delivery.json) {
    read_pieces(*document, [](std::string_view piece) { std::fwrite(piece.data(), 1, piece.size(), stdout); });
    flush_standard_output();  // whose error is known here
  }
  std::exception_ptr unsaved;
  try {
    if (!delivery.output.empty()) (delivery.records ? save_as_record : save_as)(delivery.output, *document);
  } catch (const Error&) {
    unsaved = std::current_exception();
  }
  ReportPage page(delivery.report, delivery.shown ? *delivery.shown : timeline::FlowFilter{});
  if (page.wanted()) page.add(std::move(document));
  terminal::Progress progress;
  page.write(progress);
  if (unsaved) std::rethrow_exception(unsaved);
}

}  // namespace

void take_standard_output(Delivery& delivery) {
  if (delivery.output != "-") return;
  delivery.output.clear();
  delivery.json = true;
}

void check_places(const Delivery& delivery) {
  if (!delivery.output.empty()) check_place(delivery.output, "-o");
  if (!delivery.report.empty()) check_place(delivery.report, "--report");
}

std::vector<std::string> places_of(const Delivery& delivery, const PrometheusExport& metrics) {
  std::vector<std::string> places = metrics.places();
  for (const std::string& place : {delivery.output, delivery.report, delivery.expectations.junit()})
    if (!place.empty()) places.push_back(place);
  return places;
}

void deliver(Delivery& delivery, const timeline::Document& document) {
  draw(delivery, document);
  delivery.expectations.check(document);
  delivery.expectations.write_junit();
  if (delivery.output.empty() && delivery.report.empty() && !delivery.json) return;
  auto file = std::make_unique<OutputFile>("");
  timeline::write_document(file->stream(), document);
  file->commit();
  write(delivery, std::move(file));
}

void deliver(Delivery& delivery, std::unique_ptr<OutputFile> document) {
  if (delivery.picture || delivery.expectations.any())
    for (const timeline::Document& summary : timeline::read_summaries(document->readable_path())) {
      draw(delivery, summary);
      delivery.expectations.check(summary);
    }
  delivery.expectations.write_junit();
  write(delivery, std::move(document));
}

void after_command(int status, const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    if (status == 0) throw;
    std::fprintf(stderr, "zctrace: %s\n", error.what());
  }
}

}  // namespace zctrace::commands
