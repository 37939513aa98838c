// SPDX-License-Identifier: Apache-2.0
// The BERT encoder: embeddings and layers, forward and backward, as calls of the device contract.
// It owns nothing; activations are planned in an Arena before the first step.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/arena.h"
#include "engine/engine.h"
#include "model/config.h"
#include "model/device_batch.h"
#include "model/layout.h"

namespace bertune {

// Whether training keeps all activations of a layer for its backward, or its input only, from which
// the backward computes the others again.
enum class Recompute { kOff, kOn };

struct NormActivations {
  Tensor sum;         // [rows, width] what was normalised
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
  Tensor out;  // [rows, width]; with recompute in EncoderActivations::outputs
};

struct EncoderActivations {
  NormActivations embedding_norm;
  Tensor embedded;                       // [rows, width]
  std::vector<LayerActivations> layers;  // one for each layer; one for all: inference, recompute
  std::vector<Tensor> outputs;           // recompute only: [rows, width] of each layer
};

// Gradients that flow between layers; the same memory for all of them.
struct EncoderGradients {
  Tensor branch, residual;  // [rows, width] the two gradients that meet at a LayerNorm's output
  Tensor context;           // [rows, width]
  Tensor qkv;               // [rows, 3 * width]
  Tensor inner;             // [rows, intermediate]
};

// What plan_activations plans for.
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

// What one pass reads: parameters, and the weights in the form that products read.
struct EncoderPass {
  Engine& engine;
  const BertConfig& config;
  const BertParams& params;
  const BertWeights& weights;
  const DeviceBatch& batch;
  EncoderActivations& activations;
  uint64_t dropout_key = 0;  // of (seed, step); 0: no dropout
};

// Of the classifier behind the last layer.
Dropout classifier_dropout(const EncoderPass& pass);

// Returns the hidden states [rows, width] of the last layer.
Tensor encoder_forward(const EncoderPass& pass);

// gradients.branch holds the gradient of the hidden states [rows, width] and is consumed. Gradients
// of parameters accumulate in d_params.
void encoder_backward(const EncoderPass& pass, const EncoderGradients& gradients,
                      const BertParams& d_params);

}  // namespace bertune
