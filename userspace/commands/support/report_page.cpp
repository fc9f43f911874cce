#include "userspace/commands/support/report_page.h"

#include <utility>

#include "model/language/texts.h"
#include "viz/page/page.h"

namespace zctrace::commands {

void ReportPage::add(std::unique_ptr<OutputFile> document) {
  if (wanted()) documents_.push_back(std::move(document));
}

void ReportPage::write(terminal::Progress& progress) const {
  if (documents_.empty()) return;
  std::vector<std::string> files;
  for (const auto& document : documents_) files.push_back(document->readable_path());
  OutputFile page(path_);
  page::Settings settings{chosen_language(), ZCTRACE_VERSION, [&](const Message&, double percent) {
                            progress.show(message(Text::page_drawing, path_), percent);
                          }};
  settings.shown = shown_;
  page::write_page(page.stream(), files, settings);
  page.commit();
  progress.clear();
}

}  // namespace zctrace::commands
