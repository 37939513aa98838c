// SPDX-License-Identifier: Apache-2.0
#include "train/resume.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/list_options.h"
#include "base/log.h"
#include "bertune/error.h"
#include "formats/checkpoint/snapshot.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct OptionsToJson {
  nlohmann::ordered_json& object;

  template <typename T>
  void operator()(const Option& option, const T& value) const {
    if (option.on_resume != OnResume::kNotKept) object[option.name] = value;
  }
  template <typename T>
  void operator()(const Option& option, const std::optional<T>& value) const {
    if (value && option.on_resume != OnResume::kNotKept) object[option.name] = *value;
  }
};

// The options that must be equal for two runs to be the same run. Options of a checkpoint that this
// version does not know are included, because their effect is unknown.
std::set<std::string> deciding_options(const json& before) {
  std::set<std::string> names;
  for (const auto& [name, value] : before.items()) names.insert(name);
  for (const ListedOption& listed : list_options(TrainOptions{})) {
    if (listed.option.on_resume == OnResume::kMustAgree) {
      names.emplace(listed.option.name);
    } else {
      names.erase(listed.option.name);
    }
  }
  return names;
}

// The options of a state. Options that an earlier version did not have take their defaults.
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
                "name a folder OUTPUT/checkpoint-<step> written by training; to start a run from "
                "the weights of a model folder, set it as " +
                    option("model"));
  }
  require_moments(checkpoint);
  return {checkpoint, read_training_state(checkpoint)};
}

void log_resume_point(const ResumePoint& point, const TrainingState& here) {
  if (point.state.step >= here.total_steps && !point.state.evaluation_due) {
    log_info("the run is finished: '{}' is step {} of {}", point.checkpoint.string(),
             point.state.step, here.total_steps);
  } else {
    log_info("resuming from '{}', step {} of {}", point.checkpoint.string(), point.state.step,
             here.total_steps);
  }
}

}  // namespace

std::optional<ResumePoint> find_resume_point(const TrainOptions& options) {
  if (!options.start.resume_from.empty()) return open_resume_point(options.start.resume_from);
  if (!options.start.resume) return {};
  if (const std::optional<fs::path> last = last_checkpoint(options.output_dir))
    return open_resume_point(*last);
  log_info("'{}' has no checkpoint yet: starting from the beginning", options.output_dir);
  return {};
}

std::string options_json(const TrainOptions& options) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  TrainOptions::visit(options, OptionsToJson{object});
  // Paths may contain any bytes, but JSON must be UTF-8.
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::vector<std::string> list_differences(const TrainingState& there, const TrainingState& here) {
  const json before = options_of(there), now = options_of(here);
  std::vector<std::string> differences;
  const auto add = [&](const std::string& name, const std::string& a, const std::string& b) {
    if (a != b) differences.push_back(fmt::format("{}: {} there, {} here", name, a, b));
  };
  for (const std::string& name : deciding_options(before)) {
    add(name, value_text(before, name), value_text(now, name));
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
    throw Error(
        ErrorKind::kUsage,
        fmt::format("'{}' belongs to a run with other options or data:\n  {}",
                    point.checkpoint.string(), lines),
        fmt::format("set the options of that run to resume it exactly; {} resumes with the options "
                    "given here; without {} a new run starts",
                    option("resume_anyway", "true"), option("resume")));
  }
  if (!differences.empty())
    log_warning("resuming (resume_anyway) although the run differs:\n  {}", lines);
  if (point.state.device != here.device) {
    log_warning(
        "the checkpoint was computed by: {}; this run is computed by: {}. Results agree within "
        "rounding, not bit for bit",
        point.state.device, here.device);
  }
  log_resume_point(point, here);
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
