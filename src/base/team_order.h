// SPDX-License-Identifier: Apache-2.0
// What ThreadSanitizer is told of OpenMP, whose runtime it does not see into: that a team of
// threads begins after what its first thread did before, and that this goes on after all have
// ended. A compiler shim: in other builds it is nothing.
#pragma once

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>

namespace bertune {

inline char team_order;  // an address only

inline void pass_on_to_team() { __tsan_release(&team_order); }
inline void take_over_from_team() { __tsan_acquire(&team_order); }

}  // namespace bertune
#else
namespace bertune {

inline void pass_on_to_team() {}
inline void take_over_from_team() {}

}  // namespace bertune
#endif
