// SPDX-License-Identifier: Apache-2.0
// model.safetensors.index.json with one valid shard: no file outside the folder is opened, and the
// tensors read have exactly the sizes that config.json requires.
#include "formats/weights.h"

#include "formats/safetensors/file.h"
#include "fuzz/fuzz.h"
#include "model/heads/heads.h"

namespace bertune {
namespace {

// A model with few parameters, all of them in the shard "a.safetensors".
ParameterList put_model() {
  const BertConfig config{.vocab_size = 3,
                          .hidden_size = 2,
                          .num_hidden_layers = 1,
                          .num_attention_heads = 1,
                          .intermediate_size = 2,
                          .max_position_embeddings = 2,
                          .type_vocab_size = 1};
  ParameterList list = list_parameters(config, HeadKind::kQuestionAnswering);
  const std::vector<float> values(static_cast<size_t>(list.size), 1.0f);
  std::vector<TensorToWrite> tensors;
  for (const Parameter& parameter : list.parameters) {
    tensors.push_back({parameter.name, parameter.shape,
                       std::span(values).first(static_cast<size_t>(parameter.size()))});
  }
  write_safetensors(scratch_folder() / "a.safetensors", tensors);
  return list;
}

}  // namespace

void fuzz(std::string_view input) {
  static const ParameterList list = put_model();
  put_input("model.safetensors.index.json", input);
  const ModelFiles files =
      find_model_files(scratch_folder(), {.config = false, .vocabulary = false});
  for (const std::filesystem::path& path : files.weights)
    CHECK(path.parent_path() == scratch_folder());
  CHECK(read_weights(files, list).values.size() == static_cast<size_t>(list.size));
}

}  // namespace bertune
