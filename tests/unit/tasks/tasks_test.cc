// SPDX-License-Identifier: Apache-2.0
// Text classification, token classification and masked words behind the interface of all tasks,
// with logits that the tests make up.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "batch/batch.h"
#include "expect_error.h"
#include "tasks/task.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

using Strings = std::vector<std::string>;

// Words of one letter; `zz` is two pieces.
Tokenizer letters() {
  std::vector<std::string> vocabulary{"[PAD]",  "[UNK]", "[CLS]", "[SEP]",
                                      "[MASK]", "##z",   ".",     "-"};
  for (char c = 'a'; c <= 'z'; ++c) vocabulary.emplace_back(1, c);
  return Tokenizer(std::move(vocabulary), {});
}

class Tasks : public testing::Test {
 protected:
  TaskContext context() const {
    return {.tokenizer = tokenizer_,
            .limits = {.max_seq_length = 16, .doc_stride = 4},
            .answer = {},
            .data = data_,
            .reading = reading_};
  }
  std::filesystem::path put(const std::string& name, std::string_view content) const {
    return put_file(folder_ / name, content);
  }
  TrainingData train(const std::string& task, const std::string& name,
                     std::string_view content) const {
    return make_task(task)->read_training(context(), put(name, content), 0);
  }
  std::map<std::string, double> evaluate(const std::string& task, const std::string& name,
                                         std::string_view content, const Infer& infer) const {
    const Metrics metrics = make_task(task)->evaluate(
        context(), {.eval_dataset = put(name, content).string(), .data = data_}, infer);
    return {metrics.begin(), metrics.end()};
  }

  const TemporaryFolder folder_;
  const Tokenizer tokenizer_ = letters();
  DataOptions data_;
  Reading reading_;
};

// Logits of windows, one row of `columns` for each: 1 at what `choose` says of a window's first
// token, else 0.
Infer by_first_token(size_t columns, const std::function<size_t(int32_t id)>& choose) {
  return [=](const WindowSet& set, const LogitsSink& sink) {
    for (size_t w = 0; w < set.windows.size(); ++w) {
      std::vector<float> logits(columns);
      logits[choose(set.texts[static_cast<size_t>(set.windows[w].first)].at(0).id)] = 1.0f;
      sink(static_cast<int32_t>(w), logits);
    }
  };
}

// The same for every token of a window with its special ones, which get 0.
Infer by_token(size_t columns, const std::function<size_t(int32_t id)>& choose) {
  return [=](const WindowSet& set, const LogitsSink& sink) {
    for (int32_t w = 0; w < static_cast<int32_t>(set.windows.size()); ++w) {
      Batch batch;
      pack(set, std::span(&w, 1), batch);
      std::vector<float> logits(columns * batch.ids.size());
      for (size_t row = 0; row < batch.ids.size(); ++row) {
        logits[row * columns + choose(batch.ids[row])] = 1.0f;
      }
      sink(w, logits);
    }
  };
}

constexpr int32_t kA = 8, kB = 9;  // ids of a and b

TEST_F(Tasks, LearnTextsWithTheirLabels) {
  const TrainingData data = train("text_classification", "t.csv", "text,label\na b,pos\nc,neg\n");
  EXPECT_EQ(data.reading.labels, (Strings{"neg", "pos"}));
  EXPECT_EQ(data.windows.targets, (std::vector<int32_t>{1, 0}));
  EXPECT_EQ(data.windows.targets_per_window, 1);
  EXPECT_EQ(data.ids, (Strings{"line 2", "line 3"}));
  EXPECT_FALSE(data.reading.text_pairs);
}

TEST_F(Tasks, KeepTheOrderOfLabelsThatIsGiven) {
  data_.labels = "pos,neg,other";
  const auto content = "text,label\na b,pos\nc,neg\n";
  EXPECT_EQ(train("text_classification", "t.csv", content).windows.targets,
            (std::vector<int32_t>{0, 1}));
  data_.labels = "";
  reading_.labels = {"pos", "neg"};  // of a model that is tuned already
  EXPECT_EQ(train("text_classification", "t.csv", content).windows.targets,
            (std::vector<int32_t>{0, 1}));
  reading_.labels = {"pos", "bad"};
  expect_error(ErrorKind::kInput, {"label 'neg' is not one of pos, bad"},
               [&] { train("text_classification", "t.csv", content); });
}

TEST_F(Tasks, LearnNumbers) {
  const TrainingData data = train("text_classification", "t.csv", "text,label\na,1.5\nb,3\n");
  EXPECT_TRUE(data.reading.regression);
  EXPECT_EQ(data.windows.target_values, (std::vector<float>{1.5f, 3.0f}));
  EXPECT_TRUE(data.windows.targets.empty());
}

