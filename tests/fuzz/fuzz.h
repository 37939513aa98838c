// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets share. A target is one file that defines `fuzz`: it hands the input to a
// reader and CHECKs what must hold afterwards. Any other end than a return or an Error about the
// input is a fault of bertune. docs/reliability.md tells how they are run.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "bertune/error.h"
#include "text/utf8.h"

namespace bertune {

void fuzz(std::string_view input);

// What people read fits on a screen, whatever the input, and is text, which Python insists on.
inline bool may_be_shown(const std::string& text) {
  constexpr size_t kLongest = 4096;
  return text.size() < kLongest && is_valid_utf8(text);
}

// Runs `work`; false when it refused its input. An Error that blames bertune, that says nothing, or
// that repeats the whole input goes on as a broken promise.
template <typename Work>
bool accepts(const Work& work) {
  try {
    work();
    return true;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kInternal) throw;
    CHECK(!error.message().empty() && may_be_shown(error.message()) && may_be_shown(error.hint()));
    return false;
  }
}

// The folder of this process, removed when it ends, and a file in it with the given content.
const std::filesystem::path& scratch_folder();
std::filesystem::path put_input(const std::string& name, std::string_view content);

}  // namespace bertune
