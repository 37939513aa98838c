// SPDX-License-Identifier: Apache-2.0
#include "model/heads/head.h"

#include "bertune/error.h"

namespace bertune {

void refuse_config(const std::string& what, const std::string& hint) {
  throw Error(ErrorKind::kInput, "config.json " + what, hint);
}

void output_forward(const EncoderPass& pass, const Tensor& x, const Tensor& logits) {
  pass.engine.mark("head", -1);
  pass.engine.linear({.x = x,
                      .weight = pass.weights.head.plain,
                      .packed = pass.weights.head.forward,
                      .bias = pass.params.head.bias,
                      .out = logits});
}

void output_backward(const EncoderPass& pass, const Tensor& x, const Tensor& d_logits,
                     const BertParams& d_params, const Tensor& d_x) {
  pass.engine.mark("head", -1);
  pass.engine.linear_backward({.x = x,
                               .weight = pass.weights.head.plain,
                               .packed = pass.weights.head.backward,
                               .d_out = d_logits,
                               .d_x = d_x,
                               .d_weight = d_params.head.weight,
                               .d_bias = d_params.head.bias});
}

}  // namespace bertune
