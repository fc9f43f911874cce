#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "model/claims/experiments.h"
#include "model/summary/figure_list.h"
#include "tests/unit/golden.h"
#include "tests/unit/timeline_samples.h"
#include "viz/terminal/tour/text.h"

namespace tour_test {

using namespace zctrace;
using namespace zctrace::claims;
using namespace zctrace::terminal;
using namespace zctrace::tour;
using timeline::Document;
using timeline::Evidence;

namespace {

TourDocuments measured() {
  TourDocuments documents;
  documents["read_write"] = documents["read_write_warm"] = samples::read_write();
  auto& warm = documents["read_write_warm"];
  warm.run.cache = "warm";
  warm.run.source.resident_bytes = samples::kSize;
  warm.ledger.dma.disk_bytes = warm.ledger.dma.disk_requests = 0;
  std::erase_if(warm.ledger.copies, [](const auto& copy) { return copy.from == timeline::End::disk; });
  documents["mmap_write"] = samples::mmap_write();
  documents["mmap_populate"] = samples::mmap_write();
  documents["mmap_populate"].ledger.sender.kernel_faults = 0;
  documents["sendfile"] = samples::sendfile(true);
  documents["sendfile_sg_off"] = samples::sendfile(false);
  documents["splice"] = samples::splice();
  documents["tee"] = samples::tee();
  documents["direct_io"] = samples::direct_io();
  return documents;
}

const TourStep& step(std::string_view id) { return *std::ranges::find(built_in().steps, id, &TourStep::id); }

void each_text(const TourStep& each, const auto& check) {
  check(each.title);
  check(each.story);
  for (const auto& value : each.values) check(value.label);
  if (each.question) {
    check(each.question->text);
    for (const auto& choice : each.question->choices) check(choice.text);
  }
  for (const auto& paragraph : each.why)
    for (const auto& variant : paragraph) check(variant.text);
}

std::multiset<std::string> names_in(std::string_view text) {
  std::multiset<std::string> found;
  for (const auto& reference : rules::references(text)) found.insert(reference.name);
  return found;
}

bool has_chinese(std::string_view text) {
  return std::ranges::any_of(characters(text), [](char32_t c) { return c >= 0x4e00 && c < 0xa000; });
}

/// All of a step's text, as it is rendered.
std::string text_of(const TourStep& each, const TourDocuments& documents, const terminal::Style& style) {
  const auto rendered = render(each, documents, style.language);
  std::string text;
  for (const auto& part :
       {story_lines(each, style), asked_lines(each, style), question_lines(each, style),
        answer_lines(rendered, {}, style), picture_lines(each, documents, style), figure_lines(rendered, style),
        why_lines(each, rendered, style)})
    for (const auto& line : part) text += line + "\n";
  return text;
}

}  // namespace

TEST_CASE("the tour is whole in both languages") {
  REQUIRE(built_in().steps.size() >= 10);
  std::set<std::string> ids;
  for (const auto& run : built_in().runs) {
    CAPTURE(run.name);
    CHECK(find_experiment(run.name) != nullptr);
    CHECK(find_experiment(run.name)->traced());
    CHECK_FALSE(run.title.english.empty());
    CHECK_FALSE(run.title.chinese.empty());
  }
  for (const auto& each : built_in().steps) {
    CAPTURE(each.id);
    CHECK(ids.insert(each.id).second);
    each_text(each, [](const Words& words) {
      CAPTURE(words.english);
      CHECK_FALSE(words.english.empty());
      CHECK_FALSE(has_chinese(words.english.substr(0, words.english.find("上下文"))));
      CHECK_FALSE(words.chinese.empty());
      CHECK(names_in(words.english) == names_in(words.chinese));
    });
    CHECK(has_chinese(each.story.chinese));
    if (!each.picture.empty()) built_in().run(each.picture);
    for (const auto& name : each.figures) each.value(name);
    if (each.question) each.value(each.question->value);
    CHECK_FALSE(each.why.empty());
    CHECK(each.why.front().back().when.empty());
    for (const auto& paragraph : each.why)
      for (const auto& name : rules::names(paragraph)) each.value(name);
  }
}

TEST_CASE("every value of the tour is a figure that its run has or may have") {
  const auto documents = measured();
  for (const auto& each : built_in().steps)
    for (const auto& value : each.values) {
      CAPTURE(each.id);
      CAPTURE(value.name);
      REQUIRE(documents.contains(value.run));
      CHECK(known(look_up(value, documents)));
    }
}

TEST_CASE("an answer is what was measured, and changes with it") {
  auto documents = measured();
  const auto& first = step("read_write");
  auto rendered = render(first, documents, Language::english);
  CHECK(rendered.answer->text.english == "2.00");
  CHECK(rendered.answer->agrees == true);
  const auto chosen = [](const RenderedStep& each) {
    return std::ranges::find(each.choices, true, &RenderedChoice::measured)->text;
  };
  CHECK(chosen(rendered) == "twice");

  std::erase_if(documents["read_write"].ledger.copies, [](const auto& copy) {
    return copy.to == timeline::End::user_buffer && copy.side == timeline::Side::sender;
  });
  rendered = render(first, documents, Language::english);
  CHECK(rendered.answer->text.english == "1.00");
  CHECK(rendered.answer->agrees == false);
  CHECK(chosen(rendered) == "once");
  CHECK(rendered.why.at(1).find("textbooks say 2, measured was 1.00") != std::string::npos);
}

TEST_CASE("splice: held against the textbooks only where it was measured so") {
  auto documents = measured();
  auto rendered = render(step("splice"), documents, Language::english);
  CHECK(rendered.why.at(0).find("The textbooks say 2, measured was 4.00") == 0);
  documents["splice"].ledger.sender.mode_switches.syscall /= 2;
  rendered = render(step("splice"), documents, Language::english);
  CHECK(rendered.answer->text.english == "2.00");
  CHECK(rendered.why.at(0).find("The textbooks say 2, and 2.00") == 0);
}

TEST_CASE("between which places the CPU copied") {
  auto documents = measured();
  const auto& off = step("no_scatter_gather");
  const auto right = [&] {
    const auto rendered = render(off, documents, Language::english);
    const auto found = std::ranges::find(rendered.choices, true, &RenderedChoice::measured);
    return found == rendered.choices.end() ? "" : found->text;
  };
  CHECK(right() == "socket buffer → another socket buffer");
  documents["sendfile_sg_off"] = samples::sendfile(true);
  CHECK(right() == "it copies nothing");
}

TEST_CASE("what was not seen exactly is no answer") {
  auto documents = measured();
  for (const auto evidence : {Evidence::inferred, Evidence::none}) {
    documents["sendfile"].run.evidence.copies = evidence;
    const auto rendered = render(step("sendfile"), documents, Language::english);
    CHECK_FALSE(rendered.no_answer.empty());
    CHECK_FALSE(rendered.answer->agrees);
    CHECK(std::ranges::none_of(rendered.choices, &RenderedChoice::measured));
    for (const auto& text : rendered.why) CHECK(text.find("zero-copy") == std::string::npos);
    const auto lines = answer_lines(rendered, 0, {});
    CHECK(lines.at(0).find("No answer") != std::string::npos);
    CHECK_FALSE(is_right(rendered, 0));
  }
  documents.erase("sendfile");
  CHECK(render(step("sendfile"), documents, Language::english).no_answer.find("was not measured") != std::string::npos);
}

TEST_CASE("a predicted number need not be exact") {
  const auto documents = measured();
  const auto& faults = step("faults");
  const auto rendered = render(faults, documents, Language::english);
  const double number = *rendered.answer->number;
  CHECK(is_right(rendered, number));
  CHECK(is_right(rendered, number * 1.05));
  CHECK_FALSE(is_right(rendered, number * 2));
}

TEST_CASE("a question's picture has every way, the same for every method, and nothing measured") {
  for (const int width : {120, 80, 60}) {
    terminal::Style style;
    style.width = width;
    std::set<std::string> pictures[2];  // without a pipe, with one
    for (const auto& each : built_in().steps) {
      std::string text;
      for (const auto& line : asked_lines(each, style)) text += line + "\n";
      CHECK(text.empty() == (!each.question || each.picture.empty()));
      if (text.empty()) continue;
      CAPTURE(text);
      CHECK(std::ranges::count(text, '?') == (each.pipe ? 7 : 6));
      CHECK(text.find_first_of("0123456789") == text.npos);
      CHECK((text.find("pipe") != text.npos) == each.pipe);
      pictures[each.pipe].insert(text);
    }
    CHECK(pictures[0].size() == 1);
    CHECK(pictures[1].size() == 1);
    style.width = 59;
    CHECK(asked_lines(step("read_write"), style).empty());
  }
}

TEST_CASE("no line of the tour is wider than the terminal") {
  for (const auto language : kLanguages)
    for (const int width : {80, 60}) {
      terminal::Style style;
      style.language = language;
      style.width = width;
      for (size_t i = 0; i < built_in().steps.size(); ++i) {
        auto text = text_of(built_in().steps[i], measured(), style) + heading_lines(i, style).front() + "\n";
        for (const auto& line : farewell_lines(3, 4, style)) text += line + "\n";
        for (size_t begin = 0, end; begin < text.size(); begin = end + 1) {
          end = text.find('\n', begin);
          CAPTURE(text.substr(begin, end - begin));
          CHECK(columns(text.substr(begin, end - begin)) <= width);
        }
      }
    }
}

TEST_CASE("the tour as text") {
  for (const auto language : kLanguages) {
    terminal::Style style;
    style.language = language;
    std::string text;
    for (size_t i = 0; i < built_in().steps.size(); ++i)
      text += heading_lines(i, style).front() + "\n" + text_of(built_in().steps[i], measured(), style);
    CHECK(text == approved(language == Language::chinese ? "tour_zh.txt" : "tour_en.txt", text));
  }
}

}  // namespace tour_test
