// SPDX-License-Identifier: Apache-2.0
// Times the ops of an engine for a trace. The engine calls begin() and end() around each op;
// mark() tells which part of the model the ops belong to.
#pragma once

#include "base/stopwatch.h"
#include "engine/engine.h"
#include "engine/trace.h"

namespace bertune {

class Recorder {
 public:
  // See Trace for max_events.
  explicit Recorder(size_t max_events) : trace_(max_events) {}

  const Trace& trace() const { return trace_; }
  // Whether ops are timed, initially true. If not, a call costs one extra branch.
  void set_recording(bool recording) { recording_ = recording; }
  bool is_recording() const { return recording_; }

  void mark(const char* place, int64_t layer);
  void begin() { begin_ = watch_.seconds(); }
  void end(const AnyOp& op);

 private:
  Trace trace_;
  Stopwatch watch_;
  bool recording_ = true;
  bool in_step_ = false;
  TraceEvent step_;
  const char* place_ = "";
  int64_t layer_ = -1;
  double begin_ = 0.0;  // of the current op, in seconds
};

}  // namespace bertune
