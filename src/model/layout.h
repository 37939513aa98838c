// SPDX-License-Identifier: Apache-2.0
// Parameters and their places in one flat buffer. Encoder and heads list theirs to a Layout, which
// makes the list that allocation, files and AdamW derive from and, given memory, the views that
// encoder and heads compute with.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/tensor.h"
#include "model/family.h"
#include "model/heads/head_kind.h"

namespace bertune {

// What a parameter is for. Products read weights; tables are looked up.
enum class Role { kWordTable, kTable, kWeight, kBias, kNormScale };

// One tensor of a model file and its place in the flat buffer of all parameters. Query, key and
// value stand behind each other there, so that one product computes them.
struct Parameter {
  std::string name;            // transformers' (model/family.h)
  std::vector<int64_t> shape;  // [rows, cols] or [n]
  Role role = Role::kWeight;
  int64_t offset = 0;   // elements from the start of the flat buffer
  bool trained = true;  // else it is kept as it is
  // The part of the head that it belongs to, which a file has as a whole or not at all; empty: it
  // is the encoder's.
  std::string part;
  std::vector<std::string> other_names;  // that files may have for it

  int64_t size() const { return shape.size() == 2 ? shape[0] * shape[1] : shape[0]; }
  bool decay() const { return role != Role::kBias && role != Role::kNormScale; }
  bool in_head() const { return !part.empty(); }  // may be initialised where a file lacks it
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
  HeadKind head = HeadKind::kNone;
};

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

// Puts one parameter behind the other, into the list and into the view that it belongs to. Without
// memory, only the list is made.
class Layout {
 public:
  Layout(const Family& family, ParameterList& list, const Tensor& flat)
      : family_(family), list_(list), flat_(flat) {}

  void begin_part(std::string name) { part_ = std::move(name); }  // see Parameter::part
  void begin_untrained() { trained_ = false; }
  void finish();

  // Parameters of the same view in a row stand there without a gap: query, key and value.
  void add(std::string name, std::vector<int64_t> shape, Role role, Tensor& view);
  // One more name that files may have for the parameter that was added last.
  void also_called(std::string name);

  void add_linear(const std::string& name, int64_t out, int64_t in, LinearParams& view);
  void add_norm(const std::string& name, int64_t width, NormParams& view);
  // A weight that is a table of before, whose shape and place it shares.
  void tie(const std::string& name, const Tensor& table, Tensor& view);

 private:
  void add_matrix(const Parameter& parameter, bool continued);
  void extend(Tensor& view, const Parameter& parameter) const;

  const Family& family_;
  ParameterList& list_;
  const Tensor flat_;
  const Tensor* last_view_ = nullptr;
  std::string part_;
  bool trained_ = true;
};

}  // namespace bertune
