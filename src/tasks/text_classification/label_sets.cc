// SPDX-License-Identifier: Apache-2.0
#include "tasks/text_classification/label_sets.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/check.h"
#include "base/log.h"
#include "tasks/task.h"
#include "tasks/text_classification/metrics.h"

namespace bertune {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

// A threshold's false and true positives.
struct RocPoint {
  double false_positives = 0.0, true_positives = 0.0;
};

// The points of a ROC curve, from the highest score down; equal scores are one point.
std::vector<RocPoint> roc_points(std::span<const char> gold, std::span<const double> scores) {
  std::vector<size_t> order(gold.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  std::vector<RocPoint> points;
  RocPoint sum;
  for (size_t i = 0; i < order.size(); ++i) {
    (gold[order[i]] != 0 ? sum.true_positives : sum.false_positives) += 1.0;
    const bool last = i + 1 == order.size() || scores[order[i + 1]] != scores[order[i]];
    if (last) points.push_back(sum);
  }
  return points;
}

// Whether the point between two others continues their line in equal steps. scikit-learn drops such
// points, which changes the last digits of the area.
bool is_between(const RocPoint& before, const RocPoint& point, const RocPoint& after) {
  const auto even = [](double a, double b, double c) { return c - b == b - a; };
  return even(before.false_positives, point.false_positives, after.false_positives) &&
         even(before.true_positives, point.true_positives, after.true_positives);
}

// The curve from the origin on, without the points between.
std::vector<RocPoint> roc_curve(const std::vector<RocPoint>& points) {
  std::vector<RocPoint> curve{{}};
  for (size_t i = 0; i < points.size(); ++i) {
    const bool inner = i > 0 && i + 1 < points.size();
    if (!inner || !is_between(points[i - 1], points[i], points[i + 1])) curve.push_back(points[i]);
  }
  return curve;
}

double mean(std::span<const double> values) {
  return numpy_sum(values) / static_cast<double>(values.size());
}

// How often labels are gold, are predicted, and are both.
struct Counts {
  double gold = 0.0, chosen = 0.0, both = 0.0;

  double f1() const { return gold + chosen == 0.0 ? 0.0 : 2.0 * both / (gold + chosen); }
};

// Of every `step`-th element from `first` on.
Counts count(std::span<const char> gold, std::span<const char> chosen, size_t first, size_t step) {
  Counts counts;
  for (size_t i = first; i < gold.size(); i += step) {
    counts.gold += gold[i];
    counts.chosen += chosen[i];
    counts.both += gold[i] * chosen[i];
  }
  return counts;
}

}  // namespace

double roc_auc(std::span<const char> gold, std::span<const double> scores) {
  CHECK(gold.size() == scores.size());
  const auto positives = std::count(gold.begin(), gold.end(), 1);
  if (positives == 0 || positives == std::ssize(gold)) return kUndefined;
  const std::vector<RocPoint> curve = roc_curve(roc_points(gold, scores));
  const RocPoint all = curve.back();
  std::vector<double> areas;
  for (size_t i = 1; i < curve.size(); ++i) {
    const auto x = [&](size_t k) { return curve[k].false_positives / all.false_positives; };
    const auto y = [&](size_t k) { return curve[k].true_positives / all.true_positives; };
    areas.push_back((x(i) - x(i - 1)) * (y(i) + y(i - 1)) / 2.0);
  }
  return numpy_sum(areas);
}

std::vector<std::string> label_set_metrics() {
  return {"accuracy", "f1_micro", "f1_macro", "roc_auc_micro", "roc_auc_macro"};
}

void LabelSetScorer::add(std::span<const float> gold, const LabelSets& predicted) {
  CHECK(gold.size() == predicted.chosen.size());
  CHECK(predicted.scores.empty() || predicted.scores.size() == gold.size());
  for (const float value : gold) gold_.push_back(value != 0.0f);
  chosen_.insert(chosen_.end(), predicted.chosen.begin(), predicted.chosen.end());
  scores_.insert(scores_.end(), predicted.scores.begin(), predicted.scores.end());
}

double LabelSetScorer::accuracy() const {
  const auto labels = std::ssize(labels_);
  int64_t right = 0, texts = 0;
  for (auto gold = gold_.begin(); gold != gold_.end(); gold += labels, ++texts) {
    right += std::equal(gold, gold + labels, chosen_.begin() + (gold - gold_.begin()));
  }
  return texts == 0 ? 0.0 : static_cast<double>(right) / static_cast<double>(texts);
}

double LabelSetScorer::f1_micro() const { return count(gold_, chosen_, 0, 1).f1(); }

double LabelSetScorer::f1_macro() const {
  std::vector<double> values;
  for (size_t label = 0; label < labels_.size(); ++label) {
    values.push_back(count(gold_, chosen_, label, labels_.size()).f1());
  }
  return mean(values);
}

double LabelSetScorer::auc_of(size_t label) const {
  std::vector<char> gold;
  std::vector<double> scores;
  for (size_t i = label; i < gold_.size(); i += labels_.size()) {
    gold.push_back(gold_[i]);
    scores.push_back(scores_[i]);
  }
  const double area = roc_auc(gold, scores);
  if (std::isnan(area)) {
    log_warning("roc_auc_macro is not defined, because {} has the label '{}'",
                gold.empty() || gold.front() == 0 ? "no text" : "every text", labels_[label]);
  }
  return area;
}

double LabelSetScorer::auc_macro() const {
  std::vector<double> areas;
  for (size_t label = 0; label < labels_.size(); ++label) areas.push_back(auc_of(label));
  return mean(areas);
}

Metrics LabelSetScorer::metrics() const {
  CHECK(scores_.empty() || scores_.size() == gold_.size());
  std::vector<std::string> names = label_set_metrics();
  std::vector<double> values{accuracy(), f1_micro(), f1_macro()};
  if (scores_.empty()) {
    names.resize(values.size());
  } else {
    values.insert(values.end(), {roc_auc(gold_, scores_), auc_macro()});
  }
  return with_names(names, values);
}

}  // namespace bertune
