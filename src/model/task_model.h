// SPDX-License-Identifier: Apache-2.0
// A complete BERT with the head of a task on an engine: it takes a batch and returns logits, or
// accumulates gradients. All memory is planned in its arena, to which an optimizer may add its own
// before commit().
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "batch/batch.h"
#include "engine/arena.h"
#include "model/device_batch.h"
#include "model/encoder.h"
#include "model/heads/head.h"
#include "model/model.h"

namespace bertune {

class TaskModel {
 public:
  TaskModel(Engine& engine, const BertConfig& config, HeadKind head, Purpose purpose,
            const Capacity& capacity, Recompute recompute = Recompute::kOff);

  Arena& arena() { return arena_; }
  Model& model() { return model_; }

  // The logits of a batch, row by row:
  //   question answering       [rows, 2] start and end of each token
  //   sequence classification  [windows, labels]; for regression [windows, 1], the number itself
  //   token classification     [rows, labels]
  //   masked words             [masked rows, vocabulary], the rows that batch.masked_rows lists
  void logits(const Batch& batch, std::vector<float>& logits);

  // Adds the gradient of scale * (sum of all losses of the batch) to the model's gradients, and the
  // unscaled sum to the loss. dropout_key 0 disables dropout. Question answering has two losses per
  // window, sequence classification one per window or, if a text may have several labels, one per
  // window and label, and the other tasks one per target (count_targets). Does not wait for the
  // engine.
  void accumulate_gradients(const Batch& batch, double scale, uint64_t dropout_key);
  // The sum of all losses since the last call. Waits for the engine.
  double take_loss();

 private:
  EncoderPass pass(const DeviceBatch& batch, uint64_t dropout_key);
  Tensor as_floats(const Tensor& logits);

  Engine& engine_;
  Arena arena_;
  Model model_;
  const Head& head_;
  BatchUploader uploader_;
  EncoderActivations activations_;
  EncoderGradients gradients_;
  HeadActivations head_activations_;
  Tensor float_logits_;  // [n, outputs] kF32; empty if logits are float
  Tensor loss_;          // [1, 1] kF64; training only
};

// The part of a batch's logits that belongs to window `w` (from 0).
std::span<const float> logits_of_window(HeadKind head, const Batch& batch,
                                        std::span<const float> logits, int32_t w);

}  // namespace bertune
