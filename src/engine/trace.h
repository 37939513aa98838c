// SPDX-License-Identifier: Apache-2.0
// The record of a traced engine: one event per op, as a timeline for Perfetto and Chrome, and sums
// over whole steps. recorder.h fills it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bertune/training.h"
#include "engine/ops.h"

namespace bertune {

// Names are string literals, compared as text.
struct TraceEvent {
  const char* op = "";
  const char* place = "";  // part of the model, see Engine::mark
  int64_t layer = -1;      // -1: outside the layers; or the number of a step
  double begin = 0.0;      // seconds since the start of the trace
  double seconds = 0.0;
  OpCost cost;
};

class Trace {
 public:
  // Events beyond `max_events` are dropped, which is logged once; the sums still include them.
  explicit Trace(size_t max_events) : max_events_(max_events) {}

  void add(const TraceEvent& event);  // an op within a step
  void add_outside(const TraceEvent& event) { keep(event); }
  void add_step(const TraceEvent& step);

  const std::vector<TraceEvent>& events() const { return events_; }
  Profile profile() const;

 private:
  void keep(const TraceEvent& event);

  size_t max_events_;
  bool full_ = false;
  std::vector<TraceEvent> events_;
  Profile sums_;  // rows in the order of their first event
};

// Chrome's trace event format: {"traceEvents": [{"name", "ph": "X", "ts", "dur", "args", ...}]},
// with times in microseconds.
std::string chrome_trace(const Trace& trace, const std::string& engine_description);

}  // namespace bertune