TEST_F(Tasks, ScoreTexts) {
  reading_.labels = {"no", "yes"};
  const auto metrics =
      evaluate("text_classification", "d.csv", "text,label\na,yes\na,no\nb,no\nb,no\n",
               by_first_token(2, [](int32_t id) { return id == kA ? 1 : 0; }));
  EXPECT_DOUBLE_EQ(metrics.at("accuracy"), 0.75);
  EXPECT_DOUBLE_EQ(metrics.at("f1"), 2.0 / 3.0);
}

TEST_F(Tasks, ScoreGlueByAnAnonymousModel) {
  reading_.labels = {"LABEL_0", "LABEL_1"};
  const auto metrics = evaluate("text_classification", "dev.tsv", "sentence\tlabel\na\t1\nb\t0\n",
                                by_first_token(2, [](int32_t id) { return id == kA ? 1 : 0; }));
  EXPECT_EQ(metrics, (std::map<std::string, double>{{"accuracy", 1.0}}));
}

TEST_F(Tasks, WritePredictionsThatCanBeScored) {
  reading_.labels = {"no", "yes"};
  const auto task = make_task("text_classification");
  EvaluateOptions options{.eval_dataset = put("d.csv", "text,label\na,yes\nb,yes\n").string(),
                          .predictions = (folder_ / "p.jsonl").string(),
                          .confusion = (folder_ / "c.json").string()};
  const Metrics metrics = task->evaluate(
      context(), options, by_first_token(2, [](int32_t id) { return id == kA ? 1 : 0; }));
  EXPECT_EQ(get_file(options.confusion),
            "{\"labels\":[\"no\",\"yes\"],\"counts\":[[0,0],[1,1]]}\n");
  options.score = options.predictions;
  options.data.labels = "no,yes";
  options.predictions = options.confusion = "";
  EXPECT_EQ(task->score(options), metrics);
  put("p.jsonl", "{\"label\": \"yes\"}\n");
  expect_error(ErrorKind::kInput, {"1 predictions for 2 examples"}, [&] { task->score(options); });
}

// What each of many examples gets is the same as what a few get, in the same order.
TEST_F(Tasks, EvaluateDataOfSeveralParts) {
  constexpr int kTimes = 3000;
  const auto repeat = [](const std::string& text) {
    std::string repeated;
    for (int i = 0; i < kTimes; ++i) repeated += text;
    return repeated;
  };
  const auto expect_the_same = [&](const std::string& task, const std::string& header,
                                   const std::string& rows, const Infer& infer) {
    SCOPED_TRACE(task);
    const auto evaluate_to = [&](const std::string& name, const std::string& content) {
      return make_task(task)->evaluate(
          context(),
          {.eval_dataset = put("data", content).string(), .predictions = (folder_ / name).string()},
          infer);
    };
    const Metrics few = evaluate_to("few", header + rows);
    const Metrics many = evaluate_to("many", header + repeat(rows));
    EXPECT_EQ(get_file(folder_ / "many"), repeat(get_file(folder_ / "few")));
    for (size_t m = 0; m < few.size(); ++m) {
      EXPECT_EQ(many[m].first, few[m].first);
      const bool counts = few[m].first.ends_with("support");
      EXPECT_NEAR(many[m].second, few[m].second * (counts ? kTimes : 1), 1e-12) << few[m].first;
    }
  };
  reading_.labels = {"no", "yes"};
  expect_the_same("text_classification", "text,label\n", "a,yes\nb,no\nc,yes\n",
                  by_first_token(2, [](int32_t id) { return id == kA ? 1 : 0; }));
  reading_.labels = {"O", "B-X", "I-X"};
  expect_the_same("token_classification", "", "a B-X\nb I-X\n\nc B-X\n\n",
                  by_token(3, [](int32_t id) { return id == kA   ? 1
                                                      : id == kB ? 2
                                                                 : 0; }));
  reading_ = {.labels = {"LABEL_0"}, .regression = true};
  expect_the_same("text_classification", "text,label\n", "a,1.5\nb,0.5\nc,2.5\n",
                  by_first_token(1, [](int32_t) { return 0; }));
}

TEST_F(Tasks, TellMnlisDevFilesApart) {
  reading_.labels = {"entailment", "neutral", "contradiction"};
  const std::string header = "index\tpromptID\tgenre\tsentence1\tsentence2\tlabel1\tgold_label\n";
  put("dev_matched.tsv", header + "0\t1\tg\ta\tb\tx\tneutral\n0\t1\tg\tb\tb\tx\tneutral\n");
  put("dev_mismatched.tsv", header + "0\t1\tg\tb\tb\tx\tentailment\n");
  const Metrics metrics = make_task("text_classification")
                              ->evaluate(context(), {.eval_dataset = folder_.path().string()},
                                         by_first_token(3, [](int32_t id) { return id == kA; }));
  EXPECT_EQ(metrics, (Metrics{{"accuracy_matched", 0.5}, {"accuracy_mismatched", 1.0}}));
}

