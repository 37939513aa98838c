// SPDX-License-Identifier: Apache-2.0
// Every head, by kind and by the class of transformers that it belongs to. A head is one line in
// heads.cc.
#pragma once

#include <optional>
#include <string>

#include "model/heads/head.h"

namespace bertune {

const Head& head_of(HeadKind kind);

// transformers' class of a BERT with this head: "BertForQuestionAnswering", ...
std::string architecture_of(HeadKind kind);
// The head of one of these classes; nothing for another.
std::optional<HeadKind> head_of_architecture(const std::string& architecture);

}  // namespace bertune
