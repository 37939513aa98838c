// SPDX-License-Identifier: Apache-2.0
// Scores of predictions that give a text any number of labels: F1, accuracy and areas under ROC
// curves, equal to those of scikit-learn to the last digit.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bertune/results.h"
#include "tasks/labels.h"

namespace bertune {

// The predictions for some texts, label by label.
struct LabelSets {
  std::vector<char> chosen;    // [texts, labels] whether a text is said to have a label
  std::vector<double> scores;  // [texts, labels]; empty if they are not known
};

// The area under the ROC curve: how likely a text with a label has a higher score than one without
// it. NaN unless there are texts of both kinds, as in scikit-learn.
double roc_auc(std::span<const char> gold, std::span<const double> scores);

// accuracy (texts with exactly the right labels), f1_micro, f1_macro, and if scores are known
// roc_auc_micro and roc_auc_macro.
std::vector<std::string> label_set_metrics();

class LabelSetScorer {
 public:
  explicit LabelSetScorer(Labels labels) : labels_(std::move(labels)) {}

  // Adds texts with their gold labels [texts, labels], each 0 or 1. Either all predictions have
  // scores or none has.
  void add(std::span<const float> gold, const LabelSets& predicted);

  // See label_set_metrics. F1 of a label that is neither gold nor predicted is 0, and micro and
  // macro averages take all labels. An area that is not defined is NaN and logged; the macro area
  // is defined only if that of every label is.
  Metrics metrics() const;

 private:
  double accuracy() const;
  double f1_micro() const;
  double f1_macro() const;
  double auc_of(size_t label) const;
  double auc_macro() const;

  Labels labels_;
  std::vector<char> gold_, chosen_;  // [texts, labels]
  std::vector<double> scores_;       // likewise, or empty
};

}  // namespace bertune
