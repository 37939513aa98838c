// SPDX-License-Identifier: Apache-2.0
// Runs every op of every engine: checks it, times it and computes it. This is a separate file from
// engine.cc because the table of ops and the recorder depend on the contract.
#include "engine/engine.h"
#include "engine/ops.h"
#include "engine/recorder.h"

namespace bertune {

void Engine::mark(const char* place, int64_t layer) {
  if (recorder_ != nullptr) recorder_->mark(place, layer);
}

void Engine::run(const AnyOp& op) {
  if (cost_of(op).rows == 0) return;
  check_contract(op, dtypes());
  if (recorder_ == nullptr || !recorder_->is_recording()) return compute(op);
  synchronize();  // so that the time belongs to this op alone
  recorder_->begin();
  compute(op);
  synchronize();
  recorder_->end(op);
}

}  // namespace bertune
