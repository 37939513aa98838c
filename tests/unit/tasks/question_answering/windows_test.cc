// SPDX-License-Identifier: Apache-2.0
// From question answering data to windows and targets, checked by hand, against Hugging Face's
// tokenizers on a small vocabulary, and by the counts of the whole of SQuAD where it is available.
#include "tasks/question_answering/windows.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <numeric>

#include "base/parallel.h"
#include "batch/batch.h"
#include "batch/loader.h"
#include "datasets/squad/reader.h"
#include "golden_file.h"
#include "temporary_folder.h"
#include "text/code_point_index.h"
#include "text/python_text.h"

namespace bertune {
namespace {

using Numbers = std::vector<int32_t>;
namespace fs = std::filesystem;

// One-letter words. `zz` has two tokens, and so does the syllable U+AC00, both of which cover its
// whole range.
Tokenizer letters() {
  std::vector<std::string> vocabulary{"[PAD]",  "[UNK]", "[CLS]",  "[SEP]",
                                      "[MASK]", "##z",   "\u1100", "##\u1161"};
  for (char c = 'a'; c <= 'z'; ++c) vocabulary.emplace_back(1, c);
  return Tokenizer(std::move(vocabulary), {});
}

// One question with one answer.
SquadData one_question(const std::string& context, const std::string& question,
                       const std::string& answer, int64_t begin) {
  SquadData data;
  add_question(data, "1", context, question);
  data.examples[0].answers.push_back({.text = answer, .begin = begin});
  return data;
}

// The targets of windows with 4 context tokens, 2 of which overlap: [CLS] q [SEP] 4 [SEP].
Numbers targets(const std::string& context, const std::string& answer, int64_t begin) {
  const SquadData data = one_question(context, "q", answer, begin);
  return make_windows(letters(), data, {.max_seq_length = 8, .doc_stride = 2}, QaTargets::kSpans)
      .targets;
}

TEST(QaWindows, LabelsTheTokensOfTheAnswer) {
  EXPECT_EQ(targets("a b c d", "b c", 2), (Numbers{4, 5}));
  EXPECT_EQ(targets("a b c d", "a", 0), (Numbers{3, 3}));
  EXPECT_EQ(targets("a b c d", "d", 6), (Numbers{6, 6}));
}

TEST(QaWindows, LabelsPiecesThatHoldTheAnswersEnds) {
  EXPECT_EQ(targets("a zz zz d", "z z", 3), (Numbers{5, 6, 3, 4}));
  EXPECT_EQ(targets("a b c d", " b ", 1), (Numbers{3, 5}));  // spaces belong to no token
}

TEST(QaWindows, LabelsWindowsWithoutAllOfTheAnswerWithZero) {
  // The windows are a b c d, c d e f, e f g.
  EXPECT_EQ(targets("a b c d e f g", "c d", 4), (Numbers{5, 6, 3, 4, 0, 0}));
  EXPECT_EQ(targets("a b c d e f g", "d e", 6), (Numbers{0, 0, 4, 5, 0, 0}));
  EXPECT_EQ(targets("a b c d e f g", "b c d e", 2), (Numbers{0, 0, 0, 0, 0, 0}));
}

TEST(QaWindows, LabelsAnAnswerBetweenOrWithinTokens) {
  EXPECT_EQ(targets("a   b", " ", 2), (Numbers{3, 4}));
  EXPECT_EQ(targets("a [MASK] b", "AS", 4), (Numbers{4, 4}));
}

TEST(QaWindows, SwapsTheEndsWhereTokensShareTheirRange) {
  // The last token that begins there is the second piece, and the first that ends there is the
  // first piece.
  EXPECT_EQ(targets("a \uAC00 b", "\uAC00", 2), (Numbers{4, 5}));
}

TEST(QaWindows, CountsAnAnswerBeforeTheFirstTokenAsMissing) {
  EXPECT_EQ(targets("\u200b a", "\u200b", 0), (Numbers{0, 0}));
}

TEST(QaWindows, TakesTheFirstGoldAnswerOrNone) {
  SquadData data = one_question("a b c d", "q", "b", 2);
  data.examples[0].answers.push_back({.text = "d", .begin = 6});
  add_question(data, "2", "a", "q");
  const WindowSet set = make_windows(letters(), data, {}, QaTargets::kSpans);
  EXPECT_EQ(set.targets, (Numbers{4, 4, 0, 0}));
  EXPECT_EQ(set.targets_per_window, 2);
}

TEST(QaWindows, MakesNoTargetsUnlessAsked) {
  const SquadData data = one_question("a b", "q", "a", 0);
  const WindowSet set = make_windows(letters(), data, {}, QaTargets::kNone);
  EXPECT_EQ(set.windows.size(), 1u);
  EXPECT_TRUE(set.targets.empty());
}

TEST(QaWindows, TokenizesAContextOnce) {
  SquadData data = one_question("a b c", "q", "a", 0);
  data.examples.push_back({.id = "2", .question = "x y", .context = 0, .answers = {}});
  const WindowSet set = make_windows(letters(), data, {}, QaTargets::kNone);
  ASSERT_EQ(set.texts.size(), 3u);
  EXPECT_EQ(set.windows[0].second, 0);
  EXPECT_EQ(set.windows[1].second, 0);
  EXPECT_EQ(set.windows[1].first, 2);
  EXPECT_EQ(set.windows[1].first_length, 2);
}

TEST(QaWindows, CutsALongQuestionWithAWarning) {
  std::string question;
  for (int i = 0; i < 65; ++i) question += "q ";
  testing::internal::CaptureStderr();
  const WindowSet set =
      make_windows(letters(), one_question("a b", question, "b", 2), {}, QaTargets::kSpans);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("1 questions were cut at 64 tokens"), std::string::npos) << log;
  EXPECT_EQ(set.windows[0].first_length, 64);
  EXPECT_EQ(set.targets, (Numbers{67, 67}));
}

TEST(QaWindows, MakesAWindowOfAnEmptyContextOrQuestion) {
  SquadData data;
  add_question(data, "1", "", "q");
  add_question(data, "2", "a", "");
  const WindowSet set = make_windows(letters(), data, {}, QaTargets::kNone);
  ASSERT_EQ(set.windows.size(), 2u);
  EXPECT_EQ(set.windows[0].length(), 4);
  EXPECT_EQ(set.windows[1].length(), 4);
}

// The row that tools/compare_features.py produces for a window.
nlohmann::json describe(const SquadData& data, const WindowSet& set, int32_t w) {
  Batch batch;
  pack(set, std::span(&w, 1), batch);
  const Window& window = set.windows[w];
  std::vector<int64_t> offsets(2, 0);
  const auto append = [&](std::string_view text, std::span<const Token> tokens) {
    const CodePointIndex index(text);
    for (const Token& token : tokens) {
      offsets.push_back(index.code_point_of(token.begin));
      offsets.push_back(index.code_point_of(token.end));
    }
    offsets.insert(offsets.end(), 2, 0);
  };
  append(python_lstrip(data.examples[window.example].question),
         std::span(set.texts[window.first]).first(window.first_length));
  append(data.contexts[data.examples[window.example].context],
         std::span(set.texts[window.second])
             .subspan(window.second_begin, window.second_end - window.second_begin));
  return {{"example", window.example},
          {"ids", batch.ids},
          {"types", batch.types},
          {"offsets", offsets},
          {"targets", batch.targets}};
}

SquadData read_golden_squad() {
  return SquadStream(golden_path("squad.json"), Split::kTrain).read_all().data;
}

TEST(QaWindows, EqualsTheReferenceTokenizer) {
  const SquadData data = read_golden_squad();
  std::vector<std::string> vocabulary;
  std::ifstream vocab(golden_path("vocab.txt"));
  for (std::string line; std::getline(vocab, line);) vocabulary.push_back(line);
  const Tokenizer tokenizer(std::move(vocabulary), {});
  const WindowSet set =
      make_windows(tokenizer, data, {.max_seq_length = 40, .doc_stride = 8}, QaTargets::kSpans);
  std::ifstream golden(golden_path("windows.jsonl"));
  int32_t count = 0;
  for (std::string line; std::getline(golden, line); ++count) {
    ASSERT_LT(count, static_cast<int32_t>(set.windows.size()));
    EXPECT_EQ(describe(data, set, count), nlohmann::json::parse(line)) << "window " << count;
  }
  EXPECT_EQ(count, static_cast<int32_t>(set.windows.size()));
}

TEST(QaWindows, DoesNotDependOnTheThreads) {
  const SquadData data = read_golden_squad();
  std::vector<WindowSet> sets;
  for (const int threads : {1, 4}) {
    const WithThreads with(threads);
    sets.push_back(
        make_windows(letters(), data, {.max_seq_length = 40, .doc_stride = 8}, QaTargets::kSpans));
  }
  EXPECT_EQ(sets[0].texts, sets[1].texts);
  EXPECT_EQ(sets[0].targets, sets[1].targets);
  EXPECT_EQ(sets[0].windows.size(), sets[1].windows.size());
}

struct WindowCounts {
  int64_t windows, tokens;
  friend bool operator==(const WindowCounts&, const WindowCounts&) = default;
};

// Counts over a file of the shared data, which is compressed and stored next to the checkout.
WindowCounts count_shared(const std::string& name, Split split) {
  const fs::path shared = fs::path(BERTUNE_SOURCE_DIR) / ".." / "shared" / "data";
  const TemporaryFolder folder;
  const std::string command = "xz -dkc '" + (shared / "squad" / (name + ".xz")).string() + "' > '" +
                              (folder / name).string() + "'";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
  const Tokenizer tokenizer = Tokenizer::load(shared / "vocab" / "bert-base-uncased", true);
  const WindowSet set = make_windows(tokenizer, SquadStream(folder / name, split).read_all().data,
                                     {}, QaTargets::kNone);
  Numbers all(set.windows.size());
  std::iota(all.begin(), all.end(), 0);
  return {static_cast<int64_t>(all.size()), count_tokens(set, all)};
}

TEST(QaWindows, CountsThoseOfAllOfSquad) {
  if (!fs::exists(fs::path(BERTUNE_SOURCE_DIR) / ".." / "shared" / "data" / "squad")) {
    GTEST_SKIP() << "no ../shared/data/squad: the windows of all of SQuAD are not counted";
  }
  EXPECT_EQ(count_shared("train-v1.1.json", Split::kTrain), (WindowCounts{88524, 15115761}));
  EXPECT_EQ(count_shared("dev-v1.1.json", Split::kEvaluate), (WindowCounts{10784, 1897568}));
  EXPECT_EQ(count_shared("dev-v2.0.json", Split::kEvaluate), (WindowCounts{12134, 2184022}));
}

}  // namespace
}  // namespace bertune
