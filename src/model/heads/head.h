// SPDX-License-Identifier: Apache-2.0
// What a head is: what stands on the encoder for a kind of task, from hidden states to logits, and
// from logits to their loss and its gradient. Each head is a file that fills in the descriptor
// below; heads.h lists them.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "engine/arena.h"
#include "model/capacity.h"
#include "model/encoder.h"
#include "model/heads/head_kind.h"

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

// What a row of logits belongs to.
enum class LogitsOf { kTokens, kWindows, kMaskedTokens };

// The descriptor of a head: all that the rest of the program knows of it.
struct Head {
  HeadKind kind;
  // transformers' classes of a BERT with this head; the first is the one that we write.
  std::span<const char* const> architectures;
  LogitsOf logits_of;
  bool labelled = false;  // a column of logits is a label of the config
  bool pooled = false;    // it stands on BERT's pooler, which sees the first token of a window
  const char* output_layer = nullptr;    // the linear map that ends it; null: the word table
  std::span<const char* const> outputs;  // names of its logits where transformers exports them

  // Lists its parameters. Throws Error{kInput} when the config lacks what it needs.
  void (*list)(const BertConfig&, Layout&, BertParams&);
  // The weights among them that products read, in the order of that list.
  std::span<LinearWeight BertWeights::*const> weights;

  // Null for the encoder alone, which has no logits, as the two below.
  void (*plan)(const BertConfig&, DTypes, Purpose, const Capacity&, Arena&, HeadActivations&);

  // Calls the function with the logits, from the first row to the last in one or several parts,
  // each valid until the next.
  void (*logits)(const HeadPass&, const LogitsPart&);

  // Returns the losses; the gradient of scale * their sum accumulates in d_params for the head's
  // parameters and is assigned to d_hidden [rows, width] for the hidden states.
  Tensor (*loss_and_backward)(const HeadPass&, double scale, const BertParams& d_params,
                              const Tensor& d_hidden);
};

// Throws Error{kInput}: "config.json " and then `what`.
[[noreturn]] void refuse_config(const std::string& what, const std::string& hint);

// The linear map that every head ends with: x [n, width], logits [n, outputs].
void output_forward(const EncoderPass& pass, const Tensor& x, const Tensor& logits);
void output_backward(const EncoderPass& pass, const Tensor& x, const Tensor& d_logits,
                     const BertParams& d_params, const Tensor& d_x);

}  // namespace bertune
