// SPDX-License-Identifier: Apache-2.0
// Shared by the fuzz targets. A target is one file that defines `fuzz`: it passes the input to a
// reader and CHECKs the properties of the result. Any outcome other than a return or an Error about
// the input is a bug in bertune. docs/reliability.md describes how they are run.
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

// Whether a message fits on a screen for any input and is valid UTF-8, which Python requires.
inline bool may_be_shown(const std::string& text) {
  constexpr size_t kLongest = 4096;
  return text.size() < kLongest && is_valid_utf8(text);
}

// Runs `work`; returns false if it refused its input. An Error that blames bertune, that has no
// message or that repeats the whole input is passed on as a failed check.
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

// The folder of this process, removed at exit, and a file in it with the given content.
const std::filesystem::path& scratch_folder();
std::filesystem::path put_input(const std::string& name, std::string_view content);

}  // namespace bertune
