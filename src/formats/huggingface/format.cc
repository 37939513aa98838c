// SPDX-License-Identifier: Apache-2.0
#include "formats/huggingface/format.h"

#include <fmt/format.h>

#include "base/io.h"
#include "base/json_file.h"
#include "formats/huggingface/config.h"
#include "formats/huggingface/folder.h"
#include "formats/safetensors/weights.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr const char* kReadme = R"(A Hugging Face model folder. With transformers:

```python
from transformers import {class_name}, AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained(".")
model = {class_name}.from_pretrained(".")
outputs = model(**tokenizer("a text", "a second text", return_tensors="pt"))
```

With bertune, use this folder as a checkpoint or as a model.
)";

fs::path find_config(const ModelFiles& files) {
  const fs::path config = files.folder / kConfigName;
  return is_file(config) ? config : fs::path();
}

BertConfig read(const fs::path& config) { return parse_config(JsonFile(config)); }

std::unique_ptr<WeightSource> open(const std::vector<fs::path>& files) {
  return std::make_unique<SafetensorsWeights>(files);
}

std::string config_text(const ModelContents& contents) {
  return config_json(contents.config, contents.architecture);
}

void write(const fs::path& path, const ModelContents& contents) {
  write_safetensors_weights(path, contents.list, contents.values);
}

std::string readme(const ModelContents& contents) {
  return fmt::format(fmt::runtime(kReadme), fmt::arg("class_name", contents.architecture));
}

constexpr const char* kWeightFiles[] = {kWeightsName};
constexpr ModelReader kReader = {.find_weights = find_safetensors,
                                 .find_config = find_config,
                                 .read_config = read,
                                 .open_weights = open};
constexpr ModelWriter kWriter = {
    .weight_files = kWeightFiles, .config = config_text, .write_weights = write, .readme = readme};

}  // namespace

const ModelFormat& huggingface_format() {
  static constexpr ModelFormat kFormat = {"safetensors", &kReader, &kWriter};
  return kFormat;
}

}  // namespace bertune
