// SPDX-License-Identifier: Apache-2.0
#include "train/resume.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "base/log.h"
#include "bertune/error.h"
#include "formats/checkpoint/snapshot.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kOfTakingUp[] = {"resume", "resume_from", "resume_anyway"};

// Other options that leave the weights as they are.
constexpr std::string_view kWithoutEffect[] = {
    // where, how often, with what a run is watched and kept
    "output_dir", "log_steps", "save_steps", "save_minutes", "keep", "profile", "trace",
    "memory_limit", "recompute",
    // how a fault of numbers is met, of which there is none yet
    "skip_bad_steps",
    // told better than by name: by fingerprints, by the precision chosen, by the device
    "model", "train_dataset", "max_train_examples", "precision", "threads", "word_column",
    "tag_column",
    // used when training is over
    "eval_dataset", "n_best", "max_answer_length", "null_threshold", "strict",
    // what is told of the steps
    "eval_steps", "eval_epochs", "metric_for_best", "early_stopping_patience"};

bool has_effect(const std::string& name) {
  return std::find(std::begin(kWithoutEffect), std::end(kWithoutEffect), name) ==
         std::end(kWithoutEffect);
}

struct OptionsToJson {
  nlohmann::ordered_json& object;

  template <typename T>
  void operator()(const char* name, const T& value, const char*) const {
    object[name] = value;
  }
  template <typename T>
  void operator()(const char* name, const std::optional<T>& value, const char*) const {
    if (value) object[name] = *value;
  }
};

// The options of a state. What an earlier version did not know yet had the value of its default.
json options_of(const TrainingState& state) {
  json options = json::parse(options_json({}));
  options.update(json::parse(state.options));
  return options;
}

std::string value_text(const json& options, const std::string& name) {
  const auto value = options.find(name);
  return value == options.end() ? "not given" : value->dump();
}

std::string option_text(const json& options, const char* name) { return value_text(options, name); }

ResumePoint open_resume_point(const fs::path& checkpoint) {
  if (!is_complete_checkpoint(checkpoint)) {
    throw Error(ErrorKind::kSystem,
                fmt::format("'{}' is not a checkpoint of a training run", checkpoint.string()),
                "name a folder OUTPUT/checkpoint-<step> that bertune train wrote; to begin a run "
                "from the weights of a model folder, give it with --model");
  }
  require_moments(checkpoint);
  return {checkpoint, read_training_state(checkpoint)};
}

void say_where_it_goes_on(const ResumePoint& point, const TrainingState& here) {
  if (point.state.step >= here.total_steps && !point.state.evaluation_due) {
    log_info("the run is finished: '{}' is step {} of {}", point.checkpoint.string(),
             point.state.step, here.total_steps);
  } else {
    log_info("going on from '{}', step {} of {}", point.checkpoint.string(), point.state.step,
             here.total_steps);
  }
}

}  // namespace

std::optional<ResumePoint> find_resume_point(const TrainOptions& options) {
  if (!options.resume_from.empty()) return open_resume_point(options.resume_from);
  if (!options.resume) return {};
  if (const std::optional<fs::path> last = last_checkpoint(options.output_dir))
    return open_resume_point(*last);
  log_info("'{}' has no checkpoint yet: training starts from the beginning", options.output_dir);
  return {};
}

std::string options_json(const TrainOptions& options) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  TrainOptions::visit(options, OptionsToJson{object});
  for (const char* name : kOfTakingUp) object.erase(name);
  // Because a path may be of any bytes, and JSON is UTF-8.
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::vector<std::string> list_differences(const TrainingState& there, const TrainingState& here) {
  const json before = options_of(there), now = options_of(here);
  std::vector<std::string> differences;
  const auto add = [&](const std::string& name, const std::string& a, const std::string& b) {
    if (a != b) differences.push_back(fmt::format("{}: {} there, {} here", name, a, b));
  };
  std::set<std::string> names;
  for (const json& options : {before, now}) {
    for (const auto& [name, value] : options.items()) names.insert(name);
  }
  for (const std::string& name : names) {
    if (has_effect(name)) add(name, value_text(before, name), value_text(now, name));
  }
  add("precision", there.precision, here.precision);
  const auto named = [](const json& options, const char* option, const std::string& fingerprint) {
    return fmt::format("{} (fingerprint {})", option_text(options, option), fingerprint);
  };
  if (there.model != here.model)
    add("model", named(before, "model", there.model), named(now, "model", here.model));
  if (there.data != here.data) {
    const auto data = [&](const json& options, const TrainingState& state) {
      return fmt::format("{} windows of {}", state.windows,
                         named(options, "train_dataset", state.data));
    };
    add("data", data(before, there), data(now, here));
  }
  return differences;
}

void require_same_run(const ResumePoint& point, const TrainingState& here, bool anyway) {
  const std::vector<std::string> differences = list_differences(point.state, here);
  const std::string lines = fmt::format("{}", fmt::join(differences, "\n  "));
  if (!differences.empty() && !anyway) {
    throw Error(ErrorKind::kUsage,
                fmt::format("'{}' belongs to a run of other options or data:\n  {}",
                            point.checkpoint.string(), lines),
                "give the options of that run to go on exactly; --resume-anyway goes on with those "
                "given here; without --resume a new run begins");
  }
  if (!differences.empty())
    log_warning("going on, as --resume-anyway asks, though the run differs:\n  {}", lines);
  if (point.state.device != here.device) {
    log_warning(
        "the checkpoint was computed by: {}; this run is by: {}. They agree within rounding, not "
        "bit for bit",
        point.state.device, here.device);
  }
  say_where_it_goes_on(point, here);
}

void set_aside_other_checkpoints(const TrainOptions& options,
                                 const std::optional<ResumePoint>& point) {
  std::error_code ignored;
  const fs::path folder = point ? point->checkpoint / ".." : fs::path();
  if (point && fs::equivalent(folder, options.output_dir, ignored)) {
    set_aside_later_checkpoints(options.output_dir, point->state.step);
  } else {
    set_aside_previous_run(options.output_dir);
  }
}

}  // namespace bertune
