// SPDX-License-Identifier: Apache-2.0
// Scores of predicted classes and numbers: as scikit-learn computes accuracy, F1 and Matthews'
// coefficient, to the last digit, and as SciPy computes Pearson's and Spearman's.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bertune/results.h"

namespace bertune {

enum class TextMetric { kAccuracy, kF1, kF1Macro, kMatthews, kPearson, kSpearman };

// "accuracy", "f1", "f1_macro", "matthews_correlation", "pearson", "spearmanr".
const char* name_of(TextMetric metric);

// How often each gold label was predicted as each label.
struct ConfusionTable {
  int64_t labels = 0;
  std::vector<int64_t> counts;  // [labels, labels]: a row for each gold label

  int64_t at(int64_t gold, int64_t predicted) const { return counts[gold * labels + predicted]; }
  void add(const ConfusionTable& other);  // of the same labels
};

// Both spans have one label in 0 .. labels - 1 for each example.
ConfusionTable count_confusion(std::span<const int32_t> gold, std::span<const int32_t> predicted,
                               int64_t labels);

double accuracy(const ConfusionTable& table);
// F1 of one label; 0 where it is neither gold nor predicted.
double f1(const ConfusionTable& table, int64_t label);
// The mean over the labels that are gold or predicted anywhere.
double f1_macro(const ConfusionTable& table);
// The coefficient of Matthews for any number of labels (Gorodkin 2004); 0 where it is not defined.
double matthews_correlation(const ConfusionTable& table);

// Correlation of two lists of numbers. Sums are taken in long double, because SciPy's last digits
// depend on its BLAS. Not a number where one of the lists is constant or has fewer than two.
double pearson(std::span<const double> x, std::span<const double> y);
// Pearson's of the ranks; equal numbers share their mean rank.
double spearman(std::span<const double> x, std::span<const double> y);

// The chosen metrics of classes, in order. kF1 counts label 1.
Metrics score_classes(const ConfusionTable& table, std::span<const TextMetric> metrics);

// The same of numbers. One that is not defined is 0, which is said aloud.
Metrics score_numbers(std::span<const double> gold, std::span<const double> predicted,
                      std::span<const TextMetric> metrics);

}  // namespace bertune
