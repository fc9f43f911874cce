#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/output_file.h"
#include "userspace/commands/manual/man_page.h"

namespace zctrace::commands {

void add_manual(Command& program, const std::function<CommandText()>& text) {
  Command command = program.subcommand("manual", "Write the manual pages, one a command and one a topic, into a directory.");
  command.hidden();  // for packages
  const auto folder = std::make_shared<std::string>();
  command.option("DIR", *folder, "Where they are written.").required();
  command.on_call([folder, text] {
    make_folder(*folder);
    for (const auto& [name, page] : man_pages(text(), "zctrace " ZCTRACE_VERSION)) {
      OutputFile file((std::filesystem::path(*folder) / name).string());
      file.write(page);
      file.commit();
    }
  });
}

}  // namespace zctrace::commands
