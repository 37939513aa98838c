// SPDX-License-Identifier: Apache-2.0
// Text classification through the interface shared by all tasks, with artificial logits.
#include "unit/tasks/task_fixture.h"

namespace bertune {
namespace {

class TextClassification : public TaskTest {
 protected:
  TextClassification() : TaskTest("text_classification") {}
};

TEST_F(TextClassification, LearnsTextsWithTheirLabels) {
  const TrainingData data = train("t.csv", "text,label\na b,pos\nc,neg\n");
  EXPECT_EQ(data.reading.labels, (Strings{"neg", "pos"}));
  EXPECT_EQ(data.windows.targets, (std::vector<int32_t>{1, 0}));
  EXPECT_EQ(data.windows.targets_per_window, 1);
  EXPECT_EQ(data.ids, (Strings{"line 2", "line 3"}));
  EXPECT_FALSE(data.reading.text_pairs);
}

TEST_F(TextClassification, KeepsTheOrderOfGivenLabels) {
  data_.labels = "pos,neg,other";
  const auto content = "text,label\na b,pos\nc,neg\n";
  EXPECT_EQ(train("t.csv", content).windows.targets, (std::vector<int32_t>{0, 1}));
  data_.labels = "";
  reading_.labels = {"pos", "neg"};  // as of a model that is already fine-tuned
  EXPECT_EQ(train("t.csv", content).windows.targets, (std::vector<int32_t>{0, 1}));
  reading_.labels = {"pos", "bad"};
  expect_error(ErrorKind::kInput, {"label 'neg' is not one of pos, bad"},
               [&] { train("t.csv", content); });
}

TEST_F(TextClassification, LearnsNumbers) {
  const TrainingData data = train("t.csv", "text,label\na,1.5\nb,3\n");
  EXPECT_TRUE(data.reading.regression);
  EXPECT_EQ(data.windows.target_values, (std::vector<float>{1.5f, 3.0f}));
  EXPECT_TRUE(data.windows.targets.empty());
}

TEST_F(TextClassification, ZeroAndOneWithDecimalsAreClasses) {
  const auto content = "text,label\na,0.0\nb,1.0\nc,1.0\n";
  const TrainingData data = train("t.csv", content);
  EXPECT_FALSE(data.reading.regression);
  EXPECT_EQ(data.reading.labels, (Strings{"0.0", "1.0"}));
  expect_error(ErrorKind::kInput, {"the labels '1' and '1.0' are the same number"},
               [&] { train("u.csv", "text,label\na,0.0\nb,1.0\nc,1\n"); });
  data_.regression = true;
  EXPECT_EQ(train("t.csv", content).windows.target_values, (std::vector<float>{0.0f, 1.0f, 1.0f}));
}

TEST_F(TextClassification, LearnsWholeNumbersOnRequest) {
  data_.regression = true;
  EXPECT_TRUE(train("t.csv", "text,label\na,1\nb,3\n").reading.regression);
  expect_error(ErrorKind::kInput, {"line 3: 'good' is not a number"},
               [&] { train("t.csv", "text,label\na,1\nb,good\n"); });
  reading_.labels = {"1", "3"};
  expect_error(ErrorKind::kUsage, {"regression is given, but the model was tuned for the classes"},
               [&] { train("t.csv", "text,label\na,1\nb,3\n"); });
  data_.labels = "1,3";
  expect_error(ErrorKind::kUsage, {"regression and labels are both given"},
               [&] { train("t.csv", "text,label\na,1\nb,3\n"); });
}

TEST_F(TextClassification, ScoresNumbersOnRequest) {
  ScoreRequest scored{.predictions = put("p.jsonl",
                                         "{\"label\": \"LABEL_0\", \"score\": 0.1}\n{\"label\": "
                                         "\"LABEL_0\", \"score\": 0.7}\n")
                                         .string(),
                      .eval_dataset = put("d.csv", "text,label\na,0\nb,1\n").string()};
  scored.data.regression = true;
  const Metrics metrics = task_->score(scored);
  EXPECT_EQ(names_of(metrics), (Strings{"pearson", "spearmanr"}));
  EXPECT_NEAR(metrics[0].second, 1.0, 1e-12);
}

TEST_F(TextClassification, LearnsSeveralLabelsOfAText) {
  const TrainingData data = train("t.jsonl", R"({"text": "a", "labels": ["y", "x"]}
{"text": "b", "labels": []}
{"text": "c", "labels": ["x"]})");
  EXPECT_TRUE(data.reading.multi_label);
  EXPECT_EQ(data.reading.labels, (Strings{"x", "y"}));
  EXPECT_EQ(data.windows.target_values, (std::vector<float>{1, 1, 0, 0, 1, 0}));
  EXPECT_TRUE(data.windows.targets.empty());
  data_.label_separator = ";";
  const TrainingData cells = train("t.csv", "text,label\na,y; x\nb,\nc,x\n");
  EXPECT_EQ(cells.reading.labels, data.reading.labels);
  EXPECT_EQ(cells.windows.target_values, data.windows.target_values);
  EXPECT_EQ(cells.reading.columns, (DataColumns{{"label_separator", ";"}}));
  data_ = {.label_column = "y,x"};
  const TrainingData columns = train("u.csv", "text,x,y,z\na,1,1,7\nb,0,0,7\nc,1.0,False,7\n");
  EXPECT_EQ(columns.reading.labels, (Strings{"y", "x"}));
  EXPECT_EQ(columns.windows.target_values, (std::vector<float>{1, 1, 0, 0, 0, 1}));
  EXPECT_EQ(columns.reading.columns, (DataColumns{{"label_column", "y,x"}}));
}

// What a model was tuned for decides, and one label is a list of one.
TEST_F(TextClassification, KeepsWhatAModelWasTunedFor) {
  const auto lists = R"({"text": "a", "labels": ["x", "y"]})";
  reading_ = {.labels = {"x", "y"}};
  expect_error(ErrorKind::kInput, {"several labels, but the model was tuned to predict one"},
               [&] { train("t.jsonl", lists); });
  expect_error(ErrorKind::kInput, {"several labels, but the model was tuned to predict one"},
               [&] { task_->list_metrics(context(), request(put("t.jsonl", lists))); });
  reading_.multi_label = true;
  EXPECT_EQ(train("t.csv", "text,label\na,y\nb,x\n").windows.target_values,
            (std::vector<float>{0, 1, 1, 0}));
  expect_error(ErrorKind::kInput, {"t.csv', line 3: label 'z' is not one of x, y"},
               [&] { train("t.csv", "text,label\na,y\nb,z\n"); });
  data_.regression = true;
  reading_ = {};
  expect_error(ErrorKind::kUsage, {"regression is given, but the data gives a text several labels"},
               [&] { train("t.jsonl", lists); });
  data_ = {};
  expect_error(ErrorKind::kInput, {"hold only the values 0 and 1"},
               [&] { train("t.jsonl", R"({"text": "a", "labels": [0, 1, 1]})"); });
  expect_error(ErrorKind::kInput, {"none of 1 examples has a label"},
               [&] { train("t.jsonl", R"({"text": "a", "labels": []})"); });
}

// Logits of 2 for the first label if a window begins with a, else for the second one.
Infer one_of_two() {
  return [](const WindowSet& set, const LogitsSink& sink) {
    for (int32_t w = 0; w < std::ssize(set.windows); ++w) {
      const bool is_a = set.texts[set.windows[static_cast<size_t>(w)].first].at(0).id == kA;
      sink(w, is_a ? std::vector<float>{2.0f, -1.0f} : std::vector<float>{-1.0f, 2.0f});
    }
  };
}

TEST_F(TextClassification, ScoresSeveralLabels) {
  reading_ = {.labels = {"x", "y"}, .multi_label = true};
  const auto data = R"({"text": "a", "labels": ["x", "y"]}
{"text": "b", "labels": ["y"]}
{"text": "b", "labels": []})";
  const auto metrics = evaluate("d.jsonl", data, one_of_two());
  EXPECT_DOUBLE_EQ(metrics.at("accuracy"), 1.0 / 3.0);
  EXPECT_DOUBLE_EQ(metrics.at("f1_micro"), 2.0 * 2.0 / 6.0);
  EXPECT_DOUBLE_EQ(metrics.at("f1_macro"), 0.75);
  EXPECT_DOUBLE_EQ(metrics.at("roc_auc_macro"), 0.625);
  EvaluateRequest wanted = request(folder_ / "d.jsonl");
  wanted.answer.threshold = 0.25;
  EXPECT_DOUBLE_EQ(evaluate(wanted, one_of_two())[0].second, 1.0 / 3.0);
  wanted.files.confusion = (folder_ / "c.json").string();
  expect_error(ErrorKind::kUsage, {"confusion", "no confusion table"},
               [&] { evaluate(wanted, one_of_two()); });
}

TEST_F(TextClassification, WritesSeveralLabelsThatCanBeScored) {
  reading_ = {.labels = {"x", "y"}, .multi_label = true};
  EvaluateRequest wanted = request(put("d.csv", "text,x,y\na,1,1\nb,0,1\nb,0,0\n"));
  wanted.data.label_column = "x,y";
  wanted.files.predictions = (folder_ / "p.jsonl").string();
  const Metrics metrics = evaluate(wanted, one_of_two());
  ScoreRequest scored{.predictions = wanted.files.predictions,
                      .eval_dataset = wanted.eval_dataset.path};
  scored.data.label_column = "x,y";
  EXPECT_EQ(task_->score(scored), metrics);
  put("p.jsonl", R"({"labels": ["x"]}
{"labels": ["y"]}
{"labels": ["y"]})");
  EXPECT_EQ(task_->score(scored), Metrics(metrics.begin(), metrics.begin() + 3));
  put("p.jsonl", R"({"labels": ["z"]})");
  expect_error(ErrorKind::kInput, {"line 1: label 'z' is not one of x, y"},
               [&] { task_->score(scored); });
  put("p.jsonl", R"({"labels": ["x"], "scores": {"x": 0.5}})");
  scored.data.labels = "x,y";
  expect_error(ErrorKind::kInput, {"1 of 2 labels have a score"}, [&] { task_->score(scored); });
}

TEST_F(TextClassification, PredictsSeveralLabels) {
  reading_ = {.labels = {"x", "y"}, .multi_label = true};
  const std::vector<Input> inputs{std::string("a")};
  const auto labels_of = [&](const PredictRequest& request) {
    Strings labels;
    const Predictions all = bertune::predict(*task_, context(), request, one_of_two());
    for (const Prediction& prediction : all[0]) {
      labels.push_back(std::get<LabelScore>(prediction).label);
    }
    return labels;
  };
  EXPECT_EQ(labels_of({.inputs = inputs}), (Strings{"x"}));
  EXPECT_EQ(labels_of({.inputs = inputs, .top_k = 2}), (Strings{"x", "y"}));
  EXPECT_EQ(labels_of({.inputs = inputs, .answer = {.threshold = 0.2}}), (Strings{"x", "y"}));
  EXPECT_EQ(labels_of({.inputs = inputs, .answer = {.threshold = 0.9}}), Strings());
  EXPECT_EQ(labels_of({.inputs = inputs, .top_k = 1, .answer = {.threshold = 0.2}}),
            (Strings{"x"}));
  reading_.multi_label = false;
  expect_error(ErrorKind::kUsage, {"threshold is 0.2", "one label"},
               [&] { labels_of({.inputs = inputs, .answer = {.threshold = 0.2}}); });
}

TEST_F(TextClassification, ScoresTexts) {
  reading_.labels = {"no", "yes"};
  const auto metrics = evaluate("d.csv", "text,label\na,yes\na,no\nb,no\nb,no\n",
                                by_first_token(2, [](int32_t id) { return id == kA ? 1 : 0; }));
  EXPECT_DOUBLE_EQ(metrics.at("accuracy"), 0.75);
  EXPECT_DOUBLE_EQ(metrics.at("f1"), 2.0 / 3.0);
}

TEST_F(TextClassification, ScoresGlueByAnAnonymousModel) {
  reading_.labels = {"LABEL_0", "LABEL_1"};
  const auto metrics = evaluate("dev.tsv", "sentence\tlabel\na\t1\nb\t0\n",
                                by_first_token(2, [](int32_t id) { return id == kA ? 1 : 0; }));
  EXPECT_EQ(metrics, (std::map<std::string, double>{{"accuracy", 1.0}}));
}

TEST_F(TextClassification, WritesPredictionsThatCanBeScored) {
  reading_.labels = {"no", "yes"};
  EvaluateRequest wanted = request(put("d.csv", "text,label\na,yes\nb,yes\n"));
  wanted.files.predictions = (folder_ / "p.jsonl").string();
  wanted.files.confusion = (folder_ / "c.json").string();
  const Metrics metrics =
      evaluate(wanted, by_first_token(2, [](int32_t id) { return id == kA ? 1 : 0; }));
  EXPECT_EQ(get_file(wanted.files.confusion),
            "{\"labels\":[\"no\",\"yes\"],\"counts\":[[0,0],[1,1]]}\n");
  ScoreRequest scored{.predictions = wanted.files.predictions,
                      .eval_dataset = wanted.eval_dataset.path};
  scored.data.labels = "no,yes";
  EXPECT_EQ(task_->score(scored), metrics);
  put("p.jsonl", "{\"label\": \"yes\"}\n");
  expect_error(ErrorKind::kInput, {"1 predictions for 2 examples"}, [&] { task_->score(scored); });
}

TEST_F(TextClassification, EvaluatesDataOfSeveralParts) {
  reading_.labels = {"no", "yes"};
  expect_the_same_in_parts("text,label\n", "a,yes\nb,no\nc,yes\n",
                           by_first_token(2, [](int32_t id) { return id == kA ? 1 : 0; }));
  reading_ = {.labels = {"LABEL_0"}, .regression = true};
  expect_the_same_in_parts("text,label\n", "a,1.5\nb,0.5\nc,2.5\n",
                           [](const WindowSet& set, const LogitsSink& sink) {
                             for (int32_t w = 0; w < std::ssize(set.windows); ++w) {
                               const Window& window = set.windows[static_cast<size_t>(w)];
                               const Token& token = set.texts[window.first].at(0);
                               sink(w, std::vector<float>{static_cast<float>(token.id)});
                             }
                           });
}

TEST_F(TextClassification, ScoresPredictionsOfSeveralParts) {
  std::string rows, lines;
  for (int i = 0; i < 5000; ++i) {
    rows += i % 2 == 0 ? "a,no\n" : "a,yes\n";
    lines += "{\"label\": \"no\"}\n";
  }
  const Metrics metrics =
      task_->score({.predictions = put("p.jsonl", lines).string(),
                    .eval_dataset = put("d.csv", "text,label\n" + rows).string()});
  EXPECT_EQ(metrics.front(), (std::pair<std::string, double>{"accuracy", 0.5}));
}

// The whole file is checked before the first logits are computed, as the error in its last label
// shows.
TEST_F(TextClassification, ChecksLabelsBeforeItInfers) {
  reading_.labels = {"no", "yes"};
  const EvaluateRequest wanted = request(put("d.csv", "text,label\na,yes\nb,maybe\n"));
  const Infer never = [](const WindowSet&, const LogitsSink&) { FAIL() << "logits are computed"; };
  for (const auto& work :
       std::vector<std::function<void()>>{[&] { task_->list_metrics(context(), wanted); },
                                          [&] { task_->evaluate(context(), wanted, never); }}) {
    expect_error(ErrorKind::kInput, {"d.csv', line 3: label 'maybe' is not one of no, yes"}, work);
  }
  reading_ = {.labels = {"LABEL_0"}, .regression = true};
  expect_error(ErrorKind::kInput, {"d.csv', line 2: 'yes' is not a number"},
               [&] { task_->list_metrics(context(), wanted); });
}

TEST_F(TextClassification, DistinguishesMnlisDevFiles) {
  reading_.labels = {"entailment", "neutral", "contradiction"};
  const std::string header = "index\tpromptID\tgenre\tsentence1\tsentence2\tlabel1\tgold_label\n";
  put("dev_matched.tsv", header + "0\t1\tg\ta\tb\tx\tneutral\n0\t1\tg\tb\tb\tx\tneutral\n");
  put("dev_mismatched.tsv", header + "0\t1\tg\tb\tb\tx\tentailment\n");
  const Metrics metrics =
      evaluate(request(folder_.path()), by_first_token(3, [](int32_t id) { return id == kA; }));
  EXPECT_EQ(metrics, (Metrics{{"accuracy_matched", 0.5}, {"accuracy_mismatched", 1.0}}));
}

TEST_F(TextClassification, PredictsLabelsOfTextsAndPairs) {
  reading_.labels = {"no", "yes"};
  const Infer infer = by_first_token(2, [](int32_t id) { return id == kA ? 1 : 0; });
  const std::vector<Input> inputs{std::string("b - a"), TextPair{"a", "b"}};
  const Predictions predictions = predict(inputs, 1, infer);
  EXPECT_EQ(std::get<LabelScore>(predictions[0].at(0)).label, "no");
  EXPECT_EQ(std::get<LabelScore>(predictions[1].at(0)).label, "yes");
  EXPECT_EQ(predict(inputs, 2, infer)[0].size(), 2u);
  expect_error(ErrorKind::kInput, {"context and question"}, [&] {
    task_->check_input(ContextQuestion{"a", "b"});
  });
  reading_.text_pairs = true;
  expect_error(ErrorKind::kInput, {"no dash separates text and text_pair"},
               [&] { predict({std::string("a")}, 1, infer); });
}

}  // namespace
}  // namespace bertune