TEST_F(Tasks, PredictLabelsOfTextsAndPairs) {
  reading_.labels = {"no", "yes"};
  const auto task = make_task("text_classification");
  const Infer infer = by_first_token(2, [](int32_t id) { return id == kA ? 1 : 0; });
  const std::vector<Input> inputs{std::string("b - a"), TextPair{"a", "b"}};
  const Predictions predictions = task->predict(context(), inputs, 1, infer);
  EXPECT_EQ(std::get<LabelScore>(predictions[0].at(0)).label, "no");
  EXPECT_EQ(std::get<LabelScore>(predictions[1].at(0)).label, "yes");
  EXPECT_EQ(task->predict(context(), inputs, 2, infer)[0].size(), 2u);
  expect_error(ErrorKind::kInput, {"context and question"}, [&] {
    task->check_input(ContextQuestion{"a", "b"});
  });
  reading_.text_pairs = true;
  expect_error(ErrorKind::kInput, {"no dash separates text and text_pair"},
               [&] { task->predict(context(), std::vector<Input>{std::string("a")}, 1, infer); });
}

TEST_F(Tasks, LearnAndScoreTags) {
  const auto content = "a B-X\nb I-X\nc O\n\nb I-X\n";
  testing::internal::CaptureStderr();  // of the tag that breaks the scheme
  const TrainingData data = train("token_classification", "t.conll", content);
  EXPECT_EQ(data.reading.labels, (Strings{"O", "B-X", "I-X"}));
  EXPECT_EQ(data.windows.token_targets[1],
            (std::vector<int32_t>{kIgnoredTarget, 1, kIgnoredTarget}));
  reading_ = data.reading;
  const auto infer = by_token(3, [](int32_t id) { return id == kA ? 1 : id == kB ? 2 : 0; });
  auto metrics = evaluate("token_classification", "d.conll", content, infer);
  EXPECT_DOUBLE_EQ(metrics.at("f1"), 1.0);
  data_.strict = true;  // the second text's I-X begins nothing
  metrics = evaluate("token_classification", "d.conll", content, infer);
  EXPECT_DOUBLE_EQ(metrics.at("recall"), 0.5);
  testing::internal::GetCapturedStderr();
}

TEST_F(Tasks, CountEntitiesOfUnknownTypesAsMissed) {
  reading_.labels = {"O", "B-X", "I-X"};
  testing::internal::CaptureStderr();
  const auto metrics = evaluate("token_classification", "d.conll", "a B-X\nc B-Y\n",
                                by_token(3, [](int32_t id) { return id == kA ? 1 : 0; }));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("1 entities are of types that the model does not know (Y)"), std::string::npos)
      << log;
  EXPECT_DOUBLE_EQ(metrics.at("recall"), 0.5);
}

TEST_F(Tasks, PredictEntities) {
  reading_.labels = {"O", "B-X", "I-X"};
  const auto infer = by_token(3, [](int32_t id) { return id == kA ? 1 : id == kB ? 2 : 0; });
  const Predictions predictions =
      make_task("token_classification")
          ->predict(context(), std::vector<Input>{std::string("c. a b")}, 1, infer);
  ASSERT_EQ(predictions[0].size(), 1u);
  const auto entity = std::get<TaggedEntity>(predictions[0][0]);
  EXPECT_EQ(entity.word, "a b");
  EXPECT_EQ(entity.start, 3);
  EXPECT_EQ(entity.entity_group, "X");
}

TEST_F(Tasks, LearnWordsOfDocuments) {
  const TrainingData data =
      train("fill_mask", "t.txt", "a b c d e f g\nh i j k l m n o p\n\nq r\n");
  ASSERT_EQ(data.windows.windows.size(), 3u);  // 14 and 2 tokens, then 2
  EXPECT_EQ(data.windows.windows[0].length(), 16);
  EXPECT_EQ(data.windows.windows[1].length(), 4);
  EXPECT_TRUE(data.windows.predicts_words);
  ASSERT_TRUE(data.windows.masking.has_value());
  EXPECT_DOUBLE_EQ(data.windows.masking->probability, 0.15);
  data_.mask_probability = 0.0;
  expect_error(ErrorKind::kUsage, {"--mask-probability is 0"},
               [&] { train("fill_mask", "t.txt", "a b\n"); });
}

