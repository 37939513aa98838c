// SPDX-License-Identifier: Apache-2.0
// The reference in float against the reference in double. This shows that the tolerances hold for
// plain code and that the cases used for other engines are sound.
#include "engine/reference_engine.h"

#include <gtest/gtest.h>

#include "unit/engine/ops.h"

namespace bertune {
namespace {

class ReferenceOp : public testing::TestWithParam<OpCase> {};

TEST_P(ReferenceOp, FloatIsCloseToDouble) {
  expect_as_reference(GetParam(), *make_reference_engine<float>());
}

INSTANTIATE_TEST_SUITE_P(All, ReferenceOp, testing::ValuesIn(op_cases()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace bertune
