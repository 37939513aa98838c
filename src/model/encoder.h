// SPDX-License-Identifier: Apache-2.0
// The BERT encoder: embeddings and layers, forward and backward, as a sequence of engine ops. It
// owns no memory; activations are planned in an Arena before the first step.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/arena.h"
#include "engine/engine.h"
#include "model/config.h"
#include "model/device_batch.h"
#include "model/layout.h"

namespace bertune {

// Whether training keeps all activations of a layer for the backward pass, or only its input, from
// which the backward pass recomputes the others.
enum class Recompute { kOff, kOn };

struct NormActivations {
  Tensor sum;         // [rows, width] the input of the normalisation
  Tensor mean, rstd;  // [1, rows]
};

struct LayerActivations {
  Tensor qkv;          // [rows, 3 * width]
  Tensor log_sum_exp;  // [heads, rows]
  Tensor context;      // [rows, width]
  NormActivations attention_norm;
  Tensor attended;  // [rows, width]
  Tensor pre;       // [rows, intermediate] before the activation; training only
  Tensor inner;     // [rows, intermediate]
  NormActivations output_norm;
  Tensor out;  // [rows, width]; with recompute, one of EncoderActivations::outputs
};

struct EncoderActivations {
  NormActivations embedding_norm;
  Tensor embedded;                       // [rows, embedding width]
  Tensor projected;                      // [rows, width] if that differs
  std::vector<LayerActivations> layers;  // one per layer; a single one for inference, recompute
  std::vector<Tensor> outputs;           // recompute only: [rows, width] of each layer
};

// Gradients that flow between layers. All layers share this memory.
struct EncoderGradients {
  Tensor branch, residual;  // [rows, width] gradients that are added at a LayerNorm's output
  Tensor context;           // [rows, width]
  Tensor qkv;               // [rows, 3 * width]
  Tensor inner;             // [rows, intermediate]
  // [rows, embedding width] of branch and residual before their projection, if there is one.
  Tensor embedded_branch, embedded_residual;
};

// The arguments of plan_activations.
struct ActivationsPlan {
  DTypes dtypes;
  Purpose purpose;
  Recompute recompute;  // for training
  int64_t max_rows;
};

void plan_activations(const BertConfig& config, const ActivationsPlan& of, Arena& arena,
                      EncoderActivations& activations);
void plan_gradients(const BertConfig& config, DTypes dtypes, int64_t max_rows, Arena& arena,
                    EncoderGradients& gradients);

// The inputs of one pass: parameters, and the weights in the form that products read.
struct EncoderPass {
  Engine& engine;
  const BertConfig& config;
  const BertParams& params;
  const BertWeights& weights;
  const DeviceBatch& batch;
  EncoderActivations& activations;
  uint64_t dropout_key = 0;  // derived from (seed, step); 0: no dropout
};

// The places of dropout in a head.
enum class HeadSite : uint64_t { kBeforeOutput, kBeforeDense };
Dropout head_dropout(const EncoderPass& pass, double probability,
                     HeadSite site = HeadSite::kBeforeOutput);

// Returns the hidden states [rows, width] of the last layer.
Tensor encoder_forward(const EncoderPass& pass);

// gradients.branch holds the gradient of the hidden states [rows, width] and is overwritten.
// Gradients of parameters are accumulated into d_params.
void encoder_backward(const EncoderPass& pass, const EncoderGradients& gradients,
                      const BertParams& d_params);

}  // namespace bertune
