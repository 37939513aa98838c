// SPDX-License-Identifier: Apache-2.0
#include "formats/onnx/format.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bertune/error.h"
#include "formats/huggingface/config.h"
#include "formats/onnx/bert.h"
#include "model/family.h"
#include "model/heads/heads.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr const char* kReadme =
    R"(`model.onnx` is an ONNX model (opset 17). Its inputs are {inputs}, all int64 [batch_size, sequence_length]. Its outputs are {outputs}. With ONNX
Runtime:

```python
import onnxruntime, tokenizers
tokenizer = tokenizers.Tokenizer.from_file("tokenizer.json")
session = onnxruntime.InferenceSession("model.onnx")
text = tokenizer.encode("a text", "a second text")
inputs = {{"input_ids": [text.ids], "attention_mask": [text.attention_mask],
          "token_type_ids": [text.type_ids]}}
names = [value.name for value in session.get_inputs()]
outputs = session.run(None, {{name: inputs[name] for name in names}})
```
)";

OnnxContents onnx_contents(const ModelContents& contents) {
  return {.config = contents.config, .list = contents.list, .values = contents.values};
}

std::string config_text(const ModelContents& contents) {
  return config_json(contents.config, contents.architecture);
}

void write(const fs::path& path, const ModelContents& contents) {
  write_onnx(path, onnx_contents(contents));
}

std::string readme(const ModelContents& contents) {
  const auto outputs = head_of(contents.list.head).outputs;
  const bool types = family_of(contents.config).tensors.type_table != nullptr;
  return fmt::format(fmt::runtime(kReadme),
                     fmt::arg("inputs", types ? "input_ids, attention_mask and token_type_ids"
                                              : "input_ids and attention_mask"),
                     fmt::arg("outputs", fmt::format("{}", fmt::join(outputs, ", "))));
}

void require_one_file(const ModelContents& contents) {
  if (!onnx_needs_data_file(onnx_contents(contents))) return;
  throw Error(ErrorKind::kUsage, "the weights exceed 2 GB, the limit of a single ONNX file",
              "choose a folder as output, which will hold model.onnx and model.onnx.data");
}

constexpr const char* kWeightFiles[] = {"model.onnx", "model.onnx.data"};
constexpr ModelWriter kWriter = {.weight_files = kWeightFiles,
                                 .config = config_text,
                                 .write_weights = write,
                                 .readme = readme,
                                 .require_one_file = require_one_file};

}  // namespace

const ModelFormat& onnx_format() {
  static constexpr ModelFormat kFormat = {"onnx", nullptr, &kWriter};
  return kFormat;
}

}  // namespace bertune
