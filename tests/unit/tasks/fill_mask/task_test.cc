// SPDX-License-Identifier: Apache-2.0
// Masked language modelling through the interface shared by all tasks, with artificial logits.
#include <cmath>

#include "unit/tasks/task_fixture.h"

namespace bertune {
namespace {

class FillMask : public TaskTest {
 protected:
  FillMask() : TaskTest("fill_mask") {}
};

TEST_F(FillMask, LearnsTokensOfDocuments) {
  const TrainingData data = train("t.txt", "a b c d e f g\nh i j k l m n o p\n\nq r\n");
  ASSERT_EQ(data.windows.windows.size(), 3u);  // 14 and 2 tokens, then 2
  EXPECT_EQ(data.windows.windows[0].length(), 16);
  EXPECT_EQ(data.windows.windows[1].length(), 4);
  EXPECT_TRUE(data.windows.predicts_words);
  ASSERT_TRUE(data.windows.masking.has_value());
  EXPECT_DOUBLE_EQ(data.windows.masking->probability, 0.15);
}

// 2.6 million tokens, for which repeatedly removing a window from the front would take minutes.
TEST_F(FillMask, CutsALineOfAnyLength) {
  std::string line;
  for (int i = 0; i < 100'000; ++i) line += "a b c d e f g h i j k l m n o p q r s t u v w x y z ";
  const TrainingData data = train("t.txt", line);
  const std::vector<Window>& windows = data.windows.windows;
  ASSERT_EQ(windows.size(), (2'600'000u + 13) / 14);
  for (const int32_t w : {0, 1, 100'000}) {
    Batch batch;
    WindowSet shown = data.windows;
    shown.masking.reset();
    pack(shown, std::span(&w, 1), batch);
    for (int32_t i = 0; i < 14; ++i) EXPECT_EQ(batch.ids[i + 1], kA + (14 * w + i) % 26);
  }
  EXPECT_EQ(windows.back().length(), 2'600'000 % 14 + 2);
}

TEST_F(FillMask, TakesWindowsThatAreMaskedAlready) {
  const TrainingData data =
      train("t.jsonl", "{\"input_ids\": [2, 8, 4, 3], \"labels\": [-100, -100, 9, -100]}\n");
  EXPECT_FALSE(data.windows.masking.has_value());
  EXPECT_EQ(data.windows.token_targets[0], (std::vector<int32_t>{-100, -100, 9, -100}));
  const auto refuses = [&](std::string_view line, const std::string& what) {
    expect_error(ErrorKind::kInput, {"line 1", what}, [&] { train("t.jsonl", line); });
  };
  refuses("{\"input_ids\": [8, 4, 3], \"labels\": [1, 1, 1]}", "begin with [CLS]");
  refuses("{\"input_ids\": [2, 4, 3], \"labels\": [1, 1]}", "3 input_ids, but 2 labels");
  refuses("{\"input_ids\": [2, 99, 3], \"labels\": [-100, 1, -100]}",
          "neither a token id, 0 to 33");
  // 2^32 + 4 is not 4.
  refuses("{\"input_ids\": [2, 4294967300, 3], \"labels\": [-100, 1, -100]}",
          "neither a token id, 0 to 33");
  refuses("{\"input_ids\": [2, 4, 3], \"labels\": [-100, -4294967292, -100]}",
          "neither a token id, 0 to 33");
}

TEST_F(FillMask, FindsJsonAfterAByteOrderMark) {
  const TrainingData data = train("t.jsonl", "\uFEFF{\"text\": \"a b\"}\n");
  ASSERT_EQ(data.windows.windows.size(), 1u);
  EXPECT_EQ(data.windows.windows[0].length(), 4);
}

TEST_F(FillMask, ScoresMaskedTokensByTheirLoss) {
  const Infer even = [](const WindowSet& set, const LogitsSink& sink) {
    for (int32_t w = 0; w < static_cast<int32_t>(set.windows.size()); ++w) {
      Batch batch;
      pack(set, std::span(&w, 1), batch);
      sink(w, std::vector<float>(10 * batch.masked_rows.size()));
    }
  };
  masking_.mask_probability = 0.5;
  const auto metrics = evaluate("d.txt", "a b a b a b a b\nb a b a b a b\n", even);
  EXPECT_NEAR(metrics.at("loss"), std::log(10.0), 1e-12);
  EXPECT_NEAR(metrics.at("perplexity"), 10.0, 1e-12);
}

// Streaming in parts masks the same tokens as the whole. Training relies on this, because it uses
// one key for all steps.
TEST_F(FillMask, MasksTheSameTokensInPartsAsAtOnce) {
  std::string text;
  for (int line = 0; line < 9000; ++line) text += "a b c d e f g h\n\n";
  masking_.mask_probability = 0.5;
  TrainingData whole = train("t.txt", text);
  whole.windows.masking->key = 42;  // as in evaluation
  const auto hidden = [](const WindowSet& set, int32_t window) {
    Batch batch;
    pack(set, std::span(&window, 1), batch);
    return batch.ids;
  };
  int32_t before = 0, parts = 0;
  evaluate("t.txt", text, [&](const WindowSet& set, const LogitsSink& sink) {
    ++parts;
    for (int32_t w = 0; w < static_cast<int32_t>(set.windows.size()); ++w, ++before) {
      Batch batch;
      pack(set, std::span(&w, 1), batch);
      EXPECT_EQ(batch.ids, hidden(whole.windows, before));
      sink(w, std::vector<float>(tokenizer_.vocabulary().size() * batch.masked_rows.size()));
    }
  });
  EXPECT_EQ(before, 9000);
  EXPECT_GT(parts, 1);
}

TEST_F(FillMask, RefusesTextsBesideMaskedWindows) {
  expect_error(ErrorKind::kInput, {"line 2", "some records have input_ids and others do not"}, [&] {
    train("t.jsonl",
          "{\"text\": \"a b\"}\n{\"input_ids\": [2, 4, 3], \"labels\": [-100, 9, -100]}\n");
  });
}

// The most likely word is a, then b.
Infer guess() {
  return [](const WindowSet& set, const LogitsSink& sink) {
    for (int32_t w = 0; w < static_cast<int32_t>(set.windows.size()); ++w) {
      Batch batch;
      pack(set, std::span(&w, 1), batch);
      std::vector<float> logits(10 * batch.masked_rows.size());
      for (size_t i = 0; i < batch.masked_rows.size(); ++i) {
        logits[10 * i + kA] = 2.0f;
        logits[10 * i + kB] = 1.0f;
      }
      sink(w, logits);
    }
  };
}

TEST_F(FillMask, FillsInMasks) {
  const std::vector<Input> inputs{std::string("c [MASK]."), std::string("[MASK] zz[MASK]")};
  const Predictions predictions = predict(inputs, 2, guess());
  ASSERT_EQ(predictions[0].size(), 2u);
  const auto& first = std::get<FilledMask>(predictions[0][0]);
  EXPECT_EQ(first.token, kA);
  EXPECT_EQ(first.token_str, "a");
  EXPECT_EQ(first.sequence, "c a.");
  EXPECT_NEAR(first.score, std::exp(2.0) / (std::exp(2.0) + std::exp(1.0) + 8.0), 1e-12);
  ASSERT_EQ(predictions[1].size(), 4u);
  const auto& last = std::get<FilledMask>(predictions[1][3]);
  EXPECT_EQ(last.mask, 1);
  EXPECT_EQ(last.sequence, "[CLS] [MASK] zz b [SEP]");
  expect_error(ErrorKind::kInput, {"no [MASK]"},
               [&] { task_->check_input(std::string("[mask]")); });
  expect_error(ErrorKind::kInput, {"input 0", "17 tokens", "sees 16"}, [&] {
    const std::string text = "a a a a a a a a a a a a a a [MASK]";
    predict({text}, 1, guess());
  });
}

TEST_F(FillMask, RanksOnlyTheTargets) {
  const std::vector<Input> inputs{std::string("c [MASK].")};
  const auto ranked = [&](const std::string& targets, int64_t top_k) {
    const Predictions predictions = bertune::predict(
        *task_, context(), {.inputs = inputs, .top_k = top_k, .targets = targets}, guess());
    std::vector<std::string> words;
    for (const Prediction& word : predictions[0])
      words.push_back(std::get<FilledMask>(word).token_str);
    return words;
  };
  EXPECT_EQ(ranked("b, a,b", 5), (Strings{"a", "b"}));
  EXPECT_EQ(ranked("b,##z", 1), (Strings{"b"}));
  const Predictions alone =
      bertune::predict(*task_, context(), {.inputs = inputs, .top_k = 1, .targets = "b"}, guess());
  EXPECT_NEAR(std::get<FilledMask>(alone[0][0]).score,
              std::exp(1.0) / (std::exp(2.0) + std::exp(1.0) + 8.0), 1e-12);
  expect_error(ErrorKind::kUsage, {"the target 'zz' is 2 tokens"}, [&] { ranked("a,zz", 1); });
  for (const char* unknown : {"\u4e2d", "a,"}) {
    expect_error(ErrorKind::kUsage, {"is not in the vocabulary"}, [&] { ranked(unknown, 1); });
  }
}

// The whole file is checked before the first logits are computed, as the error in its last record
// shows.
TEST_F(FillMask, ChecksMaskedWindowsBeforeItInfers) {
  const EvaluateRequest wanted =
      request(put("d.jsonl",
                  "{\"input_ids\": [2, 8, 3], \"labels\": [-100, 9, -100]}\n"
                  "{\"input_ids\": [2, 99, 3], \"labels\": [-100, 9, -100]}\n"));
  const Infer never = [](const WindowSet&, const LogitsSink&) { FAIL() << "logits are computed"; };
  for (const auto& work :
       std::vector<std::function<void()>>{[&] { task_->list_metrics(context(), wanted); },
                                          [&] { task_->evaluate(context(), wanted, never); }}) {
    expect_error(ErrorKind::kInput, {"d.jsonl', line 2: a number is neither a token id"}, work);
  }
}

}  // namespace
}  // namespace bertune
