// SPDX-License-Identifier: Apache-2.0
// How the command line spells the options of the library.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bertune {

// max_seq_length becomes --max-seq-length, max_seq_length=128 --max-seq-length 128, resume=true
// --resume and resume=false --no-resume.
std::string flag(std::string_view name, std::optional<std::string_view> value = {});

}  // namespace bertune
