// SPDX-License-Identifier: Apache-2.0
// Implements the public functions for models by name, checkpoints of a run and tokenizers.
#include <fmt/format.h>

#include <optional>

#include "bertune/bertune.h"
#include "formats/checkpoint/run_folder.h"
#include "hub/list.h"
#include "hub/resolve.h"
#include "hub/settings.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

fs::path last_of(const std::string& output_dir) {
  if (const std::optional<fs::path> last = last_checkpoint(output_dir)) return *last;
  throw Error(
      ErrorKind::kSystem, fmt::format("there is no complete checkpoint in '{}'", output_dir),
      "set " + option("output_dir") + " to a folder that training wrote, or name a model folder");
}

fs::path best_of(const std::string& output_dir) {
  if (const std::optional<fs::path> best = best_checkpoint(output_dir)) return *best;
  throw Error(ErrorKind::kSystem,
              fmt::format("'{}' has no best checkpoint, because no evaluation ran during training",
                          output_dir),
              fmt::format("train with {} or {}, or use the last checkpoint", option("eval_steps"),
                          option("eval_epochs")));
}

}  // namespace

ModelList models() {
  const HubSettings settings = hub_settings();
  return {.cache = settings.cache,
          .aliases = settings.aliases,
          .hub = settings.endpoint,
          .offline = settings.offline,
          .models = list_models(settings)};
}

fs::path pull(const std::string& model, const FetchSink& fetching) {
  return resolve_model(model, fetching);
}

fs::path find_checkpoint(const std::string& output_dir, const std::string& which) {
  if (which == "last") return last_of(output_dir);
  if (which == "best") return best_of(output_dir);
  throw Error(ErrorKind::kUsage, fmt::format("there is no checkpoint called '{}'", which),
              "name the last or the best one");
}

Tokenizer load_tokenizer(const std::string& model, std::optional<bool> do_lower_case,
                         const FetchSink& fetching) {
  return Tokenizer::load(resolve_model(model, fetching), do_lower_case);
}

}  // namespace bertune
