// SPDX-License-Identifier: Apache-2.0
// Settings from environment variables.
#include "hub/settings.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "expect_error.h"

namespace bertune {
namespace {

class Settings : public testing::Test {
 protected:
  Settings() {
    for (const char* name : {"BERTUNE_CACHE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "HF_ENDPOINT",
                             "HF_TOKEN", "HF_HUB_OFFLINE", "HF_HUB_DOWNLOAD_TIMEOUT"}) {
      ::unsetenv(name);
    }
    ::setenv("HOME", "/home/x", 1);
  }
};

TEST_F(Settings, HaveDefaults) {
  const HubSettings settings = hub_settings();
  EXPECT_EQ(settings.cache, "/home/x/.cache/bertune");
  EXPECT_EQ(settings.aliases, "/home/x/.config/bertune/aliases");
  EXPECT_EQ(settings.endpoint, "https://huggingface.co");
  EXPECT_EQ(settings.token, "");
  EXPECT_FALSE(settings.offline);
}

TEST_F(Settings, OfTheCacheGoByRank) {
  ::setenv("XDG_CACHE_HOME", "/xdg", 1);
  EXPECT_EQ(hub_settings().cache, "/xdg/bertune");
  ::setenv("BERTUNE_CACHE", "/own", 1);
  EXPECT_EQ(hub_settings().cache, "/own");
  ::unsetenv("HOME");  // as in a container
  EXPECT_EQ(hub_settings().aliases, "/own/aliases");
  ::unsetenv("BERTUNE_CACHE");
  ::unsetenv("XDG_CACHE_HOME");
  expect_error(ErrorKind::kUsage, {"HOME"}, [] { hub_settings(); });
}

TEST_F(Settings, OfTheHub) {
  ::setenv("HF_ENDPOINT", "https://mirror.example/hub//", 1);
  ::setenv("HF_TOKEN", " hf_abc\n", 1);
  ::setenv("HF_HUB_OFFLINE", "yes", 1);
  ::setenv("HF_HUB_DOWNLOAD_TIMEOUT", "7", 1);
  const HubSettings settings = hub_settings();
  EXPECT_EQ(settings.endpoint, "https://mirror.example/hub");
  EXPECT_EQ(settings.token, "hf_abc");
  EXPECT_TRUE(settings.offline);
  EXPECT_EQ(settings.stall_timeout, std::chrono::seconds(7));
}

TEST_F(Settings, ThatAreWrongAreNamed) {
  const auto refused = [](const char* name, const char* value) {
    ::setenv(name, value, 1);
    expect_error(ErrorKind::kUsage, {name}, [] { hub_settings(); });
    ::unsetenv(name);
  };
  refused("HF_ENDPOINT", "huggingface.co");
  refused("HF_ENDPOINT", "https://me:secret@mirror.example");
  refused("HF_TOKEN", "a\r\nX-Other: 1");
  refused("HF_HUB_DOWNLOAD_TIMEOUT", "soon");
  refused("HF_HUB_DOWNLOAD_TIMEOUT", "0");
}

}  // namespace
}  // namespace bertune
