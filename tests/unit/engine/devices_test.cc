// SPDX-License-Identifier: Apache-2.0
// The choice of a device: its reason, a device that cannot compute here, and a misspelt one.
#include "engine/devices.h"

#include <gtest/gtest.h>

#include <string>

#include "bertune/error.h"
#include "expect_error.h"

namespace bertune {
namespace {

TEST(Devices, TheProcessorCanAlwaysCompute) {
  EXPECT_EQ(devices().front().name, "cpu");
  EXPECT_TRUE(devices().front().lacking.empty());
  EXPECT_EQ(choose_device("cpu").name, "cpu");
  EXPECT_EQ(choose_device("auto").name, "cpu");
  EXPECT_NE(choose_device("auto").reason.find("because"), std::string::npos);
  EXPECT_GT(free_bytes("cpu").value_or(1), 0);
}

TEST(Devices, ADeviceThatIsNotBuiltInIsAnErrorWithARemedy) {
  expect_error(ErrorKind::kSystem, {"device is 'cuda'", "no engine"},
               [] { choose_device("cuda"); });
  EXPECT_NE(error_of([] { choose_device("cuda"); })->hint().find("device=cpu"), std::string::npos);
}

TEST(Devices, AMisspeltDeviceIsToldTheNearestName) {
  expect_error(ErrorKind::kUsage, {"device is 'cpuu'"}, [] { choose_device("cpuu"); });
  EXPECT_NE(error_of([] { choose_device("cpuu"); })->hint().find("device=cpu"), std::string::npos);
  EXPECT_THROW(make_engine({.device = "gpu"}), Error);
}

TEST(Devices, AnEngineKnowsItsPrecision) {
  EXPECT_EQ(make_engine({.precision = "fp32"}).engine->precision(), Precision::kFp32);
  EXPECT_EQ(make_engine({.precision = "bf16"}).engine->precision(), Precision::kBf16);
  EXPECT_STREQ(name_of(make_engine({.precision = "bf16"}).engine->precision()), "bf16");
}

}  // namespace
}  // namespace bertune
