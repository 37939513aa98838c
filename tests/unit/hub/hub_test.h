// SPDX-License-Identifier: Apache-2.0
// Shared by the tests of downloads: a hub on loopback with one small model, a cache of its own and
// short waits between attempts.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "hub/cache.h"
#include "hub/fetch.h"
#include "hub/settings.h"
#include "hub_server.h"
#include "temporary_folder.h"

namespace bertune {

class HubTest : public testing::Test {
 protected:
  static constexpr const char* kId = "org/tiny";

  HubTest() {
    const std::filesystem::path tiny =
        std::filesystem::path(BERTUNE_TEST_DATA) / "golden" / "tiny_gelu";
    hub_.put_folder(kId, tiny);
    weights_ = get_file(tiny / "model.safetensors");
    settings_.cache = folder_ / "cache";
    settings_.aliases = folder_ / "aliases";
    settings_.endpoint = hub_.url();
    settings_.connect_timeout = std::chrono::milliseconds(10'000);
    settings_.stall_timeout = std::chrono::milliseconds(10'000);
    settings_.first_wait = std::chrono::milliseconds(1);
    settings_.attempts = 3;
  }

  std::filesystem::path fetch() { return fetch_model(kId, settings_); }

  std::filesystem::path cached() const { return cached_folder(settings_, kId); }
  std::filesystem::path partial() const {
    return gathering_folder(cached()) / "model.safetensors.partial";
  }

  // Expects that all files exist and that the weights are those of the hub.
  void expect_fetched() const {
    const std::vector<std::string> names = {"config.json", "model.safetensors", "tokenizer.json",
                                            "tokenizer_config.json", "vocab.txt"};
    ASSERT_TRUE(std::filesystem::is_directory(cached()));
    EXPECT_EQ(names_in(cached()), names);
    EXPECT_EQ(get_file(cached() / "model.safetensors"), weights_);
    EXPECT_FALSE(std::filesystem::exists(gathering_folder(cached())));
  }

  // The Range headers of the requests for a file's bytes: "" or "bytes=5-".
  std::vector<std::string> ranges(const std::string& name) const {
    std::vector<std::string> ranges;
    for (const ServedRequest& request : hub_.requests()) {
      if (request.method == "GET" && request.path.ends_with("/" + name))
        ranges.push_back(request.header("range"));
    }
    return ranges;
  }

  TemporaryFolder folder_;
  HubServer hub_;
  HubSettings settings_;
  std::string weights_;
};

}  // namespace bertune
