// SPDX-License-Identifier: Apache-2.0
#include "batch/window.h"

#include <fmt/format.h>

#include <algorithm>

#include "bertune/error.h"

namespace bertune {
namespace {

// The number of tokens of the second text that fit after the first.
int32_t room_of_second(int32_t first_length, const WindowLimits& limits) {
  const int32_t room = limits.max_seq_length - first_length - 3;
  if (limits.doc_stride >= 0 && limits.doc_stride < room) return room;
  throw Error(
      ErrorKind::kUsage,
      fmt::format("windows of {} tokens cannot overlap by {}: beside a first text of {} tokens and "
                  "three special ones, {} are left",
                  limits.max_seq_length, limits.doc_stride, first_length, std::max(room, 0)),
      fmt::format("the overlap must be at least 0 and below what is left: lower {} or raise {}",
                  option("doc_stride"), option("max_seq_length")));
}

}  // namespace

void append_windows(int32_t example, int32_t first, int32_t first_length, int32_t second,
                    int32_t second_length, const WindowLimits& limits,
                    std::vector<Window>& windows) {
  const int32_t room = room_of_second(first_length, limits);
  for (int32_t begin = 0;; begin += room - limits.doc_stride) {
    const int32_t end = std::min(begin + room, second_length);
    windows.push_back({.example = example,
                       .first = first,
                       .first_length = first_length,
                       .second = second,
                       .second_begin = begin,
                       .second_end = end});
    if (end == second_length) return;
  }
}

}  // namespace bertune
