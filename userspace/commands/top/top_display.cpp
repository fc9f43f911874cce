#include "userspace/commands/top/top_display.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "model/language/language.h"
#include "userspace/record/capture_mode.h"

namespace zctrace::commands {

using terminal::Key;

namespace {

void print(const std::vector<std::string>& lines) {
  for (const auto& line : lines) fmt::print("{}\n", line);
  std::fflush(stdout);
}

}  // namespace

TopDisplay::TopDisplay(Form form, terminal::Sort sort, std::string program, const PrometheusExport& metrics)
    : form_(form) {
  view_.program = std::move(program);
  view_.served = metrics.url();
  view_.facts.kernel = record::this_kernel();
  view_.sort = sort;
  if (form == Form::screen) {
    screen_.emplace();
    return;
  }
  metrics.announce();
  print({terminal::batch_head()});
}

terminal::Style TopDisplay::style() const {
  auto style = terminal::style_of(stdout);
  // A terminal that has drawn in its last column may wipe it with the rest of the line.
  if (screen_) style.width = screen_->columns() - 1;
  return style;
}

uint64_t TopDisplay::since_begin(Clock::time_point at) const {
  return static_cast<uint64_t>(std::chrono::nanoseconds(std::max(at, begin_) - begin_).count());
}

void TopDisplay::take(const timeline::Flows& flows, const timeline::EvidenceSet& evidence, Clock::time_point at) {
  view_.facts.evidence = evidence;
  if (view_.paused || form_ == Form::once) return;
  const bool first = !shown_;  // no interval has passed
  shown_ = true;
  rates_.take(flows, since_begin(at));
  flows_ = flows;
  if (screen_)
    draw();
  else if (!first)
    print(terminal::batch_lines(rates_, view_));
}

void TopDisplay::draw() { screen_->draw(terminal::screen_lines(rates_, flows_, view_, style(), screen_->rows())); }

bool TopDisplay::wait(int timeout_ms) {
  if (!screen_) {
    poll(nullptr, 0, timeout_ms);
    return true;
  }
  const Key key = screen_->wait_key(timeout_ms);
  if (key == Key::quit) return false;
  if (key != Key::none && obey(key)) draw();
  if (screen_->spoilt()) draw();
  return true;
}

/// Does it change the picture?
bool TopDisplay::obey(Key key) {
  const auto page = static_cast<size_t>(std::max(1, screen_->rows() / 2));
  const auto up = [&](size_t rows) { view_.first_row -= std::min(rows, view_.first_row); };
  if (key == Key::stop) {
    screen_->stop();
    return true;
  }
  if (view_.help) {
    view_.help = false;
    return true;
  }
  switch (key) {
    case Key::sort:
      view_.sort = static_cast<terminal::Sort>((static_cast<int>(view_.sort) + 1) % 3);
      return true;
    case Key::connections:
      view_.each_connection = !view_.each_connection;
      return true;
    case Key::pause:
      view_.paused = !view_.paused;
      return true;
    case Key::help:
      view_.help = true;
      return true;
    case Key::up:
      up(1);
      return true;
    case Key::page_up:
      up(page);
      return true;
    case Key::first:
      view_.first_row = 0;
      return true;
    case Key::down:
      view_.first_row += 1;
      return true;
    case Key::page_down:
      view_.first_row += page;
      return true;
    case Key::last:
      view_.first_row = rates_.list().size();
      return true;
    default:
      return false;
  }
}

void TopDisplay::finish(const timeline::Document& document) {
  const auto as_drawn = style();
  screen_.reset();
  view_.facts = {document.run.kernel, document.run.evidence};
  const auto& flows = *document.ledger.flows;
  rates_.take(flows, since_begin(Clock::now()));
  print(form_ == Form::screen ? terminal::summary_lines(rates_, flows, view_, as_drawn)
                              : terminal::batch_lines(rates_, view_));
}

}  // namespace zctrace::commands
