// SPDX-License-Identifier: Apache-2.0
#include "model/heads/encoder_alone.h"

namespace bertune {
namespace {

constexpr const char* kOutputs[] = {"last_hidden_state"};

void list(const BertConfig&, Layout&, BertParams&) {}

}  // namespace

const Head& encoder_alone() {
  static constexpr Head kHead = {.class_suffix = "Model",
                                 .logits_of = LogitsOf::kTokens,
                                 .outputs = kOutputs,
                                 .list = list,
                                 .weights = {},
                                 .plan = nullptr,
                                 .logits = nullptr,
                                 .loss_and_backward = nullptr};
  return kHead;
}

}  // namespace bertune
