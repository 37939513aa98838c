// SPDX-License-Identifier: Apache-2.0
// From text to prediction, compared with transformers' pipelines on the same models. The values
// come from tools/make_multi_label_goldens.py and tools/make_aggregation_golden.py, which also
// describe the files.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/io.h"
#include "bertune/bertune.h"
#include "formats/model_files.h"
#include "predict/results_json.h"
#include "temporary_folder.h"
#include "text/code_point_index.h"
#include "tolerance.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path golden_folder(const std::string& name) {
  return fs::path(BERTUNE_TEST_DATA) / "golden" / name;
}

// The tolerance of a logit: see fill_mask_test.cc. The head is one product on a pooler's output,
// and the largest logits of these models are below 4.
double off(const fs::path& folder) {
  const BertConfig config = read_config(find_model_files(folder));
  const auto reductions = static_cast<double>(8 * config.num_hidden_layers + 4);
  const int64_t terms = std::max(config.hidden_size, config.intermediate_size);
  return reductions * tolerance(DType::kF32, terms, 4.0);
}

// A copy of a golden folder with another entry in config.json.
void copy_with(const fs::path& folder, const fs::path& copy, const char* key, const json& value) {
  fs::copy(folder, copy);
  json config = json::parse(read_file(folder / "config.json"));
  config[key] = value;
  put_file(copy / "config.json", config.dump());
}

Predictor predictor_of(const fs::path& folder) {
  return Predictor(folder.string(), {.compute = {.precision = "fp32", .threads = 1}});
}

json predict(const Predictor& predictor, const std::string& text, PredictRequest request = {}) {
  const std::vector<Input> inputs{text};
  request.inputs = inputs;
  const bool flat = predictor.is_flat(request.top_k);
  return json::parse(predictions_json(predictor.predict(request), flat)).at(0);
}

TEST(Pipeline, RanksSeveralLabelsAsTransformersDoes) {
  const fs::path folder = golden_folder("tiny_multi_label");
  const Predictor predictor = predictor_of(folder);
  ASSERT_EQ(predictor.task(), "text_classification");
  const json golden = json::parse(read_file(folder / "pipeline.json"));
  for (const json& golden_case : golden["cases"]) {
    const json& expected = golden_case["expected"];
    const json found = predict(predictor, golden_case["text"], {.top_k = 5});
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i]["label"], expected[i]["label"]);
      EXPECT_NEAR(found[i]["score"].get<double>(), expected[i]["score"].get<double>(), off(folder));
    }
    // Without top_k, only the labels above the threshold.
    const json above = predict(predictor, golden_case["text"]);
    ASSERT_EQ(above.size(), 1u);
    EXPECT_EQ(above[0], found[0]);
    EXPECT_EQ(predict(predictor, golden_case["text"], {.answer = {.threshold = 0.35}}).size(), 3u);
    EXPECT_TRUE(predict(predictor, golden_case["text"], {.answer = {.threshold = 0.9}}).empty());
  }
}

TEST(Pipeline, ScoresASingleLabelAsTransformersDoes) {
  const fs::path folder = golden_folder("tiny_regression");
  const TemporaryFolder copies;
  const fs::path numbers = copies / "numbers";
  copy_with(folder, numbers, "problem_type", "regression");
  const Predictor cross_encoder = predictor_of(folder), regression = predictor_of(numbers);
  const json golden = json::parse(read_file(folder / "pipeline.json"));
  for (const json& golden_case : golden["cases"]) {
    const json found = predict(cross_encoder, golden_case["text"]);
    EXPECT_EQ(found["label"], golden_case["label"]);
    EXPECT_NEAR(found["score"].get<double>(), golden_case["score"].get<double>(), off(folder));
    EXPECT_NEAR(predict(regression, golden_case["text"])["score"].get<double>(),
                golden_case["regression"].get<double>(), off(folder));
  }
}

// The correlation is that of the logits, not of their sigmoid.
TEST(Pipeline, EvaluatesTheLogitOfASingleLabel) {
  const fs::path folder = golden_folder("tiny_regression");
  const TemporaryFolder files;
  const json golden = json::parse(read_file(folder / "pipeline.json"));
  std::string rows = "text\tlabel\n";
  for (const json& golden_case : golden["cases"]) {
    rows += golden_case["text"].get<std::string>() + "\t" + golden_case["regression"].dump() + "\n";
  }
  const std::string predictions = (files / "p.jsonl").string();
  const Evaluation evaluation =
      predictor_of(folder).evaluate({.eval_dataset = put_file(files / "d.tsv", rows).string(),
                                     .files = {.predictions = predictions}});
  EXPECT_NEAR(evaluation.metrics[0].second, 1.0, 1e-6);
  std::istringstream lines(read_file(predictions));
  for (const json& golden_case : golden["cases"]) {
    std::string line;
    std::getline(lines, line);
    EXPECT_NEAR(json::parse(line)["score"].get<double>(), golden_case["regression"].get<double>(),
                off(folder));
  }
}

json numbered(const json& labels) {
  json id2label;
  for (size_t i = 0; i < labels.size(); ++i) id2label[std::to_string(i)] = labels[i];
  return id2label;
}

void expect_same_entities(const json& found, const json& expected, const std::string& text,
                          double off) {
  ASSERT_EQ(found.size(), expected.size()) << found << expected;
  for (size_t i = 0; i < found.size(); ++i) {
    SCOPED_TRACE(found[i].dump());
    const bool token = expected[i].contains("entity");
    EXPECT_NEAR(found[i]["score"].get<double>(), expected[i]["score"].get<double>(), off);
    for (const char* key : {"entity", "entity_group", "index", "start", "end"}) {
      ASSERT_EQ(found[i].contains(key), expected[i].contains(key));
      EXPECT_EQ(found[i].value(key, json()), expected[i].value(key, json())) << key;
    }
    // Of an entity, transformers joins the tokens, while we give the text as it is written.
    const CodePointIndex code_points(text);
    const size_t begin = code_points.byte_of(found[i]["start"]);
    const std::string written = text.substr(begin, code_points.byte_of(found[i]["end"]) - begin);
    EXPECT_EQ(found[i]["word"], token ? expected[i]["word"] : json(written));
  }
}

TEST(Pipeline, AggregatesTokensAsTransformersDoes) {
  const fs::path folder = golden_folder("tiny_token");
  const TemporaryFolder copies;
  const json golden = json::parse(read_file(folder / "aggregation.json"));
  copy_with(folder, copies / "tagged", "id2label", numbered(golden["labels"]));
  const Predictor predictor = predictor_of(copies / "tagged");
  for (const json& golden_case : golden["cases"]) {
    const std::string text = golden_case["text"];
    for (const char* strategy : {"none", "simple", "average", "max"}) {
      SCOPED_TRACE(text + ", " + strategy);
      // A softmax of logits that are off by at most d is off by at most d.
      expect_same_entities(predict(predictor, text, {.aggregation = strategy}),
                           golden_case[strategy], text, off(folder));
    }
  }
}

}  // namespace
}  // namespace bertune
