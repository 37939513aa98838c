// SPDX-License-Identifier: Apache-2.0
// Scores a predictions file and prints the metrics as JSON with all digits, for
// tools/compare_metrics.py.
// Usage: score_predictions SQUAD_FILE PREDICTIONS [NO_ANSWER_SCORES]
// With NO_ANSWER_SCORES ({id: number}) the predictions count as the best non-empty answers, and the
// best thresholds are computed too.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <nlohmann/json.hpp>

#include "bertune/error.h"
#include "datasets/squad/reader.h"
#include "tasks/question_answering/metrics.h"
#include "tasks/question_answering/prediction_files.h"
#include "text/python_text.h"

namespace bertune {
namespace {

std::vector<QaPrediction> join(const SquadData& data, const AnswerTexts& texts,
                               const char* scores_file) {
  std::ifstream file(scores_file);
  const auto scores = nlohmann::json::parse(file);
  std::vector<QaPrediction> predictions;
  for (const SquadExample& example : data.examples) {
    QaPrediction& prediction = predictions.emplace_back();
    prediction.answer.text = prediction.best_text = texts.at(example.id);
    prediction.no_answer_score = scores.at(example.id).get<double>();
  }
  return predictions;
}

int run(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    fmt::print(stderr, "usage: score_predictions SQUAD_FILE PREDICTIONS [NO_ANSWER_SCORES]\n");
    return 2;
  }
  const auto [data, info] = SquadStream(argv[1], Split::kEvaluate).read_all();
  const AnswerTexts texts = read_predictions(argv[2]);
  SquadScorer scorer(info, argc == 3 ? Predicted::kTexts : Predicted::kAnswers);
  argc == 3 ? scorer.add(data, texts) : scorer.add(data, join(data, texts, argv[3]));
  const Metrics metrics = scorer.finish();
  const char* separator = "{";
  for (const auto& [name, value] : metrics) {
    fmt::print("{}\"{}\": {}", separator, name, python_repr(value));
    separator = ", ";
  }
  fmt::print("}}\n");
  return 0;
}

}  // namespace
}  // namespace bertune

int main(int argc, char** argv) {
  try {
    return bertune::run(argc, argv);
  } catch (const bertune::Error& error) {
    fmt::print(stderr, "error: {}\nhint: {}\n", error.message(), error.hint());
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
  }
  return 1;
}
