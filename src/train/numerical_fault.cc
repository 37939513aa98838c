// SPDX-License-Identifier: Apache-2.0
#include "train/numerical_fault.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/io.h"
#include "base/log.h"
#include "bertune/error.h"
#include "formats/checkpoint/snapshot.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// JSON cannot represent numbers that are not finite.
Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(fmt::format("{}", value));
}

Json name_or_null(const std::string& name) { return name.empty() ? Json() : Json(name); }

std::string fault_json(const NumericalFault& fault) {
  return Json{{"step", fault.step},
              {"loss", number(fault.loss)},
              {"gradient_norm", number(fault.gradient_norm)},
              {"first_gradient_not_finite", name_or_null(fault.gradient)},
              {"first_weight_not_finite", name_or_null(fault.weight)},
              {"examples", fault.examples}}
             .dump(2, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

std::string describe(const NumericalFault& fault) {
  constexpr size_t kShown = 4;
  const size_t shown = std::min(kShown, fault.examples.size());
  const std::vector<std::string> some(fault.examples.begin(), fault.examples.begin() + shown);
  std::string text = fmt::format("step {}: the loss is {} and the gradient norm is {}", fault.step,
                                 fault.loss, fault.gradient_norm);
  if (!fault.weight.empty())
    text += fmt::format("; the weights of {} are not finite", fault.weight);
  if (!fault.gradient.empty())
    text += fmt::format("; the first gradient that is not finite is that of {}", fault.gradient);
  return text + fmt::format("; examples {}{}", fmt::join(some, ", "),
                            shown < fault.examples.size() ? ", ..." : "");
}

// A failure to write the file must not hide the fault itself.
void write_fault(const fs::path& path, const NumericalFault& fault) {
  try {
    write_file_atomic(path, fault_json(fault));
  } catch (const Error& error) {
    log_warning("{}", error.message());
  }
}

}  // namespace

NumericalFault diagnose(const Model& model, int64_t step, const StepResult& result,
                        std::vector<std::string> examples) {
  std::vector<float> weights(static_cast<size_t>(model.list().size));
  model.save(weights);
  return {.step = step,
          .loss = result.loss,
          .gradient_norm = result.gradient_norm,
          .gradient = first_not_finite(model.list(), model.save_gradients()),
          .weight = first_not_finite(model.list(), weights),
          .examples = std::move(examples)};
}

void meet_fault(const NumericalFault& fault, const TrainOptions& options, int64_t skipped,
                Optimizer& optimizer) {
  if (options.optimizer.skip_bad_steps && fault.weight.empty()) {
    log_warning("{}. The step is skipped (skip_bad_steps); {} skipped so far", describe(fault),
                skipped + 1);
    return optimizer.skip();
  }
  const fs::path path = fs::path(options.output_dir) / "numerical_fault.json";
  write_fault(path, fault);
  const std::string skip =
      fmt::format("; {} {} continues from the last checkpoint and skips such steps",
                  option("resume", "true"), option("skip_bad_steps", "true"));
  throw Error(ErrorKind::kNumerical, describe(fault),
              fmt::format("see '{}' for details. Lower {} or set {}{}", path.string(),
                          option("learning_rate"), option("max_grad_norm"),
                          fault.weight.empty() ? skip : ""));
}

}  // namespace bertune
