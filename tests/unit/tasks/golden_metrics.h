// SPDX-License-Identifier: Apache-2.0
// The cases of label_metrics.json, whose expected values come from scikit-learn, SciPy and seqeval.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "bertune/results.h"
#include "golden_file.h"
#include "text/python_text.h"

namespace bertune {

// Compares metrics(case) with the expected values for all cases of a kind.
template <typename ComputeMetrics>
void expect_golden_metrics(const std::string& kind, const ComputeMetrics& compute) {
  int cases = 0;
  for (const auto& golden : read_golden("label_metrics.json", "cases")) {
    if (golden["kind"] != kind) continue;
    SCOPED_TRACE(golden.dump().substr(0, 300));
    ++cases;
    const Metrics found = compute(golden);
    const auto& expected = golden["expected"];
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
      const auto value = expected[i][1].get<std::string>();
      EXPECT_EQ(found[i].first, expected[i][0].get<std::string>());
      if (kind == "numbers") {  // SciPy's last digits depend on its BLAS
        EXPECT_NEAR(found[i].second, std::stod(value), 64 * 2.3e-16);
      } else {
        EXPECT_EQ(python_repr(found[i].second), value) << found[i].first;
      }
    }
  }
  EXPECT_GT(cases, 0);
}

}  // namespace bertune
