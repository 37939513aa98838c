// SPDX-License-Identifier: Apache-2.0
// What a traced engine did: one event for each op, as a timeline that Perfetto and Chrome load,
// and the sums over whole steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bertune/training.h"
#include "engine/op_cost.h"

namespace bertune {

// Names are literals; they are compared as texts.
struct TraceEvent {
  const char* op = "";
  const char* place = "";  // of the model, see Engine::mark
  int64_t layer = -1;      // -1: of no layer; the number of a step
  double begin = 0.0;      // seconds since the trace began
  double seconds = 0.0;
  OpCost cost;
};

class Trace {
 public:
  // Events beyond `max_events` are left out, and that is said in the log; sums go on.
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
