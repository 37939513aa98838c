// SPDX-License-Identifier: Apache-2.0
#include "engine/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/log.h"

namespace bertune {
namespace {

ProfileRow& row_of(const TraceEvent& event, std::vector<ProfileRow>& rows) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const ProfileRow& row) {
    return row.op == event.op && row.place == event.place;
  });
  if (found != rows.end()) return *found;
  rows.push_back({.op = event.op, .place = event.place});
  return rows.back();
}

void append_event(const TraceEvent& event, std::string& out) {
  auto to = std::back_inserter(out);
  fmt::format_to(to, R"({{"name":"{}{}{}","cat":"{}","ph":"X","pid":1,"tid":1,)", event.op,
                 *event.place ? " " : "", event.place, event.op);
  fmt::format_to(to, R"("ts":{:.3f},"dur":{:.3f},"args":{{)", 1e6 * event.begin,
                 1e6 * event.seconds);
  fmt::format_to(to, R"("place":"{}","layer":{},"rows":{},"cols":{},"depth":{},)", event.place,
                 event.layer, event.cost.rows, event.cost.cols, event.cost.depth);
  fmt::format_to(to, R"("flop":{:.0f},"bytes":{:.0f}}}}})", event.cost.flop, event.cost.bytes);
}

}  // namespace

double Profile::outside_ops() const {
  double seconds = step_seconds;
  for (const ProfileRow& row : rows) seconds -= row.seconds;
  return seconds;
}

void Trace::keep(const TraceEvent& event) {
  if (events_.size() < max_events_) return events_.push_back(event);
  if (max_events_ > 0 && !full_) {
    log_info("the trace has reached its limit of {} events; later events are not recorded",
             max_events_);
  }
  full_ = true;
}

void Trace::add(const TraceEvent& event) {
  keep(event);
  ProfileRow& row = row_of(event, sums_.rows);
  ++row.calls;
  row.seconds += event.seconds;
  row.flop += event.cost.flop;
  row.bytes += event.cost.bytes;
}

void Trace::add_step(const TraceEvent& step) {
  keep(step);
  ++sums_.steps;
  sums_.step_seconds += step.seconds;
}

Profile Trace::profile() const {
  Profile profile = sums_;
  std::stable_sort(profile.rows.begin(), profile.rows.end(),
                   [](const auto& a, const auto& b) { return a.seconds > b.seconds; });
  return profile;
}

std::string chrome_trace(const Trace& trace, const std::string& engine_description) {
  std::string out =
      fmt::format(R"({{"displayTimeUnit":"ms","otherData":{{"engine":"{}"}},"traceEvents":[)",
                  engine_description);
  const char* separator = "\n";
  for (const TraceEvent& event : trace.events()) {
    out += separator;
    append_event(event, out);
    separator = ",\n";
  }
  return out + "\n]}\n";
}

}  // namespace bertune
