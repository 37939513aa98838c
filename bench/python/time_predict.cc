// SPDX-License-Identifier: Apache-2.0
// How long a C++ program waits for a prediction, to be compared with Python's wait by
// bench/python/overhead.py. Usage: time_predict MODEL COUNT CONTEXT QUESTION; prints the median in
// milliseconds.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "bertune/bertune.h"

int main(int, char** argv) {
  const bertune::Predictor predictor(argv[1]);
  const std::vector<bertune::Input> inputs{bertune::ContextQuestion{argv[3], argv[4]}};
  std::vector<double> milliseconds(std::strtoul(argv[2], nullptr, 10));
  for (double& taken : milliseconds) {
    const auto begin = std::chrono::steady_clock::now();
    predictor.predict({.inputs = inputs});
    taken =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  }
  const auto middle = milliseconds.begin() + static_cast<std::ptrdiff_t>(milliseconds.size() / 2);
  std::nth_element(milliseconds.begin(), middle, milliseconds.end());
  fmt::print("{}\n", *middle);
}
