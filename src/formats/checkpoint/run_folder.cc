// SPDX-License-Identifier: Apache-2.0
#include "formats/checkpoint/run_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/io.h"
#include "base/json_file.h"
#include "base/log.h"
#include "bertune/error.h"
#include "formats/huggingface/folder.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int64_t kFormat = 2;
constexpr const char* kStateName = "training_state.json";
constexpr const char* kCheckpointPrefix = "checkpoint-";
constexpr const char* kPreviousPrefix = "previous-";
// The name that write_folder_atomic gives an unfinished folder: .NAME.partial-PROCESS.
constexpr const char* kPartialMark = ".partial-";
constexpr const char* kLockName = ".lock";
constexpr const char* kRecordNames[] = {"log.jsonl", "tensorboard"};

// The number after `prefix`, written without a sign or leading zeros; nothing for any other name.
std::optional<int64_t> number_after(const std::string& name, const std::string& prefix) {
  if (!name.starts_with(prefix)) return {};
  int64_t number = -1;
  const char* const end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data() + prefix.size(), end, number);
  if (error != std::errc() || rest != end || number < 0) return {};
  if (name != prefix + std::to_string(number)) return {};
  return number;
}

// The entries of a folder; empty if the folder does not exist.
std::vector<fs::path> list_folder(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error))
    entries.push_back(i->path());
  if (error && error != std::errc::no_such_file_or_directory) {
    throw Error(ErrorKind::kSystem,
                fmt::format("cannot list '{}': {}", folder.string(), error.message()));
  }
  return entries;
}

struct Numbered {
  int64_t number;
  fs::path path;
};

// The folders named `prefix` and a number, lowest number first.
std::vector<Numbered> list_numbered(const fs::path& folder, const std::string& prefix) {
  std::vector<Numbered> found;
  for (const fs::path& path : list_folder(folder)) {
    const std::optional<int64_t> number = number_after(path.filename().string(), prefix);
    std::error_code ignored;
    if (number && fs::is_directory(path, ignored)) found.push_back({*number, path});
  }
  std::sort(found.begin(), found.end(),
            [](const Numbered& a, const Numbered& b) { return a.number < b.number; });
  return found;
}

void rename_or_throw(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (!error) return;
  throw Error(ErrorKind::kSystem, fmt::format("cannot move '{}' to '{}': {}", from.string(),
                                              to.string(), error.message()));
}

// Removes a checkpoint by renaming it first, so that a reader never sees a half-removed one. The
// new name is that of an unfinished folder, so whatever a killed process or a failure leaves behind
// is removed with those later. Returns whether everything was removed.
bool discard(const fs::path& checkpoint) {
  const std::string name =
      fmt::format(".{}.old{}{}", checkpoint.filename().string(), kPartialMark, ::getpid());
  const fs::path aside = checkpoint.parent_path() / name;
  std::error_code error;
  fs::remove_all(aside, error);
  rename_or_throw(checkpoint, aside);
  fs::remove_all(aside, error);
  if (error) log_warning("cannot remove '{}': {}", aside.string(), error.message());
  return !error;
}

std::string state_json(const TrainingState& state) {
  const json options = json::parse(state.options);
  CHECK(options.is_object());
  const nlohmann::ordered_json root = {{"format", kFormat},
                                       {"step", state.step},
                                       {"epoch", state.epoch},
                                       {"seed", state.seed},
                                       {"total_steps", state.total_steps},
                                       {"loss_sum", state.loss_sum},
                                       {"loss_steps", state.loss_steps},
                                       {"skipped_steps", state.skipped_steps},
                                       {"best_step", state.best_step},
                                       {"best_value", state.best_value},
                                       {"evaluations_since_best", state.evaluations_since_best},
                                       {"evaluation_due", state.evaluation_due},
                                       {"precision", state.precision},
                                       {"device", state.device},
                                       {"model", state.model},
                                       {"data", state.data},
                                       {"windows", state.windows},
                                       {"options", nlohmann::ordered_json(options)}};
  return root.dump(2) + "\n";
}

