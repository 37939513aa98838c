// SPDX-License-Identifier: Apache-2.0
#include "train/run_log.h"

#include <nlohmann/json.hpp>
#include <string>

#include "base/io.h"
#include "base/log.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::chrono::seconds kFlushEvery(2);

int64_t step_of(const StepReport& report) {
  return (report.epoch - 1) * report.epoch_steps + report.step;
}

// Keeps whole lines only: a half-written line of a killed run ends the part that is kept.
std::string lines_up_to(const fs::path& path, int64_t step) {
  std::string kept;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const Json object = Json::parse(line, nullptr, false);
    if (!object.is_object() || object.value("step", step + 1) > step) break;
    kept += line + "\n";
  }
  return kept;
}

fs::path prepare(const fs::path& output, int64_t done_steps) {
  fs::path path = output / "log.jsonl";
  write_file_atomic(path, done_steps > 0 ? lines_up_to(path, done_steps) : "");
  fs::create_directories(output / "tensorboard");
  return path;
}

}  // namespace

RunLog::RunLog(const fs::path& output, int64_t done_steps)
    : path_(prepare(output, done_steps)),
      lines_(path_, std::ios::app),
      events_(output / "tensorboard", done_steps + 1),
      flushed_(std::chrono::steady_clock::now()) {}

RunLog::~RunLog() { flush(); }

void RunLog::add_step(const StepReport& report) {
  const int64_t step = step_of(report);
  lines_ << Json{{"step", step},
                 {"epoch", report.epoch},
                 {"loss", report.loss},
                 {"learning_rate", report.learning_rate},
                 {"seconds", report.seconds},
                 {"tokens_per_second", report.tokens_per_second}}
                .dump()
         << '\n';
  events_.add("train/loss", report.loss, step);
  events_.add("train/learning_rate", report.learning_rate, step);
  events_.add("train/tokens_per_second", report.tokens_per_second, step);
  if (std::chrono::steady_clock::now() - flushed_ > kFlushEvery) flush();
}

void RunLog::add_evaluation(int64_t step, const Evaluation& evaluation) {
  Json metrics = Json::object();
  for (const auto& [name, value] : evaluation.metrics) {
    metrics[name] = value;
    events_.add("eval/" + name, value, step);
  }
  lines_ << Json{{"step", step}, {evaluation.name, std::move(metrics)}}.dump() << '\n';
  flush();
}

TrainEvents with_log(const TrainEvents& events, RunLog& log) {
  TrainEvents logged = events;
  logged.step = [&](const StepReport& report) {
    log.add_step(report);
    if (events.step) events.step(report);
  };
  logged.evaluated = [&](int64_t step, const Evaluation& evaluation) {
    log.add_evaluation(step, evaluation);
    if (events.evaluated) events.evaluated(step, evaluation);
  };
  return logged;
}

bool RunLog::flush() {
  lines_.flush();
  events_.flush();
  flushed_ = std::chrono::steady_clock::now();
  if (failed_ || (lines_.good() && events_.good())) return !failed_;
  failed_ = true;
  log_warning("cannot write the log of the run: {}", path_.string());
  return false;
}

}  // namespace bertune
