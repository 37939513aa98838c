// SPDX-License-Identifier: Apache-2.0
// Reads a model's weights, from any format, into the flat buffer of parameters. All names and
// shapes are checked before memory for the values is allocated. Missing values are never invented
// here; the caller may initialise them with model/initialize.h.
#pragma once

#include <string>
#include <vector>

#include "formats/model_files.h"
#include "model/params.h"

namespace bertune {

struct HostWeights {
  std::vector<float> values;  // [list.size]; 0 in the gaps and where a name is missing
  // Parameters of the head that the file does not have. Each part of a head (pooler, classifier,
  // ...) is either complete or missing.
  std::vector<std::string> missing_head;
};

// Whether to load the head in the file. kLeave is for a head of other labels, or of another task
// whose tensors have the same names: its output layer is then reported as missing. BERT's pooler is
// taken in any case, because it is pretrained.
enum class StoredHead { kTake, kLeave };

// Reads all of `list`, under any of the names its parameters may have in the format. Other tensors
// (position ids, heads of other tasks) are ignored. Throws Error{kSystem, kInput} for a damaged
// file, a missing encoder tensor, a tensor of the wrong shape, or an incomplete part of the head.
HostWeights read_weights(const ModelFiles& files, const ParameterList& list,
                         StoredHead head = StoredHead::kTake);

// The head to train on masked words: kPreTraining if the weights have a pooler and a next-sentence
// classifier, which are then kept, else kMaskedLanguageModel.
HeadKind masked_words_head_of(const ModelFiles& files);

}  // namespace bertune
