// SPDX-License-Identifier: Apache-2.0
#include "predict/loaded_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/json_file.h"
#include "base/log.h"
#include "base/memory.h"
#include "bertune/error.h"
#include "formats/checkpoint/run_folder.h"
#include "formats/huggingface/folder.h"
#include "formats/model_files.h"
#include "formats/weights.h"
#include "model/heads/heads.h"
#include "tasks/tasks.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

std::string fine_tune_first() {
  return "fine-tune it first: set it as the " + option("model") + " of training";
}

// The options that training stored in the checkpoint; empty for a folder from another program.
JsonFile training_options(const fs::path& folder) {
  const fs::path path = folder / "training_state.json";
  if (!fs::exists(path)) return {path, nlohmann::json::object()};
  return {path, nlohmann::json::parse(read_training_state(folder).options)};
}

// Defaults for a folder from another program: the default window length, capped by the model's
// positions, and an overlap of at most a third of it.
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
        "\"max_seq_length\" {} and \"doc_stride\" {} do not fit a model with {} positions", length,
        stride, config.max_position_embeddings));
  }
  return {.max_seq_length = static_cast<int32_t>(length),
          .doc_stride = static_cast<int32_t>(stride)};
}

MaskingOptions masking_of(const JsonFile& options) {
  MaskingOptions masking;
  masking.mask_probability = options.number("mask_probability", masking.mask_probability);
  masking.whole_word_mask = options.boolean("whole_word_mask", masking.whole_word_mask);
  if (!(masking.mask_probability > 0.0 && masking.mask_probability < 1.0)) {
    options.fail(fmt::format("\"mask_probability\" is {}, but must be above 0 and below 1",
                             masking.mask_probability));
  }
  return masking;
}

// The task of a transformers architecture; nullptr for a bare encoder or an unknown architecture.
std::unique_ptr<Task> task_of(const std::string& architecture) {
  for (const std::string& name : task_names()) {
    std::unique_ptr<Task> task = make_task(name);
    if (is_tuned_for(task->description(), architecture)) return task;
  }
  return nullptr;
}

[[noreturn]] void fail_without_task(const fs::path& folder, const std::string& architecture) {
  if (architecture.empty()) {
    throw Error(
        ErrorKind::kInput,
        fmt::format("config.json of '{}' has no \"architectures\", so the task of the model "
                    "is unknown",
                    folder.string()),
        "name the task, for example " + option("task", "text_classification") +
            "; if the model is a bare encoder, " + fine_tune_first());
  }
  throw Error(ErrorKind::kInput,
              fmt::format("'{}' has no task head: it is a {}", folder.string(), architecture),
              fine_tune_first());
}

std::unique_ptr<Task> choose_task(const fs::path& folder, const BertConfig& config,
                                  const std::string& wanted) {
  std::unique_ptr<Task> tuned = task_of(config.architecture);
  if (wanted.empty()) {
    if (tuned) return tuned;
    fail_without_task(folder, config.architecture);
  }
  std::unique_ptr<Task> task = make_task(wanted);
  if (!tuned || tuned->description().head == task->description().head) return task;
  throw Error(ErrorKind::kInput,
              fmt::format("'{}' is a {}, tuned for {} and not for {}", folder.string(),
                          config.architecture, tuned->description().name, wanted),
              "name another model, or omit the task");
}

WeightReader open_weights(const Checkpoint& checkpoint, const ParameterList& list) {
  WeightReader weights(checkpoint.files, list);
  if (weights.missing_head().empty()) return weights;
  throw Error(ErrorKind::kInput,
              fmt::format("'{}' has no head for {} ({} is missing)", checkpoint.files.path.string(),
                          checkpoint.task->description().name, weights.missing_head().front()),
              fine_tune_first());
}

// Of the arena only the weights, because the memory of passes is taken when they need it.
void require_memory(const Arena& arena, const std::string& device, const fs::path& model) {
  size_t weights = 0;
  for (const auto& [group, bytes] : arena.groups()) {
    if (group == kParameterMemory || group == kWeightMemory) weights += bytes;
  }
  const std::optional<int64_t> available = free_bytes(device);
  if (!available || static_cast<int64_t>(weights) <= *available) return;
  throw Error(ErrorKind::kSystem,
              fmt::format("the weights of '{}' need {}, but only {} are available", model.string(),
                          format_bytes(static_cast<double>(weights)),
                          format_bytes(static_cast<double>(*available))),
              "close other programs or use a smaller model; " + option("precision", "bf16") +
                  " needs half the memory of fp32");
}

// Rows for the token budget, and for the longest window that the model can read.
Capacity capacity_for(const ComputeOptions& compute, const BertConfig& config) {
  const int64_t rows = std::max(compute.token_budget, config.max_position_embeddings);
  return {.rows = rows, .windows = rows};
}

}  // namespace

Checkpoint open_checkpoint(const fs::path& folder, const std::string& task) {
  ModelFiles files = find_model_files(folder);
  BertConfig config = read_config(files);
  std::unique_ptr<Task> chosen = choose_task(folder, config, task);
  if (head_of(chosen->description().head).labelled && config.id2label.empty())
    set_default_labels(kDefaultLabels, config);  // as for a config that names the architecture
  Tokenizer tokenizer = Tokenizer::load(files.folder);
  require_vocabulary_size(config, tokenizer.vocabulary().size(), files.folder);
  const JsonFile trained = training_options(folder);
  const WindowLimits limits = window_limits(trained, config);
  return {std::move(files), std::move(config),   std::move(tokenizer),
          limits,           masking_of(trained), std::move(chosen)};
}

TaskContext LoadedModel::context() const {
  return {.tokenizer = checkpoint_.tokenizer,
          .limits = checkpoint_.limits,
          .masking = checkpoint_.masking,
          .reading = reading_of(checkpoint_.config, checkpoint_.task->description().head)};
}

LoadedModel::LoadedModel(Checkpoint checkpoint, const ComputeOptions& compute)
    : checkpoint_(std::move(checkpoint)),
      compute_(compute),
      chosen_(make_engine(compute)),
      capacity_(capacity_for(compute, checkpoint_.config)),
      model_(*chosen_.engine, checkpoint_.config,
             head_of_task(checkpoint_.task->description(), checkpoint_.files), Purpose::kInference,
             capacity_) {
  const WithThreads threads = with_threads();
  const WeightReader weights = open_weights(checkpoint_, model_.model().list());
  require_memory(model_.arena(), chosen_.device.name, path());
  log_info("{}; {}", chosen_.engine->description(), chosen_.precision.reason);
  on_compute_thread([&] {
    model_.arena().commit();
    model_.model().load([&](const Parameter& parameter, size_t first, std::span<float> out) {
      weights.read(parameter, first, out);
    });
  });
}

void LoadedModel::infer(const WindowSet& set, const LogitsSink& sink) {
  const WithThreads threads = with_threads();
  bertune::infer(model_, capacity_, set, sink);
}

}  // namespace bertune
