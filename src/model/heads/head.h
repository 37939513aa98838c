// SPDX-License-Identifier: Apache-2.0
// The interface of a head, the task-specific layers on top of the encoder: from hidden states to
// logits, and from logits to the loss and its gradient. Each head is a file that fills in the
// descriptor below, and heads.h lists them.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "engine/arena.h"
#include "model/capacity.h"
#include "model/encoder.h"

namespace bertune {

// The buffers of a head. Fields that a kind does not use are empty.
struct HeadActivations {
  Tensor picked;             // [n, width] hidden states of first or of masked rows
  Tensor pre, dense;         // [n, width] pooler or transform
  NormActivations norm;      // of the transform
  Tensor normed;             // [n, width]
  Tensor logits;             // [n, outputs] parameter type
  Tensor d_logits;           // [n, outputs] activation type; training only
  Tensor d_dense, d_picked;  // [n, width]; training only
};

// The inputs of a head's forward or backward pass: the encoder's pass and its output.
struct HeadPass {
  const EncoderPass& encoder;
  Tensor hidden;  // [rows, width]
  const HeadActivations& activations;
  Tensor loss;  // [1, 1] kF64; training only
};

using LogitsPart = std::function<void(const Tensor&)>;

// What a row of logits corresponds to.
enum class LogitsOf { kTokens, kWindows, kMaskedTokens };

// The descriptor of a head, which is all the rest of the program knows about it.
struct Head {
  // What follows the family's prefix in the name of the transformers class: "ForMaskedLM".
  const char* class_suffix;
  LogitsOf logits_of;
  bool labelled = false;  // a column of logits is a label of the config
  bool pooled = false;    // its input is the first token of a window, through another layer
  std::span<const char* const> outputs;  // names of its logits in transformers' exports

  // Adds the head's parameters. Throws Error{kInput} when the config lacks something the head
  // needs.
  void (*list)(const BertConfig&, Layout&, BertParams&);
  // Its weights that products read, in the order in which `list` adds them.
  std::span<LinearWeight BertWeights::*const> weights;

  // Plans the head's buffers. Null for the encoder alone, which has no logits, like the two
  // functions below.
  void (*plan)(const BertConfig&, DTypes, Purpose, const Capacity&, Arena&, HeadActivations&);

  // Calls the function with the logits in one or more parts, from the first row to the last. Each
  // part is valid only until the next call.
  void (*logits)(const HeadPass&, const LogitsPart&);

  // Adds the sum of the losses to the pass's loss. The gradient of scale * (that sum) is
  // accumulated into d_params for the head's parameters, and assigned to d_hidden [rows, width] for
  // the hidden states.
  void (*loss_and_backward)(const HeadPass&, double scale, const BertParams& d_params,
                            const Tensor& d_hidden);
};

// Throws Error{kInput} with the message "config.json " + `what`.
[[noreturn]] void refuse_config(const std::string& what, const std::string& hint);

// The final linear map of every head: x [n, width] to logits [n, outputs].
void output_forward(const EncoderPass& pass, const Tensor& x, const Tensor& logits);
void output_backward(const EncoderPass& pass, const Tensor& x, const Tensor& d_logits,
                     const BertParams& d_params, const Tensor& d_x);

}  // namespace bertune
