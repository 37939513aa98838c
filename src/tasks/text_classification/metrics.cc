// SPDX-License-Identifier: Apache-2.0
#include "tasks/text_classification/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/check.h"
#include "base/log.h"

namespace bertune {
namespace {

constexpr double kNotDefined = std::numeric_limits<double>::quiet_NaN();

// How often each label is gold, is predicted, and is both.
struct Totals {
  std::vector<double> gold, predicted, correct;  // [labels]
  double all = 0.0;
};

Totals sum_up(const ConfusionTable& table) {
  const int64_t n = table.labels;
  Totals totals{std::vector<double>(n), std::vector<double>(n), std::vector<double>(n)};
  for (int64_t g = 0; g < n; ++g) {
    totals.correct[g] = static_cast<double>(table.at(g, g));
    for (int64_t p = 0; p < n; ++p) {
      const auto count = static_cast<double>(table.at(g, p));
      totals.gold[g] += count;
      totals.predicted[p] += count;
      totals.all += count;
    }
  }
  return totals;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

double f1(const Totals& totals, int64_t label) {
  const double either = totals.gold[label] + totals.predicted[label];
  return either == 0.0 ? 0.0 : 2.0 * totals.correct[label] / either;
}

// By comparison, as in SciPy, because the rounded mean of equal numbers may differ from them.
bool is_constant(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [&](double v) { return v == values[0]; });
}

std::vector<double> rank(std::span<const double> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double mean = static_cast<double>(begin + end + 1) / 2.0;  // of ranks begin + 1 .. end
    for (; begin < end; ++begin) ranks[order[begin]] = mean;
  }
  return ranks;
}

double value_of(const ConfusionTable& table, TextMetric metric) {
  switch (metric) {
    case TextMetric::kAccuracy:
      return accuracy(table);
    case TextMetric::kF1:
      CHECK(table.labels >= 2);
      return f1(table, 1);
    case TextMetric::kF1Macro:
      return f1_macro(table);
    case TextMetric::kMatthews:
      return matthews_correlation(table);
    default:
      CHECK(false);
      return kNotDefined;
  }
}

}  // namespace

double numpy_sum(std::span<const double> values) {
  const size_t n = values.size();
  if (n < 8) return std::accumulate(values.begin(), values.end(), 0.0);
  if (n > 128) {
    const size_t half = n / 2 - n / 2 % 8;
    return numpy_sum(values.first(half)) + numpy_sum(values.subspan(half));
  }
  double r[8];
  std::copy_n(values.begin(), 8, r);
  size_t i = 8;
  for (; i < n - n % 8; i += 8) {
    for (size_t k = 0; k < 8; ++k) r[k] += values[i + k];
  }
  double sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
  for (; i < n; ++i) sum += values[i];
  return sum;
}

const char* name_of(TextMetric metric) {
  switch (metric) {
    case TextMetric::kAccuracy:
      return "accuracy";
    case TextMetric::kF1:
      return "f1";
    case TextMetric::kF1Macro:
      return "f1_macro";
    case TextMetric::kMatthews:
      return "matthews_correlation";
    case TextMetric::kPearson:
      return "pearson";
    default:
      return "spearmanr";
  }
}

void ConfusionTable::add(const ConfusionTable& other) {
  CHECK(labels == other.labels);
  for (size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
}

ConfusionTable count_confusion(std::span<const int32_t> gold, std::span<const int32_t> predicted,
                               int64_t labels) {
  CHECK(gold.size() == predicted.size());
  ConfusionTable table{labels, std::vector<int64_t>(labels * labels)};
  for (size_t i = 0; i < gold.size(); ++i) {
    CHECK(gold[i] >= 0 && gold[i] < labels && predicted[i] >= 0 && predicted[i] < labels);
    ++table.counts[gold[i] * labels + predicted[i]];
  }
  return table;
}

double accuracy(const ConfusionTable& table) {
  const Totals totals = sum_up(table);
  const double correct = std::accumulate(totals.correct.begin(), totals.correct.end(), 0.0);
  return totals.all == 0.0 ? 0.0 : correct / totals.all;
}

double f1(const ConfusionTable& table, int64_t label) { return f1(sum_up(table), label); }

double f1_macro(const ConfusionTable& table) {
  const Totals totals = sum_up(table);
  std::vector<double> values;
  for (int64_t label = 0; label < table.labels; ++label) {
    const bool seen = totals.gold[label] + totals.predicted[label] > 0.0;
    if (seen) values.push_back(f1(totals, label));
  }
  return values.empty() ? 0.0 : numpy_sum(values) / static_cast<double>(values.size());
}

double matthews_correlation(const ConfusionTable& table) {
  const Totals totals = sum_up(table);
  const double correct = std::accumulate(totals.correct.begin(), totals.correct.end(), 0.0);
  const double square = totals.all * totals.all;
  const double both = correct * totals.all - dot(totals.gold, totals.predicted);
  const double spread =
      (square - dot(totals.predicted, totals.predicted)) * (square - dot(totals.gold, totals.gold));
  return spread == 0.0 ? 0.0 : both / std::sqrt(spread);
}

double pearson(std::span<const double> x, std::span<const double> y) {
  CHECK(x.size() == y.size());
  if (x.size() < 2 || is_constant(x) || is_constant(y)) return kNotDefined;
  const auto n = static_cast<long double>(x.size());
  const long double mean_x = std::accumulate(x.begin(), x.end(), 0.0L) / n;
  const long double mean_y = std::accumulate(y.begin(), y.end(), 0.0L) / n;
  long double xx = 0.0L, yy = 0.0L, xy = 0.0L;
  for (size_t i = 0; i < x.size(); ++i) {
    const long double dx = x[i] - mean_x, dy = y[i] - mean_y;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  if (xx == 0.0L || yy == 0.0L) return kNotDefined;
  return static_cast<double>(std::clamp(xy / (std::sqrt(xx) * std::sqrt(yy)), -1.0L, 1.0L));
}

double spearman(std::span<const double> x, std::span<const double> y) {
  return pearson(rank(x), rank(y));
}

Metrics score_classes(const ConfusionTable& table, std::span<const TextMetric> metrics) {
  Metrics result;
  for (const TextMetric metric : metrics)
    result.emplace_back(name_of(metric), value_of(table, metric));
  return result;
}

Metrics score_numbers(std::span<const double> gold, std::span<const double> predicted,
                      std::span<const TextMetric> metrics) {
  Metrics result;
  for (const TextMetric metric : metrics) {
    CHECK(metric == TextMetric::kPearson || metric == TextMetric::kSpearman);
    const double value =
        metric == TextMetric::kPearson ? pearson(gold, predicted) : spearman(gold, predicted);
    if (std::isnan(value)) {
      log_warning("{} is not defined, because all gold or all predicted numbers are equal",
                  name_of(metric));
    }
    result.emplace_back(name_of(metric), value);
  }
  return result;
}

}  // namespace bertune
