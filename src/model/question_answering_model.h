// A whole BERT for question answering on an engine: batch in, logits or gradients out. All memory
// is planned in its arena, to which an optimizer may add its own before commit().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "data/batch.h"
#include "engine/arena.h"
#include "model/device_batch.h"
#include "model/encoder.h"
#include "model/model.h"
#include "model/question_answering_head.h"

namespace bertune {

// The largest batch that one pass will see.
struct Capacity {
  int64_t rows = 0;
  int64_t windows = 0;
};

class QuestionAnsweringModel {
 public:
  QuestionAnsweringModel(Engine& engine, const BertConfig& config, Purpose purpose,
                         const Capacity& capacity);

  Arena& arena() { return arena_; }
  Model& model() { return model_; }

  // logits[2 * row] is the start logit, logits[2 * row + 1] the end logit of each token of the
  // batch.
  void logits(const Batch& batch, std::vector<float>& logits);

  // Adds the gradient of scale * (sum of all start and end losses of the batch) to the model's
  // gradients, and returns that sum unscaled. dropout_key 0: without dropout.
  double accumulate_gradients(const Batch& batch, double scale, uint64_t dropout_key);

 private:
  EncoderPass pass(const DeviceBatch& batch, uint64_t dropout_key);

  Engine& engine_;
  Arena arena_;
  Model model_;
  BatchUploader uploader_;
  EncoderActivations activations_;
  EncoderGradients gradients_;
  QuestionAnsweringActivations head_;
};

}  // namespace bertune
