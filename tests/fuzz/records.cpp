// Records of the ring buffer, as they come, turned into a document's events; what is written of them can be read.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "model/timeline/json_read.h"
#include "model/timeline/json_write.h"
#include "tests/fuzz/target.h"
#include "tests/unit/timeline_samples.h"
#include "userspace/capture/event_log.h"

using namespace zctrace;

FUZZ_TARGET(records) {
  capture::EventLog log(1000, [](unsigned probe) { return "probe" + std::to_string(probe); });
  log.set_device("eth0");
  for (; input.size() >= ZC_RECORD_SHORT; input.remove_prefix(std::min(input.size(), sizeof(zc_record)))) {
    zc_record record{};
    memcpy(&record, input.data(), std::min(input.size(), sizeof record));
    if (record.kind == ZC_K_TRANSMIT) record.result &= INT64_MAX;  // bytes of headers there, and no call's result
    try {
      log.add(record);
    } catch (const std::out_of_range&) {  // a value that the kernel's programs have no name for
    }
  }
  timeline::Document document = samples::base("splice");
  log.move_to(document, 1'000'000);
  char* text = nullptr;
  size_t size = 0;
  std::FILE* sink = open_memstream(&text, &size);
  timeline::write_document(sink, document);
  std::fclose(sink);
  const fuzz::BytesAsFile file({text, size});
  std::free(text);
  fuzz::must(timeline::read_recording(file.path()).events.size() == document.events.size());
}
