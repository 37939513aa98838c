// SPDX-License-Identifier: Apache-2.0
#include "predict/passes.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "base/json_file.h"
#include "base/log.h"
#include "batch/batch.h"
#include "batch/loader.h"
#include "bertune/error.h"
#include "formats/checkpoint/run_folder.h"
#include "formats/huggingface/folder.h"
#include "formats/weights.h"
#include "hub/resolve.h"
#include "train/schedule.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

// The options that training left in the checkpoint; none in a folder of another origin.
JsonFile training_options(const fs::path& folder) {
  const fs::path path = folder / "training_state.json";
  if (!fs::exists(path)) return {path, nlohmann::json::object()};
  return {path, nlohmann::json::parse(read_training_state(folder).options)};
}

// Of a folder that another program made: as long as the model can see, up to the standard, and a
// third of that shared, as the standard has it.
WindowLimits standard_limits(const BertConfig& config) {
  WindowLimits limits;
  const auto positions = static_cast<int32_t>(config.max_position_embeddings);
  limits.max_seq_length = std::min(limits.max_seq_length, positions);
  limits.doc_stride = std::min(limits.doc_stride, limits.max_seq_length / 3);
  return limits;
}

WindowLimits window_limits(const JsonFile& options, const BertConfig& config) {
  const WindowLimits standard = standard_limits(config);
  const int64_t length = options.integer("max_seq_length", standard.max_seq_length);
  const int64_t stride = options.integer("doc_stride", standard.doc_stride);
  if (length < 1 || length > config.max_position_embeddings || stride < 0 || stride >= length) {
    options.fail(fmt::format(
        "\"max_seq_length\" {} and \"doc_stride\" {} do not go with a model of {} positions",
        length, stride, config.max_position_embeddings));
  }
  return {.max_seq_length = static_cast<int32_t>(length),
          .doc_stride = static_cast<int32_t>(stride)};
}

// The task that an architecture of transformers is for; nullptr for a bare encoder and the like.
std::unique_ptr<Task> task_of(const std::string& architecture) {
  for (const std::string& name : task_names()) {
    std::unique_ptr<Task> task = make_task(name);
    if (is_tuned_for(task->description(), architecture)) return task;
  }
  return nullptr;
}

std::unique_ptr<Task> choose_task(const fs::path& folder, const BertConfig& config,
                                  const std::string& wanted) {
  std::unique_ptr<Task> tuned = task_of(config.architecture);
  if (wanted.empty()) {
    if (tuned) return tuned;
    throw Error(ErrorKind::kInput,
                fmt::format("'{}' has no head of a task: it is a {}", folder.string(),
                            config.architecture.empty() ? "bare encoder" : config.architecture),
                "fine-tune it first: bertune train --model ... --train-dataset ...");
  }
  std::unique_ptr<Task> task = make_task(wanted);
  if (!tuned || tuned->description().head == task->description().head) return task;
  throw Error(ErrorKind::kInput,
              fmt::format("'{}' is a {}, tuned for {} and not for {}", folder.string(),
                          config.architecture, tuned->description().name, wanted),
              "name another model, or leave the task out");
}

std::vector<float> load_weights(const Checkpoint& checkpoint, const ParameterList& list) {
  HostWeights weights = read_weights(checkpoint.files, list);
  if (weights.missing_head.empty()) return std::move(weights.values);
  throw Error(ErrorKind::kInput,
              fmt::format("'{}' has no head for {} ({} is missing)", checkpoint.files.path.string(),
                          checkpoint.task->description().name, weights.missing_head.front()),
              "fine-tune it first: bertune train --model ... --train-dataset ...");
}

// Rows for the token budget, and for a window of any length that the model can see.
Capacity capacity_for(const ComputeOptions& compute, const BertConfig& config) {
  const int64_t rows = std::max(compute.token_budget, config.max_position_embeddings);
  return {.rows = rows, .windows = rows};
}

}  // namespace

Capacity inference_capacity(const ComputeOptions& compute, const WindowSet& set) {
  std::vector<int32_t> all(set.windows.size());
  std::iota(all.begin(), all.end(), 0);
  const int64_t tokens = std::min(compute.token_budget, count_tokens(set, all));
  return at_least(longest_window(set), {tokens, tokens});
}

