// Work over all cores with OpenMP, the same pool that oneDNN computes on, so that there is no
// second. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <omp.h>

#include <algorithm>
#include <cstdint>
#include <exception>

namespace bertune {

// Threads of the pool; 0 takes what OpenMP finds (the cores this process may use).
inline void set_threads(int threads) {
  omp_set_num_threads(threads > 0 ? threads : omp_get_num_procs());
}
inline int thread_count() { return omp_get_max_threads(); }

// Calls work(begin, end) on blocks of [0, count). Block bounds depend on `block` alone, never on
// the number of threads, so that a sum kept by block is the same on any machine. The first
// exception of a block is rethrown here, because one that leaves an OpenMP region ends the process.
template <typename Work>
void parallel_for(int64_t count, int64_t block, const Work& work) {
  const int64_t blocks = (count + block - 1) / block;
  if (blocks <= 1) {
    if (count > 0) work(int64_t{0}, count);
    return;
  }
  std::exception_ptr failure;
#pragma omp parallel for schedule(dynamic, 1)
  for (int64_t b = 0; b < blocks; ++b) {
    try {
      work(b * block, std::min(count, (b + 1) * block));
    } catch (...) {
#pragma omp critical(bertune_parallel_failure)
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace bertune
