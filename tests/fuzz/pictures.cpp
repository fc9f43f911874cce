// A document that was read, in all forms in which it is shown or exported.
#include <cstdio>
#include <functional>

#include "model/timeline/json_read.h"
#include "tests/fuzz/json_mutator.h"
#include "tests/fuzz/target.h"
#include "userspace/export/exporter.h"
#include "viz/diagram/comparison.h"
#include "viz/diagram/flow.h"
#include "viz/diagram/sequence.h"
#include "viz/terminal/terminal.h"

using namespace zctrace;

namespace {

/// No control characters come from a document, and no marks of SVG.
void must_be_text(const std::string& text) {
  for (const char byte : text) fuzz::must(byte == '\n' || static_cast<unsigned char>(byte) >= ' ');
}

void draw(const timeline::Recording& recording, Language language, bool narrow) {
  const diagram::Options options{language, diagram::Theme::automatic,
                                 narrow ? diagram::Form::narrow : diagram::Form::wide};
  must_be_text(diagram::flow(recording.run, recording.ledger, options));
  diagram::Sequence sequence(recording);
  must_be_text(sequence.draw(diagram::Span::chunk, options));
  must_be_text(sequence.draw(diagram::Span::whole, options));
  const timeline::Measured twice[] = {{recording.run, recording.ledger}, {recording.run, recording.ledger}};
  must_be_text(diagram::comparison(twice, options));
  const diagram::Options slide{language, diagram::Theme::automatic, diagram::Form::slide};
  must_be_text(diagram::flow(recording.run, recording.ledger, slide));
  must_be_text(diagram::comparison(twice, slide));
  for (const int width : {20, 80, 200})
    must_be_text(terminal::run_text(recording.run, recording.ledger, {false, !narrow, language, width}));
}

}  // namespace

FUZZ_TARGET(pictures) {
  const fuzz::BytesAsFile file(input);
  // By the bytes: each input is drawn in one way of four.
  const size_t way = std::hash<std::string_view>()(input);
  fuzz::may_refuse([&] {
    const auto recording = timeline::read_recording(file.path());
    draw(recording, way & 1 ? Language::chinese : Language::english, way & 2);
    for (const auto& format : exports::formats()) {
      const auto exporter = format.make([](std::string_view) {});
      exporter->add(recording, "a.json");
      exporter->finish();
    }
  });
}
