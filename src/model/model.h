// SPDX-License-Identifier: Apache-2.0
// A BERT with its head in an engine's memory: the parameters and, for training, the gradients, each
// in one flat buffer with named views, and the weights in the form that products read. For
// inference the weights are there in that form only.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "engine/arena.h"
#include "engine/engine.h"
#include "model/config.h"
#include "model/encoder.h"
#include "model/params.h"

namespace bertune {

// The groups of an arena that hold a model's values.
inline constexpr const char* kParameterMemory = "parameters";
inline constexpr const char* kWeightMemory = "weights for products";

// Copies between host memory and a flat tensor of the parameter type, which may be double.
void upload_floats(Engine& engine, std::span<const float> values, const Tensor& flat);
void download_floats(Engine& engine, const Tensor& flat, std::span<float> values);

// Allocates in advance the working memory of the products in passes of up to `rows` tokens. Returns
// its size in bytes.
size_t reserve_products(Engine& engine, const BertConfig& config, int64_t rows);

// Fills `out` with the elements of a parameter, starting at `first`. Called by several threads at
// once.
using ReadParameter =
    std::function<void(const Parameter& parameter, size_t first, std::span<float> out)>;

class Model {
 public:
  // Plans its memory in `arena`. load() may be called once the arena is committed.
  Model(Engine& engine, Arena& arena, BertConfig config, HeadKind head, Purpose purpose);
  Model(const Model&) = delete;  // the arena points into it until it is committed
  Model& operator=(const Model&) = delete;

  // Reads all parameters, matrices whole and large tables in parts, so that only a few values are
  // in host memory at a time.
  void load(const ReadParameter& read);
  // Copies the values from or to host memory laid out by list().
  void load(std::span<const float> values);
  void save(std::span<float> values) const;  // training only
  std::vector<float> save_gradients() const;

  Engine& engine() const { return engine_; }
  const BertConfig& config() const { return config_; }
  HeadKind head() const { return head_; }
  const ParameterList& list() const { return list_; }
  const BertParams& params() const { return params_; }
  const BertWeights& weights() const { return weights_; }
  const BertParams& gradients() const { return gradients_; }

  Tensor flat_params() const { return flat_params_; }        // [1, list().size] in training
  Tensor flat_gradients() const { return flat_gradients_; }  // [1, list().size]; empty in inference
  // The plain copy of a weight that products read [1, size], which whoever changes the parameter
  // must update. Empty if there is none.
  Tensor weight_copy(const Parameter& parameter) const;
  // Packs the weights of placed parameters again after those have changed.
  void pack_weights();

 private:
  void plan_weight(const WeightMatrix& matrix, Purpose purpose, Arena& arena, LinearWeight& weight);
  void bind();
  void load_placed(const ReadParameter& read);
  void load_apart(const ReadParameter& read);
  bool reads_parameter(const WeightMatrix& matrix) const;
  Tensor parameter_matrix(const WeightMatrix& matrix) const;  // [out, in]
  size_t index_of(const Parameter& parameter) const;          // of list_

  Engine& engine_;
  BertConfig config_;
  HeadKind head_;
  Matrices matrices_;
  ParameterList list_;
  ParameterList placed_;  // the same parameters with their places in flat_params_
  Tensor flat_params_, flat_gradients_;
  BertParams params_, gradients_;
  BertWeights weights_;
  std::vector<LinearWeight*> by_matrix_;  // the parts of weights_ in the order of the matrices
};

}  // namespace bertune
