// SPDX-License-Identifier: Apache-2.0
// Spells the library's options as command-line flags.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bertune {

// max_seq_length becomes --max-seq-length, max_seq_length=128 becomes --max-seq-length 128,
// resume=true becomes --resume and resume=false becomes --no-resume.
std::string flag(std::string_view name, std::optional<std::string_view> value = {});

}  // namespace bertune
