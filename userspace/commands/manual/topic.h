#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zctrace::commands {

/// A page of docs/ that is part of the program: what `zctrace help TOPIC` shows.
struct Topic {
  std::string name;          ///< "measuring"
  std::string_view text;     ///< Markdown, as it stands in docs/NAME.md
  std::string_view chinese;  ///< as in docs/zh/NAME.md
};

const std::vector<Topic>& topics();

/// A piece of such a page. In `text` and `cells` links, bold and code are plain text, line breaks are blanks.
struct Block {
  enum Kind { heading, paragraph, item, code, row } kind;
  std::string text;                 ///< of code: its lines as they stand
  std::vector<std::string> cells;   ///< of a row
  std::vector<std::string> titles;  ///< of a row: what its table's columns are called
  int level = 1;                    ///< of a heading
};
std::vector<Block> blocks_of(std::string_view markdown);

/// A row's cells but the first, in lines of their own; where they are several, with their columns' titles.
std::vector<std::string> row_lines(const Block& row);

/// For a terminal, in lines of `width` columns where they can be broken.
struct TopicLine {
  std::string text;
  bool heading = false;
};
std::vector<TopicLine> topic_lines(std::string_view markdown, int width);

}  // namespace zctrace::commands
