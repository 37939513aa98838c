// SPDX-License-Identifier: Apache-2.0
#include "hub/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <cstdlib>

#include "bertune/error.h"
#include "hub/trim.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

// The variable's value without surrounding white space; empty if it is not set.
std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return std::string(trim(value == nullptr ? "" : value));
}

[[noreturn]] void fail(const char* name, const std::string& what, const char* hint) {
  throw Error(ErrorKind::kUsage, fmt::format("{} {}", name, what), hint);
}

// The folder in `xdg`, or else the one below HOME. By the XDG rules a relative path is ignored.
fs::path user_folder(const char* xdg, const char* below_home) {
  const fs::path own = variable(xdg);
  if (own.is_absolute()) return own;
  const std::string home = variable("HOME");
  if (home.empty()) {
    fail("HOME", "is not set, so there is no default folder for models",
         "set BERTUNE_CACHE to a folder, or give the model's folder itself");
  }
  return fs::path(home) / below_home;
}

fs::path cache_folder() {
  const std::string own = variable("BERTUNE_CACHE");
  return own.empty() ? user_folder("XDG_CACHE_HOME", ".cache") / "bertune" : fs::absolute(own);
}

// The file is in the cache if there is no home folder, as in many containers.
fs::path aliases_file(const fs::path& cache) {
  if (variable("HOME").empty() && variable("XDG_CONFIG_HOME").empty()) return cache / "aliases";
  return user_folder("XDG_CONFIG_HOME", ".config") / "bertune" / "aliases";
}

std::string endpoint(const std::string& standard) {
  std::string url = variable("HF_ENDPOINT");
  if (url.empty()) return standard;
  while (url.ends_with('/')) url.pop_back();
  if (!url.starts_with("https://") && !url.starts_with("http://")) {
    fail("HF_ENDPOINT", fmt::format("is '{}', not the address of a hub", url),
         "give it as https://HOST, or unset it for https://huggingface.co");
  }
  if (url.find_first_of("@?# ") != url.npos) {  // messages show the URL, so no secrets
    fail("HF_ENDPOINT", "may hold only scheme, host, port and path",
         "give it as https://HOST; a token belongs in HF_TOKEN");
  }
  return url;
}

std::string token() {
  const std::string text = variable("HF_TOKEN");
  const auto odd = [](unsigned char c) { return c <= ' ' || c >= 127; };
  if (std::any_of(text.begin(), text.end(), odd)) {
    fail("HF_TOKEN", "contains a character that no token has",
         "set it to the token alone, or unset it");
  }
  return text;
}

// The values that huggingface_hub counts as true.
bool is_set(const char* name) {
  std::string text = variable(name);
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text == "1" || text == "ON" || text == "YES" || text == "TRUE";
}

std::chrono::milliseconds stall_timeout(std::chrono::milliseconds standard) {
  const std::string text = variable("HF_HUB_DOWNLOAD_TIMEOUT");
  if (text.empty()) return standard;
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 1 || seconds > 86400) {
    fail("HF_HUB_DOWNLOAD_TIMEOUT", fmt::format("is '{}'", text),
         "give a whole number of seconds, 1 to 86400, or unset it");
  }
  return std::chrono::seconds(seconds);
}

}  // namespace

HubSettings hub_settings() {
  HubSettings settings;
  settings.cache = cache_folder();
  settings.aliases = aliases_file(settings.cache);
  settings.endpoint = endpoint(settings.endpoint);
  settings.token = token();
  settings.offline = is_set("HF_HUB_OFFLINE");
  settings.stall_timeout = stall_timeout(settings.stall_timeout);
  return settings;
}

}  // namespace bertune
