// SPDX-License-Identifier: Apache-2.0
// From logits to answers, checked by hand and against a plain implementation on random logits with
// many ties.
#include "tasks/question_answering/decode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "expect_error.h"
#include "golden_file.h"
#include "text/code_point_index.h"

namespace bertune {
namespace {

using Floats = std::vector<float>;

// Contexts of one-token words with one-token questions: [CLS] q [SEP] words [SEP].
class Decode : public testing::Test {
 protected:
  // Adds an example with one window over all of its words; returns the window.
  int32_t add(const std::string& context) {
    const auto example = static_cast<int32_t>(data_.examples.size());
    add_question(data_, std::to_string(example), context, "q");
    std::vector<Token> tokens;
    for (size_t begin = 0; begin < context.size();) {
      const size_t end = std::min(context.find(' ', begin), context.size());
      tokens.push_back({0, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)});
      begin = end + 1;
    }
    const auto count = static_cast<int32_t>(tokens.size());
    set_.texts.push_back({{0, 0, 1}});
    set_.texts.push_back(std::move(tokens));
    add_window(example, 0, count);
    return static_cast<int32_t>(set_.windows.size()) - 1;
  }
  void add_window(int32_t example, int32_t begin, int32_t end) {
    set_.windows.push_back({.example = example,
                            .first = 2 * example,
                            .first_length = 1,
                            .second = 2 * example + 1,
                            .second_begin = begin,
                            .second_end = end});
  }
  std::vector<QaPrediction> decode(const std::vector<std::pair<Floats, Floats>>& logits,
                                   const QaDecodeOptions& options = {}) {
    QaDecoder decoder(data_, set_, options);
    for (auto w = static_cast<int32_t>(logits.size()) - 1; w >= 0; --w)  // in any order
      decoder.add_window(w, logits[w].first, logits[w].second);
    return decoder.finish();
  }

  SquadData data_;
  WindowSet set_;
};

TEST_F(Decode, FindsTheBestPair) {
  add("Ich wohne in Köln am Rhein");
  const auto predictions =
      decode({{{0, 0, 0, 0, 0, 0, 5, 0, 0, 0}, {0, 0, 0, 0, 0, 0, 0, 0, 4, 0}}});
  const QaAnswer& answer = predictions.at(0).answer;
  EXPECT_EQ(answer.text, "Köln am Rhein");
  EXPECT_EQ(answer.start, 13);  // code points, not bytes
  EXPECT_EQ(answer.end, 26);
  EXPECT_EQ(answer.start_logit, 5.0f);
  EXPECT_EQ(answer.end_logit, 4.0f);
  EXPECT_EQ(predictions[0].n_best[0].text, answer.text);
  EXPECT_EQ(predictions[0].n_best.size(), 20u);
}

TEST_F(Decode, RoundsTheSoftmaxTo4Decimals) {
  add("a b");
  const auto predictions = decode({{{0, 0, 0, 2, 0, 0}, {0, 0, 0, 1, 0, 0}}});
  // The sums are 3 for a, 2 for a b, 0 for b.
  ASSERT_EQ(predictions[0].n_best.size(), 3u);
  EXPECT_EQ(predictions[0].n_best[0].score, 0.7054);
  EXPECT_EQ(predictions[0].n_best[1].score, 0.2595);
  EXPECT_EQ(predictions[0].n_best[1].text, "a b");
  EXPECT_EQ(predictions[0].n_best[2].score, 0.0351);
}

TEST_F(Decode, KeepsTheFirstOfEqualTexts) {
  add("x y x");
  const auto predictions = decode({{{0, 0, 0, 1, 0, 1, 0}, {0, 0, 0, 1, 0, 1, 0}}});
  EXPECT_EQ(predictions[0].answer.start, 0);
  int count = 0;
  for (const QaAnswer& answer : predictions[0].n_best) count += answer.text == "x";
  EXPECT_EQ(count, 1);
}

TEST_F(Decode, KeepsToTheLongestAnswer) {
  add("a b c d");
  const Floats start{0, 0, 0, 9, 0, 0, 0, 0}, end{0, 0, 0, 0, 0, 1, 9, 0};
  EXPECT_EQ(decode({{start, end}})[0].answer.text, "a b c d");
  EXPECT_EQ(decode({{start, end}}, {.max_answer_tokens = 3})[0].answer.text, "a b c");
}

TEST_F(Decode, AnswersNothingWithoutACandidate) {
  add("a b");
  // The best start comes after the best end.
  const auto predictions = decode({{{0, 0, 0, 0, 9, 0}, {0, 0, 0, 9, 0, 0}}}, {.n_best = 1});
  ASSERT_EQ(predictions[0].n_best.size(), 1u);
  EXPECT_EQ(predictions[0].answer.text, "");
  EXPECT_EQ(predictions[0].answer.score, 0.0);
  EXPECT_EQ(predictions[0].answer.start, 0);
  EXPECT_EQ(predictions[0].answer.end, 0);
  // The best logits are outside the context.
  EXPECT_EQ(decode({{{9, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 9}}}, {.n_best = 1})[0].answer.text, "");
}

TEST_F(Decode, AnswersNothingInAnEmptyContext) {
  data_.contexts.emplace_back();
  data_.examples.push_back({.id = "0", .question = "q", .context = 0, .answers = {}});
  set_.texts = {{{0, 0, 1}}, {}};
  add_window(0, 0, 0);
  EXPECT_EQ(decode({{{1, 2, 3, 4}, {1, 2, 3, 4}}})[0].answer.text, "");
}

TEST_F(Decode, ChoosesBetweenAnAnswerAndNone) {
  add("a b");
  // The best answer is `b` with 5, and no answer has 4.
  const Floats start{1, 0, 0, 0, 3, 0}, end{3, 0, 0, 0, 2, 0};
  const auto at = [&](double threshold) {
    return decode({{start, end}}, {.version2 = true, .null_threshold = threshold})[0];
  };
  EXPECT_EQ(at(0.0).answer.text, "b");
  EXPECT_EQ(at(0.0).no_answer_score, -1.0);
  EXPECT_EQ(at(-1.0).answer.text, "b");  // strictly above
  EXPECT_EQ(at(-1.5).answer.text, "");
  EXPECT_EQ(at(-1.5).best_text, "b");
  EXPECT_EQ(at(-1.5).answer.score, at(0.0).n_best[1].score);
  EXPECT_EQ(at(0.0).n_best[1].text, "");
}

TEST_F(Decode, TakesTheLowestNoAnswerOfTheWindows) {
  add("a b");
  add_window(0, 1, 2);
  const auto predictions =
      decode({{{9, 0, 0, 1, 0, 0}, {9, 0, 0, 1, 0, 0}}, {{1, 0, 0, 0, 0}, {0, 0, 0, 0, 0}}},
             {.version2 = true});
  EXPECT_EQ(predictions[0].no_answer_score, 1.0 - 2.0);
  EXPECT_EQ(predictions[0].answer.text, "a");
}

TEST_F(Decode, RefusesLogitsThatAreNotFinite) {
  add("a");
  QaDecoder decoder(data_, set_, {});
  const Floats good(5, 0.0f);
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    Floats logits = good;
    logits[2] = bad;
    expect_error(ErrorKind::kNumerical, {"question '0'"},
                 [&] { decoder.add_window(0, logits, good); });
    expect_error(ErrorKind::kNumerical, {"question '0'"},
                 [&] { decoder.add_window(0, good, logits); });
  }
}

