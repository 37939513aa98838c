// SPDX-License-Identifier: Apache-2.0
// The registry of heads, by kind and by transformers' class name. Each head is one line in
// heads.cc.
#pragma once

#include <optional>
#include <string>

#include "model/heads/head.h"

namespace bertune {

const Head& head_of(HeadKind kind);

// The transformers class of a BERT with this head, such as "BertForQuestionAnswering".
std::string architecture_of(HeadKind kind);
// The head of one of these classes, or nothing for any other class.
std::optional<HeadKind> head_of_architecture(const std::string& architecture);

}  // namespace bertune
