// SPDX-License-Identifier: Apache-2.0
// The program: parses the command line, calls src/run, prints. Exit code 0, 2 for a usage error,
// 128 and its number for a signal that stopped training, 1 for every other error.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "bertune/bertune.h"
#include "cli/bench.h"
#include "cli/flags.h"
#include "cli/models.h"
#include "cli/predict.h"
#include "cli/print_result.h"
#include "cli/resume_command.h"
#include "cli/stop_signals.h"
#include "cli/tasks.h"
#include "cli/tokenize.h"
#include "predict/results_json.h"

namespace bertune {
namespace {

constexpr const char* kVersion = "bertune " BERTUNE_VERSION;

// Prints parts as they come, so that an input of any length is answered in the same memory.
void print_predictions(const PredictOptions& options, bool json) {
  std::string open = json ? "[" : "output result is: [";
  const auto print = [&](const Predictions& part, bool flat) {
    const std::string list = json ? predictions_json(part, flat) : predictions_text(part, flat);
    print_part(open + list.substr(1, list.size() - 2));
    open = ", ";
  };
  predict(options, print, console_fetching());
  print_result("]");
}

void print_error(const Error& error) {
  print_stderr("error: {}\n", error.message());
  if (!error.hint().empty()) print_stderr("hint: {}\n", error.hint());
}

// That a signal stopped training, where it stands, and the command that goes on.
void print_stopped(const TrainResult& result, int signal, const std::string& command) {
  const char* const name = signal == SIGINT ? "SIGINT" : signal == SIGTERM ? "SIGTERM" : "SIGHUP";
  print_stderr("stopped by {} after step {}; nothing is lost. To go on:\n  {}\n", name,
               result.steps, command);
}

// What begins a line over the bar that may stand there.
const char* over_the_bar() { return ::isatty(STDERR_FILENO) != 0 ? "\r\033[K" : ""; }

// What a signal is answered while training runs.
StopWords stop_words(const std::string& command) {
  const char* const line = over_the_bar();
  return {
      .first = fmt::format(
          "{}stopping: this step is finished and saved; a second signal ends it at once\n", line),
      .second = fmt::format(
          "{}ended at once: what was not saved is lost, what was saved is intact. To go "
          "on:\n  {}\n",
          line, command)};
}

// Nothing of the run is lost; but a script must learn that the disk is not as it should be.
void require_sound_disk(const TrainResult& result, const TrainOptions& options) {
  std::string fault;
  if (result.prune_failures > 0) {
    fault = fmt::format("old checkpoints could not be removed when they should ({} failures)",
                        result.prune_failures);
  } else if (result.log_incomplete) {
    fault = "log.jsonl or the files for TensorBoard could not be written to their end";
  } else {
    return;
  }
  throw Error(
      ErrorKind::kSystem,
      fmt::format("training is over and saved as '{}', but in '{}' {}; see the warnings",
                  result.checkpoint.string(), options.output_dir, fault),
      "look to the disk and the rights of the folder; the next run into it, for example the "
      "same with --resume, removes what is half removed");
}

// Trains until the end or until a signal to stop; then says how to go on. Returns the exit code.
int run_training(const TrainOptions& options, const std::vector<std::string>& command_line) {
  // What reads our messages may end before us (tee, at the same Ctrl-C), and the run is to be
  // saved.
  std::signal(SIGPIPE, SIG_IGN);
  StopSignals signals;
  TrainEvents events = console_events(options.log_steps);
  events.started = [&, print = events.started](const SettingsTable& table) {
    print(table);
    signals.listen(stop_words(resume_command(command_line)));
  };
  events.stop = [&] { return signals.received() != 0; };
  Trainer trainer(options);
  const TrainResult result = trainer.train({.events = events});
  signals.release();
  if (!result.stopped && !options.eval_dataset.empty()) trainer.evaluate();
  print_result(fmt::format("checkpoint: {}", result.checkpoint.string()));
  if (!result.stopped) {
    require_sound_disk(result, options);
    return 0;
  }
  print_stopped(result, signals.received(), resume_command(command_line));
  return 128 + signals.received();
}

void add_train(CLI::App& app, const std::vector<std::string>& command_line, int& exit_code) {
  CLI::App& subcommand = *app.add_subcommand("train", "fine-tune a model and write checkpoints");
  auto options = std::make_shared<TrainOptions>();
  bind_flags(subcommand, *options);
  subcommand.callback([=, &exit_code] { exit_code = run_training(*options, command_line); });
}

// A signal ends what is done.
struct Stopped {
  int signal;
};

// Shows progress with `sink`, unless a signal came.
template <typename Progress>
std::function<void(const Progress&)> stop_or(std::function<void(const Progress&)> sink,
                                             const StopSignals& signals) {
  return [&signals, sink = std::move(sink)](const Progress& progress) {
    if (signals.received() != 0) throw Stopped{signals.received()};
    if (sink) sink(progress);
  };
}

// A signal ends it, and the process, when what was begun of its files is removed.
void run_evaluation(const EvaluateOptions& options, bool json) {
  StopSignals signals;
  const std::string line = over_the_bar();
  signals.listen(
      {.first = line + "stopping; a second signal ends it at once\n",
       .second = line + "ended at once; a file that was begun is left as .NAME.partial-PROCESS\n"});
  try {
    const Evaluation evaluation = evaluate(options, stop_or(console_fetching(), signals),
                                           stop_or(console_evaluating(), signals));
    print_result(json ? evaluation_json(evaluation) : evaluation_line(evaluation));
  } catch (const Stopped& stopped) {
    signals.release();
    std::raise(stopped.signal);  // because a shell's loop ends with what a signal ended
  }
}

void add_evaluate(CLI::App& app) {
  CLI::App& subcommand = *app.add_subcommand("evaluate", "score a checkpoint on a data set");
  auto options = std::make_shared<EvaluateOptions>();
  auto json = std::make_shared<bool>(false);
  bind_flags(subcommand, *options);
  subcommand.add_flag("--json", *json, "print one JSON object and nothing else on standard output");
  subcommand.callback([options, json] { run_evaluation(*options, *json); });
}

void add_predict(CLI::App& app) {
  CLI::App& subcommand = *app.add_subcommand("predict", "answer inputs: questions, texts");
  auto options = std::make_shared<PredictOptions>();
  auto json = std::make_shared<bool>(false);
  bind_flags(subcommand, *options);
  subcommand.add_flag("--json", *json, "print one JSON list and nothing else on standard output");
  subcommand.callback([options, json] { print_predictions(*options, *json); });
}

void add_export(CLI::App& app) {
  CLI::App& subcommand = *app.add_subcommand("export", "write a model for other programs");
  auto options = std::make_shared<ExportOptions>();
  bind_flags(subcommand, *options);
  subcommand.callback([options] {
    print_result(fmt::format("exported: {}", export_model(*options, console_fetching()).string()));
  });
}

int run(int argc, char** argv) {
  CLI::App app("bertune fine-tunes, evaluates and runs BERT on downstream tasks", "bertune");
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(0, 1);  // none at all is reported below, in our own words
  int exit_code = 0;
  add_train(app, std::vector<std::string>(argv, argv + argc), exit_code);
  add_evaluate(app);
  add_predict(app);
  add_export(app);
  add_tasks(app);
  add_tokenize(app);
  add_models(app);
  add_bench(app);
  try {
    app.parse(argc, argv);
    if (app.get_subcommands().empty()) {
      throw Error(ErrorKind::kUsage, "no subcommand is given",
                  "type bertune --help to see what there is");
    }
    return exit_code;
  } catch (const CLI::Success& success) {  // --help and --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    print_error(Error(
        ErrorKind::kUsage, error.what(),
        "bertune --help lists the subcommands, bertune SUBCOMMAND --help the options of one"));
    return 2;
  } catch (const Error& error) {
    print_error(error);
    return error.kind() == ErrorKind::kUsage ? 2 : 1;
  } catch (const std::bad_alloc&) {
    print_error(Error(ErrorKind::kSystem, "the machine has too little memory for this",
                      "lower --token-budget, --batch-size or --max-seq-length"));
    return 1;
  } catch (const std::exception& error) {
    print_error(
        Error(ErrorKind::kInternal, error.what(),
              "this is a fault of bertune; please report it with the command that led here"));
    return 1;
  }
}

// Files are mapped: one that gives way under the reader is a signal and no error of a call.
void end_without_file(int) {
  constexpr std::string_view kText =
      "error: a file became shorter while it was read, or its disk has a fault\n"
      "hint: do not write to files that are in use; look to the disk\n";
  [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, kText.data(), kText.size());
  ::_exit(1);
}

}  // namespace
}  // namespace bertune

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // because the write fails then, and is said to (ulimit -f)
  std::signal(SIGBUS, bertune::end_without_file);
  return bertune::run(argc, argv);
}
