// SPDX-License-Identifier: Apache-2.0
// Equal data has equal fingerprints, and every kind of difference changes them.
#include "base/fingerprint.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/parallel.h"

namespace bertune {
namespace {

std::string of(const std::vector<float>& values) {
  Fingerprint fingerprint;
  fingerprint.add(std::span<const float>(values));
  return fingerprint.text();
}

TEST(Fingerprint, SeesEveryNumberAndItsPlace) {
  std::vector<float> values(600'001, 1.0f);
  const std::string before = of(values);
  EXPECT_EQ(before.size(), 16u);
  EXPECT_EQ(of(values), before);
  for (const size_t i : {size_t{0}, size_t{262'143}, size_t{262'144}, values.size() - 1}) {
    values[i] = 2.0f;
    EXPECT_NE(of(values), before) << i;
    values[i] = 1.0f;
  }
  values.push_back(1.0f);
  EXPECT_NE(of(values), before);
  EXPECT_NE(of({0.0f}), of({-0.0f}));
}

TEST(Fingerprint, DoesNotDependOnThreads) {
  const std::vector<float> values(600'001, 1.0f);
  const auto with = [&](int threads) {
    const WithThreads set(threads);
    return of(values);
  };
  EXPECT_EQ(with(3), with(1));
}

TEST(Fingerprint, TellsTextsAndOrderApart) {
  const auto two = [](const char* a, const char* b) {
    Fingerprint fingerprint;
    fingerprint.add(a);
    fingerprint.add(b);
    return fingerprint.text();
  };
  EXPECT_NE(two("ab", "c"), two("a", "bc"));
  EXPECT_NE(two("a", "b"), two("b", "a"));
}

}  // namespace
}  // namespace bertune
