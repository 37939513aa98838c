// SPDX-License-Identifier: Apache-2.0
// A training run of a tiny model for the crash tests to interrupt, and the comparison of its
// results.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "bertune/options.h"
#include "end_to_end/run_program.h"
#include "end_to_end/tiny_squad.h"
#include "formats/checkpoint/run_folder.h"
#include "temporary_folder.h"

namespace bertune {

[[noreturn]] inline void give_up(const std::string& why, const std::string& printed = {}) {
  throw std::runtime_error(printed.empty() ? why : why + "\n--- output:\n" + printed);
}

struct TinyRecipe {
  int64_t epochs, save_steps, keep;
  int64_t eval_steps = 0;  // evaluates on the training data
};

// Eight windows in batches of three, that is, three steps per epoch.
class TinyRun {
 public:
  explicit TinyRun(const TinyRecipe& recipe)
      : data_(put_file(folder_ / "train.jsonl", tiny_squad_lines()).string()), recipe_(recipe) {}

  std::filesystem::path output(const std::string& name) const { return folder_ / name; }
  int64_t steps() const { return 3 * recipe_.epochs; }

  // Resumes from the output folder, or starts if it is empty.
  std::vector<std::string> command(const std::string& name) const {
    const std::vector<std::string> recipe = {"--batch-size",    "3",
                                             "--learning-rate", "1e-2",
                                             "--epochs",        std::to_string(recipe_.epochs),
                                             "--save-steps",    std::to_string(recipe_.save_steps),
                                             "--keep",          std::to_string(recipe_.keep),
                                             "--resume"};
    const std::vector<std::string> evaluation = {"--eval-dataset", data_, "--eval-steps",
                                                 std::to_string(recipe_.eval_steps)};
    return tiny_training(data_, output(name)) + recipe +
           (recipe_.eval_steps > 0 ? evaluation : std::vector<std::string>{});
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
    options.optimizer.batch_size = 3;
    options.optimizer.learning_rate = 1e-2;
    options.optimizer.epochs = recipe_.epochs;
    options.checkpoints.save_steps = recipe_.save_steps;
    options.checkpoints.keep = recipe_.keep;
    return options;
  }

  void run_to_the_end(const std::string& name) const {
    const ProgramResult result = run_program(command(name));
    if (result.exit_code != 0) give_up(fmt::format("exit code {}", result.exit_code), result.err);
  }

  // Compares the names of the checkpoints and every file of the last one, of training_state.json
  // all but the name of the output folder. Also looks for leftover temporary files.
  void require_same_end(const std::string& name, const std::string& reference) const {
    const std::string last = checkpoint_name(steps());
    if (checkpoints(name) != checkpoints(reference))
      give_up(fmt::format("'{}' has other checkpoints than the undisturbed run", name));
    for (const std::string& file : names_in(output(reference) / last)) {
      if (content(output(name) / last / file) != content(output(reference) / last / file))
        give_up(fmt::format("{} of '{}' differs from that of the undisturbed run", file, name));
    }
    for (const std::string& entry : names_in(output(name))) {
      if (entry.starts_with('.')) give_up(fmt::format("'{}' is left in '{}'", entry, name));
    }
  }

 private:
  std::vector<std::string> checkpoints(const std::string& name) const {
    std::vector<std::string> found;
    for (const auto& checkpoint : list_checkpoints(output(name)))
      found.push_back(checkpoint.filename().string());
    return found;
  }

  static std::string content(const std::filesystem::path& file) {
    if (file.filename() != "training_state.json") return get_file(file);
    nlohmann::json state = nlohmann::json::parse(get_file(file));
    state["options"].erase("output_dir");
    return state.dump();
  }

  TemporaryFolder folder_;
  std::string data_;
  TinyRecipe recipe_;
};

}  // namespace bertune
