#include "userspace/commands/support/guest_stages.h"

#include <unistd.h>

#include <utility>

#include "model/language/message.h"

namespace zctrace::commands {

std::function<void(Text stage)> stages_until_running(terminal::Progress& progress, std::string title) {
  return [&progress, title = std::move(title)](Text stage) {
    if (stage == Text::stage_running)
      progress.clear();
    else
      progress.show(message(Text::stage_of, title, Message::of_chosen(stage, {})));
  };
}

std::vector<std::string> our_environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable; ++variable) variables.emplace_back(*variable);
  return variables;
}

}  // namespace zctrace::commands
