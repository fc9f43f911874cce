#include "userspace/commands/manual/topic.h"

#include <doctest/doctest.h>

#include <string>

namespace topic_test {

using namespace zctrace::commands;

namespace {

std::string shown(std::string_view markdown, int width = 40) {
  std::string text;
  for (const TopicLine& line : topic_lines(markdown, width)) text += (line.heading ? "# " : "") + line.text + "\n";
  return text;
}

}  // namespace

TEST_CASE("a topic is shown as text: links, bold and code without their marks, lines as wide as they may be") {
  CHECK(shown("# Limits\n\nWhat `zctrace` **cannot** see\nis in [a list](paths.md#all) of its own.\n") ==
        "# Limits\n\nWhat zctrace cannot see is in a list of\nits own.\n");
  CHECK(shown("- one item that takes more than a line\n  of forty\n- another\n") ==
        "- one item that takes more than a line\n  of forty\n- another\n");
  CHECK(shown("看不见的\n不写 0，\nnor a guess.\n") == "看不见的不写 0， nor a guess.\n");
  CHECK(shown("Code:\n\n    a  [b](c)\n\n    `d`\n") == "Code:\n\n    a  [b](c)\n\n    `d`\n");
  CHECK(shown("```sh\n# no heading\n```\nText\n") == "    # no heading\n\nText\n");
}

TEST_CASE("a topic's tables are rows with what belongs to them below") {
  CHECK(shown("| word | meaning |\n|---|---|\n| a | the first |\n| b | |\n") == "a\n    the first\nb\n");
  CHECK(shown("| what | how many | beyond |\n|---|---|---|\n| flows | 5 | lost |\n") ==
        "flows\n    how many: 5\n    beyond: lost\n");
}

TEST_CASE("every topic that the program knows has a title, and text") {
  CHECK(topics().size() > 4);
  for (const Topic& topic : topics()) {
    CAPTURE(topic.name);
    const auto blocks = blocks_of(topic.text), chinese = blocks_of(topic.chinese);
    REQUIRE(blocks.size() > 2);
    CHECK((blocks[0].kind == Block::heading && blocks[0].level == 1));
    // What is added to one is missed in the other.
    const auto kinds = [](const std::vector<Block>& all) {
      std::vector<int> list;
      for (const Block& block : all) list.push_back(block.kind);
      return list;
    };
    CHECK(kinds(blocks) == kinds(chinese));
  }
}

}  // namespace topic_test
