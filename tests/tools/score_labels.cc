// SPDX-License-Identifier: Apache-2.0
// Scores label sequences and prints the metrics with all digits, for tools/compare_labels.py.
// Usage: score_labels CASES
// CASES is a JSON list of {"kind": "classes", "labels": n, "gold": [...], "predicted": [...]}, of
// {"kind": "numbers", ...} with numbers, and of {"kind": "tags", "scheme": null | "IOB2" | "BIOES",
// ...} with lists of tags. The output is a list of {name: value}.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tasks/text_classification/metrics.h"
#include "tasks/token_classification/metrics.h"
#include "text/python_text.h"

namespace bertune {
namespace {

using nlohmann::json;

Metrics score_class_case(const json& item) {
  const auto gold = item.at("gold").get<std::vector<int32_t>>();
  const auto predicted = item.at("predicted").get<std::vector<int32_t>>();
  constexpr std::array kMetrics{TextMetric::kAccuracy, TextMetric::kF1, TextMetric::kF1Macro,
                                TextMetric::kMatthews};
  return score_classes(count_confusion(gold, predicted, item.at("labels")), kMetrics);
}

Metrics score_number_case(const json& item) {
  const auto gold = item.at("gold").get<std::vector<double>>();
  const auto predicted = item.at("predicted").get<std::vector<double>>();
  constexpr std::array kMetrics{TextMetric::kPearson, TextMetric::kSpearman};
  return score_numbers(gold, predicted, kMetrics);
}

std::vector<Entity> entities_of(const json& tags, const json& scheme) {
  const auto sequence = tags.get<std::vector<std::string>>();
  if (scheme.is_null()) return find_entities(sequence);
  return find_entities_strictly(sequence, scheme == "IOB2" ? TagScheme::kIob2 : TagScheme::kBioes);
}

Metrics score_tag_case(const json& item) {
  EntityScorer scorer;
  const json& scheme = item.at("scheme");
  for (size_t i = 0; i < item.at("gold").size(); ++i) {
    scorer.add(entities_of(item["gold"][i], scheme), entities_of(item["predicted"][i], scheme));
  }
  return scorer.metrics();
}

Metrics score_case(const json& item) {
  if (item.at("kind") == "classes") return score_class_case(item);
  if (item.at("kind") == "numbers") return score_number_case(item);
  return score_tag_case(item);
}

void print(const Metrics& metrics) {
  const char* separator = "{";
  for (const auto& [name, value] : metrics) {
    fmt::print("{}\"{}\": {}", separator, name, python_repr(value));
    separator = ", ";
  }
  fmt::print("}}");
}

int run(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: score_labels CASES\n");
    return 2;
  }
  std::ifstream file(argv[1]);
  const char* separator = "[";
  for (const json& item : json::parse(file)) {
    fmt::print("{}", separator);
    print(score_case(item));
    separator = ",\n";
  }
  fmt::print("]\n");
  return 0;
}

}  // namespace
}  // namespace bertune

int main(int argc, char** argv) {
  try {
    return bertune::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
  }
  return 1;
}