// Only names that a run writes count, because other programs may be writing files of their own in
// the folder.
bool is_partial(const std::string& name) {
  const auto of_run = {kCheckpointPrefix, "log.jsonl.", "numerical_fault.json."};
  return name.find(kPartialMark) != name.npos &&
         std::any_of(of_run.begin(), of_run.end(),
                     [&](auto prefix) { return name.starts_with(std::string(".") + prefix); });
}

// The caller holds the folder's lock, so no writer of these is still running.
void remove_partial(const fs::path& output) {
  for (const fs::path& path : list_folder(output)) {
    if (!is_partial(path.filename().string())) continue;
    std::error_code error;
    fs::remove_all(path, error);
    if (error) log_warning("cannot remove '{}': {}", path.string(), error.message());
  }
}

fs::path move_to_previous(const fs::path& output, const std::vector<Numbered>& checkpoints) {
  const std::vector<Numbered> previous = list_numbered(output, kPreviousPrefix);
  const int64_t number = previous.empty() ? 1 : previous.back().number + 1;
  fs::path folder = output / (kPreviousPrefix + std::to_string(number));
  require_writable_folder(folder);
  for (const Numbered& checkpoint : checkpoints)
    rename_or_throw(checkpoint.path, folder / checkpoint.path.filename());
  return folder;
}

// The record of a run is moved together with its checkpoints.
void move_record(const fs::path& output, const fs::path& to) {
  std::error_code ignored;
  for (const char* name : kRecordNames) {
    if (fs::exists(output / name, ignored)) rename_or_throw(output / name, to / name);
  }
}

// The fields needed only for an exact resume, which format 1 does not have.
void read_resume_fields(const JsonFile& file, TrainingState& state) {
  state.total_steps = file.integer("total_steps", -1);
  state.loss_steps = file.integer("loss_steps", -1);
  state.skipped_steps = file.integer("skipped_steps", -1);
  state.windows = file.integer("windows", -1);
  for (const int64_t count :
       {state.total_steps, state.loss_steps, state.skipped_steps, state.windows}) {
    if (count < 0) {
      file.fail(
          "\"total_steps\", \"loss_steps\", \"skipped_steps\" and \"windows\" must be present and "
          ">= 0");
    }
  }
  state.loss_sum = file.number("loss_sum", 0.0);
  state.best_step = file.integer("best_step", 0);
  state.best_value = file.number("best_value", 0.0);
  state.evaluations_since_best = file.integer("evaluations_since_best", 0);
  state.evaluation_due = file.boolean("evaluation_due", false);
  state.precision = file.string("precision", "");
  state.device = file.string("device", "");
  state.model = file.string("model", "");
  state.data = file.string("data", "");
}

}  // namespace

TrainingState read_training_state(const fs::path& checkpoint) {
  const JsonFile file(checkpoint / kStateName);
  const int64_t format = file.integer("format", 0);
  if (format < 1 || format > kFormat) {
    file.fail(
        fmt::format("its format is {}, but this version reads 1 to {}", format, kFormat),
        format > kFormat ? "it was written by a newer version of bertune; use that version" : "");
  }
  TrainingState state;
  state.step = file.integer("step", -1);
  state.epoch = file.integer("epoch", -1);
  if (state.step < 0 || state.epoch < 0)
    file.fail("\"step\" and \"epoch\" must be present and >= 0");
  const auto seed = file.root().find("seed");
  if (seed == file.root().end() || !seed->is_number_unsigned())
    file.fail("\"seed\" must be present and an unsigned integer");
  state.seed = seed->get<uint64_t>();
  const auto options = file.root().find("options");
  if (options == file.root().end() || !options->is_object())
    file.fail("\"options\" must be present and an object");
  state.options = options->dump();
  if (format > 1) read_resume_fields(file, state);
  return state;
}

std::string checkpoint_name(int64_t step) { return kCheckpointPrefix + std::to_string(step); }