// 2.6 million tokens, for which cutting one window after the other from the front takes minutes.
TEST_F(Tasks, CutALineOfAnyLength) {
  std::string line;
  for (int i = 0; i < 100'000; ++i) line += "a b c d e f g h i j k l m n o p q r s t u v w x y z ";
  const TrainingData data = train("fill_mask", "t.txt", line);
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

TEST_F(Tasks, TakeWindowsWhoseWordsAreHiddenAlready) {
  const TrainingData data = train(
      "fill_mask", "t.jsonl", "{\"input_ids\": [2, 8, 4, 3], \"labels\": [-100, -100, 9, -100]}\n");
  EXPECT_FALSE(data.windows.masking.has_value());
  EXPECT_EQ(data.windows.token_targets[0], (std::vector<int32_t>{-100, -100, 9, -100}));
  const auto refuses = [&](std::string_view line, const std::string& what) {
    expect_error(ErrorKind::kInput, {"line 1", what}, [&] { train("fill_mask", "t.jsonl", line); });
  };
  refuses("{\"input_ids\": [8, 4, 3], \"labels\": [1, 1, 1]}", "begin with [CLS]");
  refuses("{\"input_ids\": [2, 4, 3], \"labels\": [1, 1]}", "3 input_ids, but 2 labels");
  refuses("{\"input_ids\": [2, 99, 3], \"labels\": [-100, 1, -100]}", "no piece of the vocabulary");
  // 2^32 + 4 is not 4.
  refuses("{\"input_ids\": [2, 4294967300, 3], \"labels\": [-100, 1, -100]}",
          "no piece of the vocabulary");
  refuses("{\"input_ids\": [2, 4, 3], \"labels\": [-100, -4294967292, -100]}",
          "no piece of the vocabulary");
}

TEST_F(Tasks, FindJsonBehindAByteOrderMark) {
  const TrainingData data = train("fill_mask", "t.jsonl", "\uFEFF{\"text\": \"a b\"}\n");
  ASSERT_EQ(data.windows.windows.size(), 1u);
  EXPECT_EQ(data.windows.windows[0].length(), 4);
}

TEST_F(Tasks, ScoreHiddenWordsByTheirLoss) {
  const Infer even = [](const WindowSet& set, const LogitsSink& sink) {
    for (int32_t w = 0; w < static_cast<int32_t>(set.windows.size()); ++w) {
      Batch batch;
      pack(set, std::span(&w, 1), batch);
      sink(w, std::vector<float>(10 * batch.masked_rows.size()));
    }
  };
  data_.mask_probability = 0.5;
  const auto metrics = evaluate("fill_mask", "d.txt", "a b a b a b a b\nb a b a b a b\n", even);
  EXPECT_NEAR(metrics.at("loss"), std::log(10.0), 1e-12);
  EXPECT_NEAR(metrics.at("perplexity"), 10.0, 1e-12);
}

// Parts hide the same words as the whole, which training with one key for all steps hides.
TEST_F(Tasks, HideTheSameWordsInPartsAsAtOnce) {
  std::string text;
  for (int line = 0; line < 9000; ++line) text += "a b c d e f g h\n\n";
  data_.mask_probability = 0.5;
  TrainingData whole = train("fill_mask", "t.txt", text);
  whole.windows.masking->key = 42;  // as evaluation does
  const auto hidden = [](const WindowSet& set, int32_t window) {
    Batch batch;
    pack(set, std::span(&window, 1), batch);
    return batch.ids;
  };
  int32_t before = 0, parts = 0;
  evaluate("fill_mask", "t.txt", text, [&](const WindowSet& set, const LogitsSink& sink) {
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

TEST_F(Tasks, RefuseTextsBesideHiddenWords) {
  expect_error(ErrorKind::kInput, {"line 2", "some records have input_ids and others do not"}, [&] {
    train("fill_mask", "t.jsonl",
          "{\"text\": \"a b\"}\n{\"input_ids\": [2, 4, 3], \"labels\": [-100, 9, -100]}\n");
  });
}

// The best word is a, then b.
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

TEST_F(Tasks, FillInMasks) {
  const auto task = make_task("fill_mask");
  const std::vector<Input> inputs{std::string("c [MASK]."), std::string("[MASK] zz[MASK]")};
  const Predictions predictions = task->predict(context(), inputs, 2, guess());
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
  expect_error(ErrorKind::kInput, {"no [MASK]"}, [&] { task->check_input(std::string("[mask]")); });
  expect_error(ErrorKind::kInput, {"input 0", "17 tokens", "sees 16"}, [&] {
    const std::string text = "a a a a a a a a a a a a a a [MASK]";
    task->predict(context(), std::vector<Input>{text}, 1, guess());
  });
}

}  // namespace
}  // namespace bertune
