// SPDX-License-Identifier: Apache-2.0
// Reads a model's weights, from any format, one parameter at a time or all into a flat buffer. All
// names and shapes are checked before memory for the values is allocated. Missing values are never
// invented here; the caller may initialise them with model/initialize.h.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "formats/model_files.h"
#include "formats/weight_source.h"
#include "model/params.h"

namespace bertune {

// Whether to load the head in the file. kLeave is for a head of other labels, or of another task
// whose tensors have the same names: its output layer is then reported as missing. BERT's pooler is
// taken in any case, because it is pretrained.
enum class StoredHead { kTake, kLeave };

// Reads the parameters of a list, under any of the names that they may have in the format. Other
// tensors (position ids, heads of other tasks) are ignored.
class WeightReader {
 public:
  // Checks all names and shapes. Throws Error{kSystem, kInput} for a damaged file, a missing
  // encoder tensor, a tensor of the wrong shape, or an incomplete part of the head.
  WeightReader(const ModelFiles& files, const ParameterList& list,
               StoredHead head = StoredHead::kTake);

  // Parameters of the head that the file does not have. Each part of a head (pooler, classifier,
  // ...) is either complete or missing.
  const std::vector<std::string>& missing_head() const { return missing_head_; }

  // Reads out.size() elements of a parameter, starting at `first`. A matrix must be read whole. A
  // missing parameter is all zeros. Safe to call from several threads. Throws Error{kSystem,
  // kInput}.
  void read(const Parameter& parameter, size_t first, std::span<float> out) const;

 private:
  std::unique_ptr<WeightSource> source_;
  std::string left_;  // the part of the head that is left in the file
  std::vector<std::string> missing_head_;
};

struct HostWeights {
  std::vector<float> values;              // [list.size]; 0 in the gaps and where a name is missing
  std::vector<std::string> missing_head;  // see WeightReader
};

// Reads all of `list` into memory. Throws what WeightReader throws.
HostWeights read_weights(const ModelFiles& files, const ParameterList& list,
                         StoredHead head = StoredHead::kTake);

// The head to train on masked words: kPreTraining if the weights have a pooler and a next-sentence
// classifier, which are then kept, else kMaskedLanguageModel.
HeadKind masked_words_head_of(const ModelFiles& files);

}  // namespace bertune
