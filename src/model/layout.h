// SPDX-License-Identifier: Apache-2.0
// Parameters and their places in one flat buffer. The encoder and the heads add theirs to a Layout,
// which builds the ParameterList that allocation, files and AdamW are derived from. Given memory,
// it also sets the tensor views that the encoder and the heads compute with.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/tensor.h"
#include "model/family.h"

namespace bertune {

// The head on top of the encoder. The kinds are listed in model/heads/heads.h.
enum class HeadKind : int;

// How a parameter is used. Weights are operands of matrix products, and tables are looked up by
// row.
enum class Role { kWordTable, kTable, kWeight, kBias, kNormScale };

// Whether the flat buffer contains the weights of linear maps. With kApart (inference), they exist
// only in the form that products read.
enum class Matrices { kInPlace, kApart };

inline constexpr int64_t kNoPlace = -1;

// A tensor of a model file and its place in the flat buffer of all parameters. Query, key and value
// are adjacent there so that a single product computes them.
struct Parameter {
  std::string name;            // transformers' name (model/family.h)
  std::vector<int64_t> shape;  // [rows, cols] or [n]
  Role role = Role::kWeight;
  int64_t offset = 0;   // elements from the start of the flat buffer, or kNoPlace
  bool trained = true;  // false: kept unchanged
  // The part of the head the parameter belongs to; empty for the encoder. A file has each part
  // completely or not at all.
  std::string part;
  std::vector<std::string> other_names;  // other names it may have in files

  int64_t size() const { return shape.size() == 2 ? shape[0] * shape[1] : shape[0]; }
  bool is_placed() const { return offset != kNoPlace; }
  bool is_table() const { return role == Role::kWordTable || role == Role::kTable; }
  bool decay() const { return role != Role::kBias && role != Role::kNormScale; }
  bool in_head() const { return !part.empty(); }  // may be initialised if a file lacks it
};

// The weight of a linear map: one parameter, or several adjacent ones.
struct WeightMatrix {
  size_t first, count;  // of its parameters in ParameterList::parameters
  int64_t offset;       // of the first in the flat buffer, or kNoPlace
  int64_t out, in;

  int64_t size() const { return out * in; }
  bool is_placed() const { return offset != kNoPlace; }
};

struct ParameterList {
  std::vector<Parameter> parameters;
  // The operands of matrix products: the projection of embeddings, if there is one; qkv, output, up
  // and down of each layer; then the head's.
  std::vector<WeightMatrix> matrices;
  int64_t size = 0;  // elements of the flat buffer, including alignment padding
  HeadKind head{};
  std::string output_layer;  // the head's final linear map; empty: the word table, or no head
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
  Tensor word, position, type;  // [vocab | positions | types, embedding width]
  NormParams embedding_norm;
  LinearParams projection;  // [width, embedding width] if these differ
  std::vector<LayerParams> layers;
  LinearParams pooler;        // [width, width] sequence classification: before the output
  LinearParams transform;     // [width, width] masked words
  NormParams transform_norm;  // masked words
  // [outputs, width]: qa_outputs, the classifier, or the decoder, whose weight is `word` itself.
  LinearParams head;
};

// A weight matrix in the forms that products read: plain in the activation type, or packed by the
// engine for the forward or the backward product. Forms that are not needed are empty.
struct LinearWeight {
  Tensor plain;              // [out, in]
  Tensor forward, backward;  // [1, n]
};
struct LayerWeights {
  LinearWeight qkv, output, up, down;
};
struct BertWeights {
  LinearWeight projection;
  std::vector<LayerWeights> layers;
  LinearWeight pooler, transform, head;
};

// Appends parameters to the list and sets the views they belong to. Without memory, only the list
// is built.
class Layout {
 public:
  Layout(const Family& family, Matrices matrices, ParameterList& list, const Tensor& flat)
      : family_(family), matrices_(matrices), list_(list), flat_(flat) {}

  void begin_part(std::string name) { part_ = std::move(name); }  // see Parameter::part
  // The part that is the head's final linear map.
  void begin_output(const std::string& name) {
    begin_part(name);
    list_.output_layer = name;
  }
  void begin_untrained() { trained_ = false; }
  void finish();

  // Consecutive parameters of the same view are placed without a gap, as query, key and value are.
  // The view of a parameter without a place stays empty.
  void add(std::string name, std::vector<int64_t> shape, Role role, Tensor& view);
  // Adds a name that files may have for the parameter added last.
  void also_called(std::string name);

  void add_linear(const std::string& name, int64_t out, int64_t in, LinearParams& view);
  void add_norm(const std::string& name, int64_t width, NormParams& view);
  // Makes `view` share the shape and memory of `table`, a table added before.
  void tie(const std::string& name, const Tensor& table, Tensor& view);

 private:
  void add_matrix(const Parameter& parameter, bool continued);
  void extend(Tensor& view, const Parameter& parameter) const;

  const Family& family_;
  const Matrices matrices_;
  ParameterList& list_;
  const Tensor flat_;
  const Tensor* last_view_ = nullptr;
  std::string part_;
  bool trained_ = true;
};

}  // namespace bertune
