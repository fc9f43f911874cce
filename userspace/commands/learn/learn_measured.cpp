#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/fd.h"
#include "base/interrupt.h"
#include "base/process.h"
#include "model/language/texts.h"
#include "model/timeline/json_read.h"
#include "model/tour/tour.h"
#include "userspace/commands/learn/learn_runs.h"
#include "userspace/commands/support/document_stream.h"
#include "viz/terminal/progress.h"

namespace zctrace::commands {
namespace {

/// What a child writes: it never has to wait for its reader, who may be thinking.
class Written {
 public:
  Written() : file_(memfd_create("zctrace-tour", MFD_CLOEXEC)) {
    if (file_.get() < 0) throw Error(ExitStatus::failed, std::string("no memory for the tour: ") + strerror(errno));
  }
  int fd() const { return file_.get(); }

  /// What came since the last time.
  template <class Take>
  void read(const Take& take) {
    std::array<char, 1 << 16> piece;
    for (ssize_t got; (got = pread(fd(), piece.data(), piece.size(), at_)) > 0; at_ += got)
      take(std::string_view(piece.data(), static_cast<size_t>(got)));
  }

 private:
  Fd file_;
  off_t at_ = 0;
};

class Measured : public TourRuns {
 public:
  explicit Measured(const std::string& kernel)
      : stream_([this](std::unique_ptr<OutputFile> document) { keep(std::move(document)); }) {
    SpawnRequest request;
    request.command = {std::filesystem::read_symlink("/proc/self/exe").string(), "measure", "--kernel=" + kernel};
    for (const auto& run : tour::built_in().runs) request.command.push_back(run.name);
    request.fds = {{out_.fd(), STDOUT_FILENO}, {err_.fd(), STDERR_FILENO}};
    request.death_signal = SIGKILL;
    request.own_group = true;
    child_ = spawn(std::move(request));
  }

  ~Measured() override {
    if (child_ <= 0) return;
    kill(child_, SIGKILL);  // what it has started ends with it
    waitpid(child_, nullptr, 0);
  }

  void wait_for(const std::vector<std::string>& names) override {
    terminal::Progress progress;
    while (!settled(names)) {
      if (InterruptGuard::count()) throw ExitWith{ExitStatus::interrupted};
      const bool ended = has_ended();
      take();
      if (ended) break;
      if (settled(names)) break;
      show(names, progress);
      constexpr int kMoment = 50;  // ms
      poll(nullptr, 0, kMoment);
    }
    progress.clear();
    if (child_ == 0 && documents_.empty()) give_up();
    for (const auto& name : names) complain(name);
  }

  std::string file(const std::string& name) const override {
    const auto found = files_.find(name);
    return found == files_.end() ? "" : found->second->readable_path();
  }

 private:
  /// The documents come in the order in which they were asked for.
  void keep(std::unique_ptr<OutputFile> document) {
    const auto& name = tour::built_in().runs.at(arrived_++).name;
    std::fflush(document->stream());
    std::string head;
    read_pieces(*document, [&](std::string_view piece) {
      if (head.empty()) head = piece;
    });
    if (head.find("\"zctrace.experiment/1\"") != head.npos) {
      troubles_[name] = nlohmann::json::parse(head).value("failed", "");
      return;
    }
    documents_[name] = std::move(timeline::read_summaries(document->readable_path()).front());
    files_[name] = std::move(document);
  }

  bool settled(const std::vector<std::string>& names) const {
    return child_ == 0 || std::ranges::all_of(names, [&](const std::string& name) {
             return documents_.contains(name) || troubles_.contains(name);
           });
  }

  bool has_ended() {
    int status = 0;
    if (waitpid(child_, &status, WNOHANG) != child_) return false;
    child_ = 0;
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
  }

  void take() {
    out_.read([&](std::string_view bytes) { stream_.take(bytes); });
    err_.read([&](std::string_view bytes) { unread_ += bytes; });
    for (size_t end; (end = unread_.find('\n')) != unread_.npos; unread_.erase(0, end + 1)) {
      const auto line = unread_.substr(0, end);
      if (const auto stage = terminal::Progress::stage_of(line))
        stage_ = *stage;
      else
        messages_ += line + "\n";
    }
  }

  void show(const std::vector<std::string>& names, terminal::Progress& progress) const {
    const auto missing = std::ranges::find_if(names, [&](const auto& name) { return !documents_.contains(name); });
    if (missing != names.end()) progress.show(stage_.empty() ? Message(*missing) : stage_);
  }

  /// Nothing could be measured: the child has printed why.
  [[noreturn]] void give_up() const {
    std::fputs(messages_.c_str(), stderr);
    if (status_ != 0) throw ExitWith{status_};
    for (const auto& [name, trouble] : troubles_) throw Error(ExitStatus::failed, trouble, "zctrace doctor");
    throw Error(ExitStatus::failed, "nothing was measured", "zctrace doctor");
  }

  void complain(const std::string& name) {
    if (documents_.contains(name) || !complained_.insert(name).second) return;
    const auto trouble = troubles_.find(name);
    const auto& why = trouble == troubles_.end() ? messages_ : trouble->second;
    std::fprintf(stderr, "zctrace: %s\n", (name + " was not measured: " + why).c_str());
  }

  Written out_, err_;
  DocumentStream stream_;
  pid_t child_ = 0;  ///< 0: it has ended
  int status_ = 0;
  size_t arrived_ = 0;
  std::string unread_, messages_;  ///< not looked at yet; what it wants the user to read
  Message stage_;                  ///< the latest
  std::map<std::string, std::unique_ptr<OutputFile>> files_;
  std::map<std::string, std::string> troubles_;  ///< runs that could not be done, and why
  std::set<std::string> complained_;
};

}  // namespace

std::unique_ptr<TourRuns> measured_runs(const std::string& kernel) { return std::make_unique<Measured>(kernel); }

}  // namespace zctrace::commands
