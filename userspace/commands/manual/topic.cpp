#include "userspace/commands/manual/topic.h"

#include <algorithm>

#include "base/text.h"

#define ZCTRACE_TOPIC(name)                                                                  \
  extern "C" const char zctrace_topic_##name##_begin[], zctrace_topic_##name##_end[];        \
  extern "C" const char zctrace_topic_zh_##name##_begin[], zctrace_topic_zh_##name##_end[];
#include "topics.def"
#undef ZCTRACE_TOPIC

namespace zctrace::commands {

namespace {

/// "`a`, **b** and [c](d)" as "a, b and c".
std::string plain(std::string_view text) {
  std::string result;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '`') continue;
    if (text.substr(at).starts_with("**")) {
      ++at;
      continue;
    }
    const size_t middle = text[at] == '[' ? text.find("](", at) : text.npos;
    const size_t end = middle == text.npos ? text.npos : text.find(')', middle);
    if (end != text.npos && text.substr(at + 1, middle - at - 1).find('[') == text.npos) {
      result += plain(text.substr(at + 1, middle - at - 1));
      at = end;
      continue;
    }
    result += text[at];
  }
  return result;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// "| a | b |"
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  line.remove_prefix(1);
  for (size_t bar; (bar = line.find('|')) != line.npos; line.remove_prefix(bar + 1))
    cells.push_back(plain(trimmed(line.substr(0, bar))));
  return cells;
}

/// Reads line by line; what a line continues is the last block.
class Reader {
 public:
  void take(std::string_view line) {
    if (line.starts_with("```")) {
      fenced_ = !fenced_;
      open_ = false;
    } else if (fenced_ || (line.starts_with("    ") && !in(Block::item))) {
      add_code(fenced_ ? line : line.substr(4));
    } else if (trimmed(line).empty()) {
      open_ = false;
      titles_.clear();
    } else if (line.starts_with('#')) {
      const size_t level = line.find_first_not_of('#');
      add({Block::heading, plain(trimmed(line.substr(level))), {}, {}, static_cast<int>(level)});
      open_ = false;
    } else if (line.starts_with('|')) {
      add_row(line);
    } else if (line.starts_with("- ")) {
      add({Block::item, plain(line.substr(2)), {}, {}});
    } else if (in(Block::item) || in(Block::paragraph)) {
      go_on(plain(trimmed(line)));
    } else {
      add({Block::paragraph, plain(line), {}, {}});
    }
  }
  std::vector<Block> take_blocks() { return std::move(blocks_); }

 private:
  bool in(Block::Kind kind) const { return open_ && blocks_.back().kind == kind; }
  void add(Block block) {
    blocks_.push_back(std::move(block));
    open_ = true;
  }
  /// Chinese has no blanks: where a line of it ends is no more than where the author broke it.
  void go_on(const std::string& line) {
    std::string& text = blocks_.back().text;
    const auto is_wide = [](char32_t character) { return columns(character) == 2; };
    const bool joined = !line.empty() && is_wide(characters(text).back()) && is_wide(characters(line).front());
    text += (joined ? "" : " ") + line;
  }
  void add_code(std::string_view line) {
    if (in(Block::code))
      blocks_.back().text += "\n" + std::string(line);
    else
      add({Block::code, std::string(line), {}, {}});
  }
  void add_row(std::string_view line) {
    if (line.starts_with("|---") || line.starts_with("|:--")) return;
    std::vector<std::string> cells = cells_of(line);
    if (titles_.empty())
      titles_ = std::move(cells);
    else
      add({Block::row, {}, std::move(cells), titles_});
  }

  std::vector<Block> blocks_;
  std::vector<std::string> titles_;
  bool fenced_ = false, open_ = false;
};

void add_wrapped(std::vector<TopicLine>& lines, const std::string& text, int width, const std::string& first,
                 const std::string& further) {
  const std::string* before = &first;
  for (const std::string& line : wrap(text, width - static_cast<int>(further.size()))) {
    lines.push_back({*before + line});
    before = &further;
  }
}

void add_code(std::vector<TopicLine>& lines, std::string_view code) {
  while (!code.empty()) {
    const size_t end = std::min(code.find('\n'), code.size());
    lines.push_back({end == 0 ? "" : "    " + std::string(code.substr(0, end))});
    code.remove_prefix(std::min(end + 1, code.size()));
  }
}

}  // namespace

const std::vector<Topic>& topics() {
#define ZCTRACE_TOPIC(name)                                                    \
  {#name,                                                                      \
   {zctrace_topic_##name##_begin, zctrace_topic_##name##_end},                 \
   {zctrace_topic_zh_##name##_begin, zctrace_topic_zh_##name##_end}},
  static const std::vector<Topic> all{
#include "topics.def"
  };
#undef ZCTRACE_TOPIC
  return all;
}

std::vector<Block> blocks_of(std::string_view markdown) {
  Reader reader;
  while (!markdown.empty()) {
    const size_t end = std::min(markdown.find('\n'), markdown.size());
    reader.take(markdown.substr(0, end));
    markdown.remove_prefix(std::min(end + 1, markdown.size()));
  }
  return reader.take_blocks();
}

std::vector<std::string> row_lines(const Block& row) {
  std::vector<std::string> lines;
  for (size_t at = 1; at < row.cells.size(); ++at) {
    const bool named = row.cells.size() > 2 && at < row.titles.size() && !row.titles[at].empty();
    if (!row.cells[at].empty()) lines.push_back(named ? row.titles[at] + ": " + row.cells[at] : row.cells[at]);
  }
  return lines;
}

std::vector<TopicLine> topic_lines(std::string_view markdown, int width) {
  std::vector<TopicLine> lines;
  Block::Kind before = Block::heading;
  for (const Block& block : blocks_of(markdown)) {
    const bool list = block.kind == before && (block.kind == Block::item || block.kind == Block::row);
    if (!lines.empty() && !list) lines.push_back({""});
    before = block.kind;
    switch (block.kind) {
      case Block::heading:
        lines.push_back({block.text, true});
        break;
      case Block::paragraph:
        add_wrapped(lines, block.text, width, "", "");
        break;
      case Block::item:
        add_wrapped(lines, block.text, width, "- ", "  ");
        break;
      case Block::code:
        add_code(lines, block.text);
        break;
      case Block::row:
        add_wrapped(lines, block.cells.front(), width, "", "  ");
        for (const std::string& line : row_lines(block)) add_wrapped(lines, line, width, "    ", "    ");
        break;
    }
  }
  return lines;
}

}  // namespace zctrace::commands
