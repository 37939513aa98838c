// SPDX-License-Identifier: Apache-2.0
#include "cli/evaluate.h"

#include <fmt/format.h>

#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bertune/bertune.h"
#include "cli/choose_model.h"
#include "cli/flags.h"
#include "cli/print_result.h"
#include "cli/stop_signals.h"
#include "console/results.h"
#include "console/terminal.h"

namespace bertune {
namespace {

struct EvaluateFlags {
  CheckpointFlags checkpoint;
  std::string score;
  PredictorOptions predictor;
  EvaluateRequest request;
  bool json = false;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    CheckpointFlags::visit(self.checkpoint, visitor);
    visitor(Option{"score", "score this file of predictions; no model is needed"}, self.score);
    visitor(Option{"json", "print one JSON object and nothing else on standard output"}, self.json);
    EvaluateRequest::visit(self.request, visitor);
    PredictorOptions::visit(self.predictor, visitor);
  }
};

// Thrown by a progress callback after a signal was received.
struct Stopped {
  int signal;
};

// Forwards progress to `sink`; throws Stopped if a signal was received.
template <typename Progress>
std::function<void(const Progress&)> stop_or(std::function<void(const Progress&)> sink,
                                             const StopSignals& signals) {
  return [&signals, sink = std::move(sink)](const Progress& progress) {
    if (signals.received() != 0) throw Stopped{signals.received()};
    if (sink) sink(progress);
  };
}

Evaluation evaluate_model(const EvaluateFlags& flags, const StopSignals& signals) {
  if (flags.request.eval_dataset.empty()) {  // found before a model is fetched and loaded
    throw Error(ErrorKind::kUsage, option("eval_dataset") + " is missing",
                "give it, for example " + option("eval_dataset", "./squad/"));
  }
  const Predictor predictor(choose_model(flags.checkpoint), flags.predictor,
                            stop_or(console_fetching(), signals));
  print_message(fmt::format("evaluating {}\n", predictor.model().string()));
  return predictor.evaluate(flags.request, stop_or(console_evaluating(), signals));
}

// The flags about a model and about the files that its evaluation writes.
std::vector<std::string> model_flags(const EvaluateFlags& flags) {
  std::vector<std::string> names;
  const auto list = [&](const Option& option, const auto&) { names.emplace_back(option.name); };
  CheckpointFlags::visit(flags.checkpoint, list);
  EvaluateFiles::visit(flags.request.files, list);
  AnswerOptions::visit(flags.request.answer, list);
  ComputeOptions::visit(flags.predictor.compute, list);
  return names;
}

// Rejects flags about a model, because scoring a file uses none.
ScoreRequest score_request(const EvaluateFlags& flags, const CLI::App& subcommand) {
  for (const std::string& name : model_flags(flags)) {
    if (subcommand.get_option(flag(name))->count() == 0) continue;
    throw Error(ErrorKind::kUsage,
                fmt::format("{} is given with {}", option(name), option("score")),
                fmt::format("no model is evaluated: omit {} or {}", option(name), option("score")));
  }
  ScoreRequest request{.predictions = flags.score,
                       .eval_dataset = flags.request.eval_dataset.path,
                       .data = flags.request.data};
  if (!flags.predictor.task.empty()) request.task = flags.predictor.task;
  return request;
}

void print(const Evaluation& evaluation, bool json) {
  print_result(json ? evaluation_json(evaluation) : evaluation_line(evaluation));
}

// A signal first ends the evaluation, which removes unfinished files, and then the process.
void run_evaluation(const EvaluateFlags& flags) {
  StopSignals signals;
  const std::string line = clear_line();
  signals.listen({.first = line + "stopping; a second signal ends the process immediately\n",
                  .second = line + "ended immediately; an unfinished file remains as "
                                   ".NAME.partial-PROCESS\n"});
  try {
    print(evaluate_model(flags, signals), flags.json);
  } catch (const Stopped& stopped) {
    signals.release();
    std::raise(stopped.signal);  // so that a shell loop ends too
  }
}

}  // namespace

void add_evaluate(CLI::App& app) {
  CLI::App& subcommand = *app.add_subcommand("evaluate", "score a checkpoint on a dataset");
  auto flags = std::make_shared<EvaluateFlags>();
  bind_flags(subcommand, *flags);
  subcommand.callback([flags, &subcommand] {
    if (flags->score.empty()) return run_evaluation(*flags);
    print(score(score_request(*flags, subcommand)), flags->json);
  });
}

}  // namespace bertune
