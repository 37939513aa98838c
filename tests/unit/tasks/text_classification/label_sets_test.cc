// SPDX-License-Identifier: Apache-2.0
// Metrics of texts with several labels, compared with scikit-learn's
// (tools/make_multi_label_goldens.py).
#include "tasks/text_classification/label_sets.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "golden_file.h"
#include "text/python_text.h"

namespace bertune {
namespace {

using nlohmann::json;

Labels numbered(int64_t count) {
  Labels labels;
  for (int64_t i = 0; i < count; ++i) labels.push_back(std::to_string(i));
  return labels;
}

// The digits of all rows, which are 0 and 1.
std::vector<char> flags(const json& rows) {
  std::vector<char> flags;
  for (const auto& row : rows) {
    for (const char digit : row.get<std::string>()) flags.push_back(digit == '1');
  }
  return flags;
}

std::vector<double> numbers(const json& rows) {
  std::vector<double> numbers;
  for (const auto& row : rows) {
    for (const auto& text : row) {
      numbers.push_back(std::strtod(text.get<std::string>().c_str(), nullptr));
    }
  }
  return numbers;
}

Metrics score(const json& golden, bool scored) {
  const std::vector<char> gold = flags(golden["gold"]);
  LabelSetScorer scorer(numbered(golden["labels"]));
  LabelSets predicted{.chosen = flags(golden["predicted"]), .scores = {}};
  if (scored) predicted.scores = numbers(golden["scores"]);
  scorer.add(std::vector<float>(gold.begin(), gold.end()), predicted);
  return scorer.metrics();
}

TEST(LabelSets, MetricsEqualScikitLearns) {
  for (const auto& golden : read_golden("label_sets.json", "cases")) {
    SCOPED_TRACE(golden.dump().substr(0, 300));
    const Metrics found = score(golden, true);
    const auto& expected = golden["expected"];
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].first, expected[i][0].get<std::string>());
      const std::string value = std::isnan(found[i].second) ? "nan" : python_repr(found[i].second);
      EXPECT_EQ(value, expected[i][1].get<std::string>()) << found[i].first;
    }
  }
}

TEST(LabelSets, AreasNeedScores) {
  const auto golden = read_golden("label_sets.json", "cases").front();
  const Metrics all = score(golden, true), some = score(golden, false);
  EXPECT_EQ(some, Metrics(all.begin(), all.begin() + 3));
}

TEST(LabelSets, SayWhichLabelLeavesAnAreaUndefined) {
  LabelSetScorer scorer({"a", "b"});
  const std::vector<float> gold{1, 0, 0, 0};
  scorer.add(gold, {.chosen = {1, 0, 0, 0}, .scores = {0.9, 0.1, 0.2, 0.3}});
  testing::internal::CaptureStderr();
  const Metrics metrics = scorer.metrics();
  EXPECT_NE(testing::internal::GetCapturedStderr().find(
                "roc_auc_macro is not defined, because no text has the label 'b'"),
            std::string::npos);
  EXPECT_DOUBLE_EQ(metrics[3].second, 1.0);
  EXPECT_TRUE(std::isnan(metrics[4].second));
}

}  // namespace
}  // namespace bertune
