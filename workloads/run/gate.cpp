#include "workloads/run/gate.h"

#include <unistd.h>

#include "base/io.h"

namespace zctrace::workloads {

void send_letter(int gate, char letter) {
  if (gate >= 0 && write(gate, &letter, 1) != 1) throw system_error("writing to the gate");
}

void wait_at(int gate) {
  char released;
  if (gate >= 0 && uninterrupted([&] { return read(gate, &released, 1); }) != 1) {
    throw Error(ExitStatus::failed, "the gate was closed before the transfer was released");
  }
}

void stay() {
  for (;;) pause();
}

}  // namespace zctrace::workloads
