// A training run of a tiny model that the crash tests interrupt, and the comparison of its endings.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "bertune/options.h"
#include "end_to_end/run_program.h"
#include "end_to_end/tiny_squad.h"
#include "model/run_folder.h"
#include "temporary_folder.h"

namespace bertune {

[[noreturn]] inline void give_up(const std::string& why, const std::string& printed = {}) {
  throw std::runtime_error(printed.empty() ? why : why + "\n--- it printed:\n" + printed);
}

// Eight windows in batches of three: three steps an epoch.
class TinyRun {
 public:
  TinyRun(int64_t epochs, int64_t save_steps, int64_t keep)
      : data_(put_file(folder_ / "train.jsonl", tiny_squad_lines()).string()),
        epochs_(epochs),
        save_steps_(save_steps),
        keep_(keep) {}

  std::filesystem::path output(const std::string& name) const { return folder_ / name; }
  int64_t steps() const { return 3 * epochs_; }

  // Goes on where the output folder stands; begins where there is nothing.
  std::vector<std::string> command(const std::string& name) const {
    const std::vector<std::string> recipe = {"--batch-size",    "3",
                                             "--learning-rate", "1e-2",
                                             "--epochs",        fmt::format("{}", epochs_),
                                             "--save-steps",    fmt::format("{}", save_steps_),
                                             "--keep",          fmt::format("{}", keep_),
                                             "--resume"};
    return tiny_training(data_, output(name)) + recipe;
  }

  // The same for the library, without --resume.
  TrainOptions options(const std::string& name) const {
    TrainOptions options;
    options.model = tiny_model().string();
    options.train_dataset = data_;
    options.output_dir = output(name).string();
    options.text.doc_stride = 4;
    options.text.max_seq_length = 26;
    options.compute.threads = 1;
    options.batch_size = 3;
    options.learning_rate = 1e-2;
    options.epochs = epochs_;
    options.save_steps = save_steps_;
    options.keep = keep_;
    return options;
  }

  void run_to_the_end(const std::string& name) const {
    const ProgramResult result = run_program(command(name));
    if (result.exit_code != 0) give_up(fmt::format("exit code {}", result.exit_code), result.err);
  }

  // Compares every file of the two last checkpoints but training_state.json, which has the name of
  // the output folder; and looks for what should not be left.
  void require_same_end(const std::string& name, const std::string& reference) const {
    const std::string last = checkpoint_name(steps());
    for (const std::string& file : names_in(output(reference) / last)) {
      if (file == "training_state.json") continue;
      if (get_file(output(name) / last / file) != get_file(output(reference) / last / file))
        give_up(fmt::format("{} of '{}' differs from the undisturbed run's", file, name));
    }
    for (const std::string& entry : names_in(output(name))) {
      if (entry.starts_with('.')) give_up(fmt::format("'{}' is left in '{}'", entry, name));
    }
  }

 private:
  TemporaryFolder folder_;
  std::string data_;
  int64_t epochs_, save_steps_, keep_;
};

}  // namespace bertune
