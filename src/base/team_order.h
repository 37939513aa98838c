// SPDX-License-Identifier: Apache-2.0
// Describes OpenMP's fork and join to ThreadSanitizer, which does not see into the OpenMP runtime:
// a team of threads starts after its first thread's earlier work, and that thread continues after
// all of them have ended. A compiler shim: empty functions in other builds.
#pragma once

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>

namespace bertune {

inline char team_order;  // only its address is used

inline void pass_on_to_team() { __tsan_release(&team_order); }
inline void take_over_from_team() { __tsan_acquire(&team_order); }

}  // namespace bertune
#else
namespace bertune {

inline void pass_on_to_team() {}
inline void take_over_from_team() {}

}  // namespace bertune
#endif