TEST_F(Decode, InsistsOnEveryWindowAndItsLength) {
  add("a");
  QaDecoder decoder(data_, set_, {});
  EXPECT_THROW(decoder.finish(), Error);
  EXPECT_THROW(decoder.add_window(0, Floats(4), Floats(4)), Error);
}

// Comparison with tools/squad_reference.py.

struct GoldenCase {
  explicit GoldenCase(const nlohmann::json& golden);
  SquadData data;
  WindowSet set;
  std::vector<Floats> starts, ends;
  QaDecodeOptions options;
};

GoldenCase::GoldenCase(const nlohmann::json& golden) {
  const std::string context = golden["context"];
  add_question(data, "1", context, "q");
  const CodePointIndex index(data.contexts[0]);
  set.texts.resize(2);
  for (const auto& window : golden["windows"]) {
    const int32_t first = window["first"], last = window["last"];
    set.texts[0].resize(window["question_tokens"].get<int32_t>());
    set.texts[1].resize(std::max(set.texts[1].size(), static_cast<size_t>(last)));
    for (int32_t t = first; t < last; ++t) {
      const auto& offsets = window["offsets"][t - first];
      set.texts[1][t] = {0, static_cast<uint32_t>(index.byte_of(offsets[0])),
                         static_cast<uint32_t>(index.byte_of(offsets[1]))};
    }
    set.windows.push_back({.example = 0,
                           .first = 0,
                           .first_length = static_cast<int32_t>(set.texts[0].size()),
                           .second = 1,
                           .second_begin = first,
                           .second_end = last});
    starts.push_back(window["start"]);
    ends.push_back(window["end"]);
  }
  const auto& given = golden["options"];
  options = {.n_best = given["n_best"],
             .max_answer_tokens = given["max_answer_tokens"],
             .version2 = given["version2"],
             .null_threshold = given["null_threshold"]};
}

nlohmann::json describe(const QaAnswer& answer) {
  return {
      {"text", answer.text}, {"start", answer.start}, {"end", answer.end}, {"score", answer.score}};
}

TEST(DecodeGolden, EqualsThePlainImplementation) {
  int number = 0;
  for (const auto& golden : read_golden("decode.json", "cases")) {
    SCOPED_TRACE("case " + std::to_string(number++));
    const GoldenCase given(golden);
    QaDecoder decoder(given.data, given.set, given.options);
    for (size_t w = 0; w < given.starts.size(); ++w)
      decoder.add_window(static_cast<int32_t>(w), given.starts[w], given.ends[w]);
    const QaPrediction found = decoder.finish().at(0);
    nlohmann::json expected = golden["expected"];
    expected["answer"].erase("sum");
    EXPECT_EQ(describe(found.answer), expected["answer"]);
    ASSERT_EQ(found.n_best.size(), expected["n_best"].size());
    for (size_t i = 0; i < found.n_best.size(); ++i) {
      expected["n_best"][i].erase("sum");
      EXPECT_EQ(describe(found.n_best[i]), expected["n_best"][i]) << i;
    }
    if (!given.options.version2) continue;
    EXPECT_EQ(found.no_answer_score, expected["no_answer_score"].get<double>());
    EXPECT_EQ(found.best_text, expected["best_text"].get<std::string>());
  }
}

}  // namespace
}  // namespace bertune
