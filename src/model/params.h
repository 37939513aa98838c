// SPDX-License-Identifier: Apache-2.0
// Every parameter of a BERT with its head, listed once in `visit_parameters`. Allocation, files,
// AdamW and tests derive from that list; the views below are what encoder and heads compute with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/tensor.h"
#include "model/config.h"

namespace bertune {

// What stands on the encoder. Sequence classification with one label is regression. Pre-training is
// masked words with BERT's pooler and next-sentence classifier, which are kept and not trained.
enum class HeadKind {
  kNone,
  kQuestionAnswering,
  kSequenceClassification,
  kTokenClassification,
  kMaskedLanguageModel,
  kPreTraining,
};

// One tensor of a model file and its place in the flat buffer of all parameters. Query, key and
// value stand behind each other there, so that one product computes them.
struct Parameter {
  std::string name;            // Hugging Face's, with the prefix "bert." for the encoder
  std::vector<int64_t> shape;  // [rows, cols] or [n]
  int64_t offset = 0;          // elements from the start of the flat buffer
  bool decay = false;          // weight decay applies: neither a bias nor of a LayerNorm
  bool head = false;           // belongs to the task, and may be initialised where a file lacks it
  bool trained = true;         // else it is kept as it is

  int64_t size() const { return shape.size() == 2 ? shape[0] * shape[1] : shape[0]; }
};

// The weight of a linear map in the flat buffer: one parameter, or several behind each other.
struct WeightMatrix {
  int64_t offset;
  int64_t out, in;

  int64_t size() const { return out * in; }
};

struct ParameterList {
  std::vector<Parameter> parameters;
  // What products read: qkv, output, up, down of each layer; then the head's.
  std::vector<WeightMatrix> matrices;
  int64_t size = 0;  // elements of the flat buffer, with the gaps of alignment
};

// Throws Error{kInput} when `config` lacks what the head needs: labels, or tied word embeddings.
ParameterList list_parameters(const BertConfig& config, HeadKind head);

struct LinearParams {
  Tensor weight;  // [out, in]
  Tensor bias;    // [1, out]
};
struct NormParams {
  Tensor gamma, beta;  // [1, width]
};
struct LayerParams {
  LinearParams qkv;     // [3 * width, width]
  LinearParams output;  // [width, width]
  NormParams attention_norm;
  LinearParams up;    // [intermediate, width]
  LinearParams down;  // [width, intermediate]
  NormParams output_norm;
};
struct BertParams {
  Tensor word, position, type;  // [vocab | positions | types, width]
  NormParams embedding_norm;
  std::vector<LayerParams> layers;
  LinearParams pooler;        // [width, width] sequence classification
  LinearParams transform;     // [width, width] masked words
  NormParams transform_norm;  // masked words
  // [outputs, width]: qa_outputs, the classifier, or the decoder, whose weight is `word` itself.
  LinearParams head;
};

// A weight matrix as products read it: plain in the activation type, or packed by the engine for
// either product. What is not needed is empty.
struct LinearWeight {
  Tensor plain;              // [out, in]
  Tensor forward, backward;  // [1, n]
};
struct LayerWeights {
  LinearWeight qkv, output, up, down;
};
struct BertWeights {
  std::vector<LayerWeights> layers;
  LinearWeight pooler, transform, head;
};

// The views over a flat buffer of parameters or gradients, a [1, n] tensor.
BertParams view_parameters(const BertConfig& config, HeadKind head, Tensor flat);

}  // namespace bertune
