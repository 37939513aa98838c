// SPDX-License-Identifier: Apache-2.0
// Masked words from text to prediction, compared with transformers' fill-mask pipeline on the same
// model. The values come from tools/make_mask_golden.py, which also describes the file.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/io.h"
#include "bertune/bertune.h"
#include "formats/model_files.h"
#include "predict/results_json.h"
#include "tolerance.h"

namespace bertune {
namespace {

using nlohmann::json;

std::filesystem::path model_folder() {
  return std::filesystem::path(BERTUNE_TEST_DATA) / "golden" / "tiny_masked";
}

// The tolerance of a logit. A layer has six consecutive reductions (queries, scores, mean of
// values, output, up, down) and two norms; the embedding and the head add two norms and two
// products. No reduction has more terms than the feed-forward layer is wide.
double logit_tolerance(const BertConfig& config, double largest_logit) {
  const auto reductions = static_cast<double>(8 * config.num_hidden_layers + 4);
  const int64_t terms = std::max(config.hidden_size, config.intermediate_size);
  return reductions * tolerance(DType::kF32, terms, largest_logit);
}

// If logits are off by at most d, a softmax p is off by at most 2 p d, to first order.
double score_tolerance(double score, double logit_tolerance) { return 2 * score * logit_tolerance; }

void expect_same_words(const json& actual, const json& expected, double logit_tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    const double score = expected[i]["score"];
    EXPECT_NEAR(actual[i]["score"].get<double>(), score, score_tolerance(score, logit_tolerance));
    for (const char* name : {"token", "token_str", "sequence"}) {
      EXPECT_EQ(actual[i][name], expected[i][name]);
    }
  }
}

TEST(FillMask, AnswersAsTransformersDoes) {
  const json golden = json::parse(read_file(model_folder() / "fill_mask.json"));
  const double off =
      logit_tolerance(read_config(find_model_files(model_folder())), golden["largest_logit"]);
  const Predictor predictor(model_folder().string(),
                            {.compute = {.precision = "fp32", .threads = 1}});
  ASSERT_EQ(predictor.task(), "fill_mask");
  for (const json& golden_case : golden["cases"]) {
    SCOPED_TRACE(golden_case["text"].get<std::string>());
    const std::vector<Input> inputs{golden_case["text"].get<std::string>()};
    const Predictions predictions = predictor.predict({.inputs = inputs});
    const json answer = json::parse(predictions_json(predictions, /*flat=*/false)).at(0);
    const json& expected = golden_case["expected"];
    const bool several = expected[0].is_array();
    ASSERT_EQ(answer[0].is_array(), several);
    if (!several) expect_same_words(answer, expected, off);
    for (size_t m = 0; several && m < expected.size(); ++m) {
      expect_same_words(answer.at(m), expected[m], off);
    }
  }
}

// 50 rows of the word table, of which the vocabulary names 47.
TEST(FillMask, RowsWithoutAPieceAreNoWords) {
  const std::string folder = (model_folder().parent_path() / "tiny_untied").string();
  const Predictor predictor(folder, {.compute = {.precision = "fp32", .threads = 1}});
  const std::vector<Input> inputs{std::string("a [MASK] b")};
  const Predictions predictions = predictor.predict({.inputs = inputs, .top_k = 100});
  const json words = json::parse(predictions_json(predictions, /*flat=*/false)).at(0);
  EXPECT_EQ(words.size(), 47u);
  double sum = 0.0;
  for (const json& word : words) sum += word["score"].get<double>();
  EXPECT_LT(sum, 1.0);
  EXPECT_GT(sum, 0.5);
}

}  // namespace
}  // namespace bertune
