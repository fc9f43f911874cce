#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "userspace/commands/manual/completion.h"

namespace zctrace::commands {

void add_completion(Command& program, const std::function<CommandText()>& text) {
  Command command = program.subcommand("completion", "Print completion of this command line for a shell.");
  const auto shell = std::make_shared<std::string>();
  command.option("SHELL", *shell, "For bash, zsh or fish.").required().one_of({"bash", "zsh", "fish"});
  command.footer(
      "Examples:\n  zctrace completion bash > /etc/bash_completion.d/zctrace\n  zctrace completion fish > "
      "~/.config/fish/completions/zctrace.fish");
  command.on_call([shell, text] {
    const auto completion = *shell == "bash" ? bash_completion : *shell == "zsh" ? zsh_completion : fish_completion;
    std::fputs(completion(text()).c_str(), stdout);
  });
}

}  // namespace zctrace::commands
