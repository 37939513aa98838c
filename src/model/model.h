// A BERT with its head in an engine's memory: parameters, the copies that products read and, for
// training, gradients, each one flat buffer with views by name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "engine/arena.h"
#include "engine/engine.h"
#include "model/config.h"
#include "model/encoder.h"
#include "model/params.h"

namespace bertune {

class Model {
 public:
  // Plans its memory in `arena`; load() may be called once that is committed.
  Model(Engine& engine, Arena& arena, BertConfig config, HeadKind head, Purpose purpose);
  Model(const Model&) = delete;  // the arena points into it until it is committed
  Model& operator=(const Model&) = delete;

  // From and to host memory laid out by list(); load() also refreshes the weight copies.
  void load(std::span<const float> values);
  std::vector<float> save() const;
  std::vector<float> save_gradients() const;

  Engine& engine() const { return engine_; }
  const BertConfig& config() const { return config_; }
  const ParameterList& list() const { return list_; }
  const BertParams& params() const { return params_; }
  const BertParams& weights() const { return weights_; }
  const BertParams& gradients() const { return gradients_; }

  Tensor flat_params() const { return flat_params_; }        // [1, list().size]
  Tensor flat_gradients() const { return flat_gradients_; }  // [1, list().size]; empty in inference
  // The weight copy of a parameter [1, size]; empty where products read the parameter itself.
  Tensor weight_copy(const Parameter& parameter) const;

 private:
  void bind();
  std::vector<float> download(const Tensor& flat) const;

  Engine& engine_;
  BertConfig config_;
  HeadKind head_;
  ParameterList list_;
  bool copies_weights_;
  int64_t copies_begin_;  // offset of the first parameter that has a copy
  Tensor flat_params_, flat_weights_, flat_gradients_;
  BertParams params_, weights_, gradients_;
};

}  // namespace bertune
