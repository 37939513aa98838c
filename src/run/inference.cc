// SPDX-License-Identifier: Apache-2.0
#include "run/inference.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <vector>

#include "base/log.h"
#include "bertune/error.h"
#include "data/batch.h"
#include "data/loader.h"
#include "model/model_folder.h"
#include "model/run_folder.h"
#include "model/weights.h"
#include "run/schedule.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

// The options that training left in the checkpoint; none in a folder of another origin.
nlohmann::json training_options(const fs::path& folder) {
  if (!fs::exists(folder / "training_state.json")) return nlohmann::json::object();
  return nlohmann::json::parse(read_training_state(folder).options);
}

WindowLimits window_limits(const nlohmann::json& options, const BertConfig& config) {
  const WindowLimits standard;
  return {.max_seq_length = options.value(
              "max_seq_length", std::min(standard.max_seq_length,
                                         static_cast<int32_t>(config.max_position_embeddings))),
          .doc_stride = options.value("doc_stride", standard.doc_stride)};
}

QaDecodeOptions decode_options(const AnswerOptions& options, bool version2) {
  return {.n_best = static_cast<int32_t>(options.n_best),
          .max_answer_tokens = static_cast<int32_t>(options.max_answer_length),
          .version2 = version2,
          .null_threshold = options.null_threshold};
}

LogitsSink sink_of(QaDecoder& decoder) {
  return [&](int32_t window, std::span<const float> start, std::span<const float> end) {
    decoder.add_window(window, start, end);
  };
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
  std::vector<float> logits, start, end;
  Engine& engine = model.model().engine();
  int64_t pass = 0;
  for (const auto part : split_by_budget(set, order, capacity.windows, capacity.rows)) {
    engine.mark(kStep, pass++);
    pack(set, part, batch);
    model.logits(batch, logits);
    engine.mark(kBetweenSteps, -1);
    for (int32_t w = 0; w < batch.size(); ++w) {
      start.clear();
      end.clear();
      for (int32_t row = batch.offsets[w]; row < batch.offsets[w + 1]; ++row) {
        start.push_back(logits[2 * row]);
        end.push_back(logits[2 * row + 1]);
      }
      sink(batch.windows[w], start, end);
    }
  }
}

fs::path resolve_checkpoint(const std::string& checkpoint, const std::string& output_dir) {
  if (checkpoint != "last") {
    if (fs::is_directory(checkpoint)) return checkpoint;
    throw Error(
        ErrorKind::kSystem, fmt::format("there is no checkpoint folder '{}'", checkpoint),
        "check the spelling; `--checkpoint last --output-dir DIR` takes the newest of a run");
  }
  if (const std::optional<fs::path> last = last_checkpoint(output_dir)) return *last;
  throw Error(ErrorKind::kSystem,
              fmt::format("there is no complete checkpoint in '{}'", output_dir),
              "name the folder that training wrote with --output-dir, or a model folder with "
              "--checkpoint");
}

Checkpoint open_checkpoint(const fs::path& folder) {
  require_model_folder(folder);
  BertConfig config = read_config(folder);
  Tokenizer tokenizer = Tokenizer::load(folder);
  require_vocabulary_size(config, tokenizer.vocabulary().size(), folder);
  const WindowLimits limits = window_limits(training_options(folder), config);
  return {folder, std::move(config), std::move(tokenizer), limits};
}

void infer(const Checkpoint& checkpoint, const ComputeOptions& compute, const WindowSet& set,
           const LogitsSink& sink) {
  const ParameterList list = list_parameters(checkpoint.config, HeadKind::kQuestionAnswering);
  const HostWeights weights = read_weights(checkpoint.folder, list);
  if (!weights.missing_head.empty()) {
    throw Error(ErrorKind::kInput,
                fmt::format("'{}' has no question-answering head ({} is missing)",
                            checkpoint.folder.string(), weights.missing_head.front()),
                "fine-tune it first: bertune train --model ... --train-dataset ...");
  }
  const ChosenEngine chosen = make_engine(compute);
  log_info("{}; {}", chosen.engine->description(), chosen.precision.reason);
  const Capacity capacity = inference_capacity(compute, set);
  TaskModel model(*chosen.engine, checkpoint.config, HeadKind::kQuestionAnswering,
                  Purpose::kInference, capacity);
  model.arena().commit();
  model.model().load(weights.values);
  infer(model, capacity, set, sink);
  write_trace(chosen, compute);
}

std::vector<QaPrediction> answer_questions(TaskModel& model, const Capacity& capacity,
                                           const SquadData& data, const WindowSet& windows,
                                           const AnswerOptions& options) {
  QaDecoder decoder(data, windows, decode_options(options, data.version2));
  infer(model, capacity, windows, sink_of(decoder));
  return decoder.finish();
}

std::vector<QaPrediction> answer_questions(const Checkpoint& checkpoint,
                                           const ComputeOptions& compute, const SquadData& data,
                                           const AnswerOptions& options) {
  const WindowSet windows =
      make_windows(checkpoint.tokenizer, data, checkpoint.limits, QaTargets::kNone);
  QaDecoder decoder(data, windows, decode_options(options, data.version2));
  infer(checkpoint, compute, windows, sink_of(decoder));
  return decoder.finish();
}

}  // namespace bertune