bool is_complete_checkpoint(const fs::path& checkpoint) {
  const char* const kFiles[] = {kConfigName, kWeightsName, kStateName};
  return std::all_of(std::begin(kFiles), std::end(kFiles),
                     [&](const char* name) { return is_file(checkpoint / name); });
}

std::vector<fs::path> list_checkpoints(const fs::path& output) {
  std::vector<fs::path> complete;
  for (const Numbered& checkpoint : list_numbered(output, kCheckpointPrefix)) {
    if (is_complete_checkpoint(checkpoint.path)) complete.push_back(checkpoint.path);
  }
  return complete;
}

std::optional<fs::path> last_checkpoint(const fs::path& output) {
  const std::vector<fs::path> complete = list_checkpoints(output);
  if (complete.empty()) return {};
  return complete.back();
}

fs::path write_checkpoint(const fs::path& output, const TrainingState& state,
                          const std::function<void(const fs::path&)>& fill) {
  CHECK(state.step >= 0 && state.epoch >= 0);
  require_writable_folder(output);
  fs::path path = output / checkpoint_name(state.step);
  write_folder_atomic(path, [&](const fs::path& folder) {
    fill(folder);
    write_file(folder / kStateName, state_json(state));
    std::error_code ignored;
    if (fs::exists(path, ignored)) discard(path);
  });
  return path;
}

int64_t prune_checkpoints(const fs::path& output, int64_t keep, int64_t best_step) {
  std::vector<fs::path> complete = list_checkpoints(output);
  std::erase(complete, output / checkpoint_name(best_step));
  const auto count = static_cast<int64_t>(complete.size()) - std::max<int64_t>(keep, 1);
  int64_t failures = 0;
  for (int64_t i = 0; i < count; ++i) {
    try {
      failures += discard(complete[static_cast<size_t>(i)]) ? 0 : 1;
    } catch (const Error& error) {
      log_warning("cannot remove an old checkpoint: {}", error.message());
      ++failures;
    }
  }
  return failures;
}

std::optional<fs::path> best_checkpoint(const fs::path& output) {
  const std::optional<fs::path> last = last_checkpoint(output);
  if (!last) return {};
  const fs::path best = output / checkpoint_name(read_training_state(*last).best_step);
  return is_complete_checkpoint(best) ? std::optional(best) : std::nullopt;
}

std::optional<fs::path> set_aside_previous_run(const fs::path& output) {
  const std::vector<Numbered> checkpoints = list_numbered(output, kCheckpointPrefix);
  if (checkpoints.empty()) return {};
  const fs::path folder = move_to_previous(output, checkpoints);
  move_record(output, folder);
  log_info("moved {} checkpoint(s) of an earlier run to '{}'", checkpoints.size(), folder.string());
  return folder;
}

std::optional<fs::path> set_aside_later_checkpoints(const fs::path& output, int64_t step) {
  std::vector<Numbered> later;
  for (const Numbered& checkpoint : list_numbered(output, kCheckpointPrefix)) {
    if (checkpoint.number > step) later.push_back(checkpoint);
  }
  if (later.empty()) return {};
  const fs::path folder = move_to_previous(output, later);
  log_info("moved {} checkpoint(s) of steps above {} to '{}'", later.size(), step, folder.string());
  return folder;
}

OpenRunFolder::OpenRunFolder(fs::path output) : output_(std::move(output)) {
  std::error_code ignored;
  made_ = !fs::exists(output_, ignored);
  require_writable_folder(output_);
  lock_.emplace(output_ / kLockName);
  if (!lock_->is_held()) {
    const std::string holder =
        lock_->holder() > 0 ? fmt::format("process {}", lock_->holder()) : "another process";
    throw Error(ErrorKind::kSystem,
                fmt::format("{} is already training into '{}'", holder, output_.string()),
                "wait for it, stop it, or choose another " + option("output_dir"));
  }
  remove_partial(output_);
}

OpenRunFolder::~OpenRunFolder() {
  lock_.reset();
  std::error_code ignored;
  if (made_) fs::remove(output_, ignored);  // fails unless it is empty
}

}  // namespace bertune
