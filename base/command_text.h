#pragma once

#include <string>
#include <vector>

/// What a command line takes, in words: what --help, manual pages and completion are made of.
namespace zctrace {

struct OptionText {
  std::vector<std::string> names;    ///< "-o", "--output"; of an operand one: "FILE"
  std::string value;                 ///< "FILE"; empty for a flag
  std::string help;                  ///< sentences
  std::vector<std::string> choices;  ///< the words that its value may be, where they are known
  bool operand = false, many = false;
};

struct CommandText {
  std::string name;     ///< "zctrace run"
  std::string summary;  ///< a sentence
  std::string usage;    ///< "[OPTIONS] METHOD..."
  std::vector<OptionText> operands, options;
  std::vector<OptionText> one_of;  ///< options of which one must be given
  std::vector<CommandText> commands;
  std::string footer;  ///< what else there is to know, then "\nExamples:\n  ..."
};

}  // namespace zctrace
