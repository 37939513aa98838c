// SPDX-License-Identifier: Apache-2.0
// Scores of predicted classes and numbers: accuracy, F1 and Matthews' coefficient equal to the last
// digit those of scikit-learn, Pearson's and Spearman's those of SciPy.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bertune/results.h"
#include "datasets/table/glue.h"

namespace bertune {

// "accuracy", "f1", "f1_macro", "matthews_correlation", "pearson", "spearmanr".
const char* name_of(TextMetric metric);

// The sum in NumPy's order of additions, which decides the last digit: eight running sums in blocks
// of at most 128, halves above.
double numpy_sum(std::span<const double> values);

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
// F1 of one label; 0 if it is neither gold nor predicted.
double f1(const ConfusionTable& table, int64_t label);
// The mean over all labels that are gold or predicted.
double f1_macro(const ConfusionTable& table);
// The coefficient of Matthews for any number of labels (Gorodkin 2004); 0 if it is not defined.
double matthews_correlation(const ConfusionTable& table);

// Correlation of two lists of numbers. Sums are computed in long double, because SciPy's last
// digits depend on its BLAS. NaN if one of the lists is constant or has fewer than two numbers.
double pearson(std::span<const double> x, std::span<const double> y);
// Pearson's of the ranks; equal numbers share their mean rank.
double spearman(std::span<const double> x, std::span<const double> y);

// The chosen metrics of classes, in order. kF1 counts label 1.
Metrics score_classes(const ConfusionTable& table, std::span<const TextMetric> metrics);

// The chosen metrics of numbers, in order. One that is not defined is NaN and logged.
Metrics score_numbers(std::span<const double> gold, std::span<const double> predicted,
                      std::span<const TextMetric> metrics);

}  // namespace bertune
