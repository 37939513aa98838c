// SPDX-License-Identifier: Apache-2.0
// The weights of a model, from whatever file, laid out as our flat buffer of parameters wants them.
// All names and shapes are checked before memory for the values is taken. What a file lacks is
// never made up here, except by the caller's wish in `initialize_parameters`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

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

// Reads all of `list` from a model folder or a MindSpore checkpoint. Names may lack the prefix
// "bert.", a LayerNorm may be called gamma and beta; other tensors (position ids, heads of other
// tasks) are left alone whatever they are. Throws Error{kSystem, kInput} for a damaged file, an
// encoder tensor that is missing, a tensor of another shape, a part of the head that is not whole.
HostWeights read_weights(const std::filesystem::path& model, const ParameterList& list,
                         StoredHead head = StoredHead::kTake);

// The head that masked words are trained with: kPreTraining where the weights of `model` have a
// pooler and a next-sentence classifier, which are then kept, else kMaskedLanguageModel.
HeadKind masked_words_head_of(const std::filesystem::path& model);

// Gives the named parameters of `values` [list.size] their first values, as transformers does:
// weights are normal(0, initializer_range), biases 0, a LayerNorm 1 and 0, the row of the padding
// token 0. A value depends on the seed, its parameter's name and its place there alone.
void initialize_parameters(const ParameterList& list, std::span<const std::string> names,
                           const BertConfig& config, uint64_t seed, std::span<float> values);

}  // namespace bertune