void infer(TaskModel& model, const Capacity& capacity, const WindowSet& set,
           const LogitsSink& sink) {
  std::vector<int32_t> order(set.windows.size());
  std::iota(order.begin(), order.end(), 0);
  Batch batch;
  std::vector<float> logits;
  Engine& engine = model.model().engine();
  int64_t pass = 0;
  for (const auto part : split_by_budget(set, order, capacity.windows, capacity.rows)) {
    engine.mark(kStep, pass++);
    pack(set, part, batch);
    model.logits(batch, logits);
    engine.mark(kBetweenSteps, -1);
    for (int32_t w = 0; w < batch.size(); ++w) {
      sink(batch.windows[w], logits_of_window(model.model().head(), batch, logits, w));
    }
  }
}

Infer with_progress(const Infer& infer, EvaluateSink sink) {
  if (!sink) return infer;
  return [&infer, sink = std::move(sink), progress = EvaluateProgress()](
             const WindowSet& set, const LogitsSink& decode) mutable {
    infer(set, [&](int32_t window, std::span<const float> logits) {
      decode(window, logits);
      ++progress.windows;
      sink(progress);
    });
  };
}

fs::path resolve_checkpoint(const std::string& checkpoint, const std::string& output_dir,
                            const FetchSink& fetching) {
  if (checkpoint == "best") {
    if (const std::optional<fs::path> best = best_checkpoint(output_dir)) return *best;
    throw Error(ErrorKind::kSystem,
                fmt::format("no checkpoint in '{}' was found the best", output_dir),
                "train with --eval-steps or --eval-epochs, or take the last: --checkpoint last");
  }
  if (checkpoint != "last") return resolve_model(checkpoint, fetching);
  if (const std::optional<fs::path> last = last_checkpoint(output_dir)) return *last;
  throw Error(ErrorKind::kSystem,
              fmt::format("there is no complete checkpoint in '{}'", output_dir),
              "name the folder that training wrote with --output-dir, or a model folder with "
              "--checkpoint");
}

Checkpoint open_checkpoint(const fs::path& folder, const std::string& task) {
  ModelFiles files = find_model_files(folder);
  BertConfig config = read_config(files);
  std::unique_ptr<Task> chosen = choose_task(folder, config, task);
  Tokenizer tokenizer = Tokenizer::load(files.folder);
  require_vocabulary_size(config, tokenizer.vocabulary().size(), files.folder);
  const WindowLimits limits = window_limits(training_options(folder), config);
  return {std::move(files), std::move(config), std::move(tokenizer), limits, std::move(chosen)};
}

LoadedModel::LoadedModel(Checkpoint checkpoint, const ComputeOptions& compute)
    : checkpoint_(std::move(checkpoint)),
      compute_(compute),
      chosen_(make_engine(compute)),
      capacity_(capacity_for(compute, checkpoint_.config)),
      model_(*chosen_.engine, checkpoint_.config,
             head_of_task(checkpoint_.task->description(), checkpoint_.files), Purpose::kInference,
             capacity_) {
  const std::vector<float> weights = load_weights(checkpoint_, model_.model().list());
  log_info("{}; {}", chosen_.engine->description(), chosen_.precision.reason);
  model_.arena().commit();
  model_.model().load(weights);
}

void LoadedModel::infer(const WindowSet& set, const LogitsSink& sink) {
  bertune::infer(model_, capacity_, set, sink);
}

Infer LoadedModel::passes() {
  return [this](const WindowSet& set, const LogitsSink& sink) { infer(set, sink); };
}

void LoadedModel::write_trace() const { bertune::write_trace(chosen_, compute_); }

Evaluation evaluate(const LoadedModel& model, const EvaluateOptions& options, const Infer& infer,
                    const EvaluateSink& evaluating) {
  return {model.task().description().metric_name,
          model.task().evaluate(model.context(options.answer), options,
                                with_progress(infer, evaluating))};
}

}  // namespace bertune
