// SPDX-License-Identifier: Apache-2.0
#include "cli/train.h"

#include <fmt/format.h>

#include <csignal>
#include <memory>
#include <utility>

#include "bertune/bertune.h"
#include "cli/flags.h"
#include "cli/print_result.h"
#include "cli/resume_command.h"
#include "cli/stop_signals.h"
#include "console/terminal.h"

namespace bertune {
namespace {

// Prints which signal stopped training, at which step, and the command that resumes it.
void print_stopped(const TrainResult& result, int signal, const std::string& command) {
  const char* const name = signal == SIGINT ? "SIGINT" : signal == SIGTERM ? "SIGTERM" : "SIGHUP";
  print_message(fmt::format("stopped by {} after step {}; nothing is lost. To resume:\n  {}\n",
                            name, result.steps, command));
}

// The messages for signals during training.
StopWords stop_words(const std::string& command) {
  const char* const line = clear_line();
  return {.first = fmt::format("{}stopping after this step, which is saved; a second signal ends "
                               "the process immediately\n",
                               line),
          .second = fmt::format("{}ended immediately: progress since the last checkpoint is lost, "
                                "checkpoints are intact. To resume:\n  {}\n",
                                line, command)};
}

// The run itself is complete, but a script must notice that the disk has a problem.
void require_sound_disk(const TrainResult& result, const TrainOptions& options) {
  std::string fault;
  if (result.prune_failures > 0) {
    fault =
        fmt::format("old checkpoints could not be removed ({} failures)", result.prune_failures);
  } else if (result.log_incomplete) {
    fault = "log.jsonl or the TensorBoard files could not be written completely";
  } else {
    return;
  }
  throw Error(ErrorKind::kSystem,
              fmt::format("training is over and saved as '{}', but in '{}' {}; see the warnings",
                          result.checkpoint.string(), options.output_dir, fault),
              "check the disk and the folder's permissions; the next run into this folder, for "
              "example the same command with " +
                  option("resume", "true") + ", removes partly deleted checkpoints");
}

// Trains to the end, or until a signal stops it. Returns the exit code.
int run_training(const TrainOptions& options, const std::vector<std::string>& command_line) {
  // The reader of our messages may end before us (tee, at the same Ctrl-C), but the run must still
  // be saved.
  std::signal(SIGPIPE, SIG_IGN);
  StopSignals signals;
  TrainEvents events = console_events(options.report.log_steps);
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

}  // namespace

void add_train(CLI::App& app, const std::vector<std::string>& command_line, int& exit_code) {
  CLI::App& subcommand = *app.add_subcommand("train", "fine-tune a model and write checkpoints");
  auto options = std::make_shared<TrainOptions>();
  bind_flags(subcommand, *options);
  subcommand.callback([=, &exit_code] { exit_code = run_training(*options, command_line); });
}

}  // namespace bertune
