// SPDX-License-Identifier: Apache-2.0
// The heads: what stands on the encoder for each kind of task, from hidden states to logits, and
// from logits to their loss and its gradient. Each kind has a file of its own; which one is asked
// is decided here, by one switch.
#pragma once

#include <functional>

#include "engine/arena.h"
#include "model/capacity.h"
#include "model/encoder.h"
#include "model/model.h"

namespace bertune {

// What a head keeps. Fields that a kind has no use for are empty.
struct HeadActivations {
  Tensor picked;             // [n, width] hidden states of first or of masked rows
  Tensor pre, dense;         // [n, width] pooler or transform
  NormActivations norm;      // of the transform
  Tensor normed;             // [n, width]
  Tensor logits;             // [n, outputs] parameter type
  Tensor loss;               // one for each target, parameter type; training only
  Tensor d_logits;           // [n, outputs] activation type; training only
  Tensor d_dense, d_picked;  // [n, width]; training only
};

// What a pass of a head reads: the encoder's pass and what came out of it.
struct HeadPass {
  const EncoderPass& encoder;
  Tensor hidden;  // [rows, width]
  const HeadActivations& activations;
};

using LogitsPart = std::function<void(const Tensor&)>;

// The parts of one kind of head.
struct Head {
  void (*plan)(const BertConfig&, DTypes, Purpose, const Capacity&, Arena&, HeadActivations&);

  // Calls the function with the logits, from the first row to the last in one or several parts,
  // each valid until the next.
  void (*logits)(const HeadPass&, const LogitsPart&);

  // Returns the losses; the gradient of scale * their sum accumulates in d_params for the head's
  // parameters and is assigned to d_hidden [rows, width] for the hidden states.
  Tensor (*loss_and_backward)(const HeadPass&, double scale, const BertParams& d_params,
                              const Tensor& d_hidden);
};

Head head_of(HeadKind kind);

// The linear map that every head ends with: x [n, width], logits [n, outputs].
void output_forward(const EncoderPass& pass, const Tensor& x, const Tensor& logits);
void output_backward(const EncoderPass& pass, const Tensor& x, const Tensor& d_logits,
                     const BertParams& d_params, const Tensor& d_x);

}  // namespace bertune
