// SPDX-License-Identifier: Apache-2.0
// The weights of a model, from whatever file, laid out as our flat buffer of parameters wants them.
// All names and shapes are checked before memory for the values is taken. What a file lacks is
// never made up here; new values are the caller's wish (model/initialize.h).
#pragma once

#include <string>
#include <vector>

#include "formats/model_files.h"
#include "model/params.h"

namespace bertune {

struct HostWeights {
  std::vector<float> values;  // [list.size]; 0 in the gaps and where a name is missing
  // Parameters of the head; each of its parts (pooler, classifier, ...) is whole or missing.
  std::vector<std::string> missing_head;
};

// What becomes of a head in the file. kLeave is for that of another task whose tensors have the
// same names: all of the list's head is then missing.
enum class StoredHead { kTake, kLeave };

// Reads all of `list`, under any of the names that its parameters may have in the format. Other
// tensors (position ids, heads of other tasks) are left alone whatever they are. Throws
// Error{kSystem, kInput} for a damaged file, an encoder tensor that is missing, a tensor of another
// shape, a part of the head that is not whole.
HostWeights read_weights(const ModelFiles& files, const ParameterList& list,
                         StoredHead head = StoredHead::kTake);

// The head that masked words are trained with: kPreTraining where the weights have a pooler and a
// next-sentence classifier, which are then kept, else kMaskedLanguageModel.
HeadKind masked_words_head_of(const ModelFiles& files);

}  // namespace bertune
