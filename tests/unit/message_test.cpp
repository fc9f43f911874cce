#include "model/language/message.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/note.h"
#include "model/language/message_json.h"
#include "model/timeline/schema_1.h"
#include "viz/terminal/progress.h"

namespace message_test {

using namespace zctrace;

namespace {

constexpr auto kEnglish = Language::english, kChinese = Language::chinese;

}  // namespace

TEST_CASE("a message is said in the reader's language, its arguments too") {
  const auto note = message(Text::note_tracepoints_only, message(Text::reason_no_btf), "Invalid argument");
  CHECK(note.in(kEnglish).starts_with(
      "This kernel permits tracepoints only (fentry: no /sys/kernel/btf/vmlinux; breakpoints: Invalid argument): "));
  CHECK(note.in(kChinese).starts_with(
      "此内核只允许跟踪点（fentry：没有 /sys/kernel/btf/vmlinux；断点：Invalid argument）："));
  CHECK(message(Text::note_skipped, uint64_t{7}, "vfs_read").in(kChinese) ==
        "内核跳过了 7 次程序运行，挂载点：vfs_read。");
}

TEST_CASE("what is filled in is never taken for a hole") {
  const auto note = message(Text::note_skipped, "{}{0}{{%s", "{}");
  CHECK(note.in(kEnglish) == "The kernel skipped {}{0}{{%s runs of the program on {}.");
}

TEST_CASE("words of no table are the same in every language") {
  const Message words = "A note.";
  CHECK(words.id() == Text::verbatim);
  CHECK(words.in(kChinese) == "A note.");
  CHECK(message(Text::verbatim, "A note.") == words);
  CHECK(Message().empty());
  CHECK(!words.empty());
  CHECK(!message(Text::reason_denied).empty());
}

TEST_CASE("what the system refuses is said in the table's words where it has them") {
  CHECK(message_of_errno(EPERM).in(kChinese) == "操作不被允许");
  CHECK(message_of_errno(ENOMEM) == Message("Cannot allocate memory"));
  for (const int error : {EPERM, EACCES, EINVAL, EOPNOTSUPP})
    CHECK(message_of_errno(error).in(kEnglish) == strerror(error));
}

TEST_CASE("messages pass through JSON") {
  for (const Message& each :
       {message(Text::note_tracepoints_only, message(Text::reason_no_btf), "x"), Message("words"), Message(),
        message(Text::note_residency_unknown), message(Text::stage_of, message(Text::stage_once, "6.12"), "x")})
    CHECK(message_from_json(message_to_json(each)) == each);
  using Json = nlohmann::json;
  CHECK(message_from_json(Json::parse(R"({"id":"of tomorrow","args":["a","b"],"text":"Words."})")) ==
        Message("Words."));
  for (const char* wrong : {"7", "\"text\"", "[]", "{}", R"({"id":"verbatim","args":[],"text":""})",
                            R"({"id":"verbatim","args":[7],"text":""})", R"({"id":7,"args":[],"text":""})",
                            R"({"id":"reason_denied","args":"x","text":""})", R"({"id":"reason_denied","args":[]})"}) {
    CAPTURE(wrong);
    CHECK(!message_from_json(Json::parse(wrong)));
  }
}

TEST_CASE("the notes of schema 1 are found again by their English") {
  using timeline::message_of_note;
  CHECK(message_of_note("The hook on tcp_sendmsg_locked stayed silent in the self-test.") ==
        message(Text::note_hook_silent, "tcp_sendmsg_locked"));
  CHECK(message_of_note("7 runs of the program on vfs_read were skipped by the kernel.") ==
        message(Text::note_skipped, "7", "vfs_read"));
  CHECK(message_of_note(
            "This kernel allows tracepoints only (fentry: no /sys/kernel/btf/vmlinux; breakpoints: ?): copies are "
            "told from the results of system calls, the receiver's from skb_copy_datagram_iovec. Exact figures: "
            "--kernel 6.12.") == message(Text::note_tracepoints_only, message(Text::reason_no_btf), "?"));
  CHECK(message_of_note("O_DIRECT needs multiples of 512 bytes: the chunk of 1 was rounded up to 512") ==
        message(Text::note_rounded, "512", "1", "512"));
  for (const std::string text : {"", "?", "something else", "{}", "The hook on {", "The hook on x", "booting ",
                                 "The hook on  stayed silent in the self-test", "正在启动", "\xff\xfe"})
    CHECK(message_of_note(text) == Message(text));
}

TEST_CASE("a note of schema 1 made to be hard costs no more than its length") {
  std::string hard = "This kernel allows tracepoints only (fentry: ";
  for (int i = 0; i < 100'000; ++i) hard += "; breakpoints: ): ";
  CHECK(timeline::message_of_note(hard) == Message(hard));
  const std::string megabyte(1 << 20, 'a');
  CHECK(timeline::message_of_note("The hook on " + megabyte + " stayed silent in the self-test.") ==
        message(Text::note_hook_silent, megabyte));
}

TEST_CASE("a child's note is a line") {
  const Note note{"Said so: a b.", "note_rounded", {"512", "", "1"}};
  const auto back = note_of(line_of(note));
  CHECK(back.text == note.text);
  CHECK(back.id == note.id);
  CHECK(back.arguments == note.arguments);
  CHECK(note_of("words alone").text == "words alone");
  CHECK(note_of("words alone").id.empty());
}

TEST_CASE("a marked line of progress holds its stage") {
  using terminal::Progress;
  const auto stage = message(Text::stage_of, "splice", message(Text::stage_preparing));
  CHECK(Progress::stage_of("\x1eprogress " + message_to_json(stage).dump()) == stage);
  CHECK(Progress::stage_of("\x1eprogress sweep: 4 KiB") == Message("sweep: 4 KiB"));
  CHECK(!Progress::stage_of("zctrace: it failed"));
}

}  // namespace message_test
