// SPDX-License-Identifier: Apache-2.0
// A model downloaded from a hub that answers anything: it is complete and matches its hashes, or it
// is not there at all. Nothing is written elsewhere, and no other host receives the token.
#include <filesystem>
#include <string>
#include <vector>

#include "formats/huggingface/config.h"
#include "fuzz/fuzz.h"
#include "fuzz/scripted_hub.h"
#include "hub/cache.h"
#include "hub/digest.h"
#include "hub/fetch.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr const char* kId = "org/model";
constexpr const char* kToken = "secret-of-the-hub";

HubSettings settings() {
  return {.cache = scratch_folder() / "cache",
          .aliases = scratch_folder() / "aliases",
          .endpoint = "http://hub.test",
          .token = kToken,
          .connect_timeout = std::chrono::milliseconds(1000),
          .stall_timeout = std::chrono::milliseconds(1000),
          .first_wait = std::chrono::milliseconds(0),
          .attempts = 2};
}

void check_secrecy(const std::vector<HubExchange>& exchanges) {
  for (const HubExchange& exchange : exchanges) {
    const bool tells = exchange.sent.find(kToken) != std::string::npos;
    CHECK(!tells || exchange.sent.find("\r\nHost: hub.test\r\n") != std::string::npos);
  }
}

// Checks that every file in the folder has the content that some answer announced.
void check_folder(const fs::path& folder, const std::vector<HubExchange>& exchanges) {
  std::string answers;
  for (const HubExchange& exchange : exchanges) answers += exchange.answer;
  for (const std::string& name : names_in(folder)) {
    const std::string bytes = get_file(folder / name);
    CHECK(fs::is_regular_file(fs::symlink_status(folder / name)));
    CHECK(answers.find(git_blob_hex(bytes)) != std::string::npos ||
          answers.find(sha256_hex(bytes)) != std::string::npos);
  }
  parse_config(JsonFile(folder / "config.json"));
}

void check_surroundings(const fs::path& cached) {
  CHECK(names_in(scratch_folder()) == std::vector<std::string>{"cache"});
  CHECK(names_in(cached.parent_path().parent_path()) == std::vector<std::string>{"org"});
  for (const std::string& name : names_in(cached.parent_path()))
    CHECK(name == "model" || name == ".model.partial" || name == ".model.lock");
}

// Returns whether the download succeeded.
bool fetch() {
  const HubSettings from = settings();
  const fs::path cached = cached_folder(from, kId);
  const bool fetched = accepts([&] { CHECK(fetch_model(kId, from) == cached); });
  const std::vector<HubExchange> exchanges = take_hub_exchanges();
  check_secrecy(exchanges);
  check_surroundings(cached);
  CHECK(fetched == fs::exists(cached));
  if (fetched) check_folder(cached, exchanges);
  return fetched;
}

}  // namespace

void fuzz(std::string_view input) {
  fs::remove_all(scratch_folder() / "cache");
  put_hub_script(input);
  if (fetch()) return;
  put_hub_script(input);  // once more, with the files of the first attempt
  fetch();
}

}  // namespace bertune
