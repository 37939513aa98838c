// SPDX-License-Identifier: Apache-2.0
#include "formats/export_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <system_error>

#include "base/check.h"
#include "base/io.h"
#include "bertune/error.h"
#include "formats/mindspore/config.h"
#include "formats/mindspore/weights.h"
#include "formats/onnx/bert.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr const char* kReadmeName = "README.md";
constexpr std::string_view kReadmeMark = "<!-- written by bertune export -->\n";

// Everything that an export may consist of.
constexpr std::string_view kNames[] = {kReadmeName,  "config.json",     "model.ckpt",
                                       "model.onnx", "model.onnx.data", "model.safetensors",
                                       "vocab.txt",  "tokenizer.json",  "tokenizer_config.json"};

constexpr const char* kSafetensorsReadme = R"({mark}# {architecture}

A Hugging Face model folder. With transformers:

```python
from transformers import {class_name}, AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained(".")
model = {class_name}.from_pretrained(".")
outputs = model(**tokenizer("a text", "a second text", return_tensors="pt"))
```

With bertune: give this folder as `--checkpoint` or `--model`.
)";

constexpr const char* kMindSporeReadme = R"({mark}# {architecture}

`model.ckpt` is a checkpoint of MindSpore; names and shapes are those of MindSpore's BERT:

```python
import mindspore
mindspore.load_param_into_net(net, mindspore.load_checkpoint("model.ckpt"))
```

MindSpore's BERT computes with a LayerNorm epsilon of 1e-5 and GELU by tanh; this model was made
with {epsilon:g} and GELU by {gelu}. With bertune, which computes as `config.json` says: give this folder as
`--checkpoint` or `--model`.
)";

constexpr const char* kOnnxReadme = R"({mark}# {architecture}

`model.onnx`: ONNX, opset 17; inputs input_ids, attention_mask and token_type_ids, all int64
[batch_size, sequence_length]; outputs {outputs}. With ONNX Runtime:

```python
import onnxruntime, tokenizers
tokenizer = tokenizers.Tokenizer.from_file("tokenizer.json")
session = onnxruntime.InferenceSession("model.onnx")
text = tokenizer.encode("a text", "a second text")
outputs = session.run(None, {{"input_ids": [text.ids], "attention_mask": [text.attention_mask],
                             "token_type_ids": [text.type_ids]}})
```
)";

const char* readme_of(ExportFormat format) {
  switch (format) {
    case ExportFormat::kSafetensors:
      return kSafetensorsReadme;
    case ExportFormat::kMindSpore:
      return kMindSporeReadme;
    case ExportFormat::kOnnx:
      return kOnnxReadme;
  }
  CHECK(false);
}

std::string readme(const ModelContents& contents, ExportFormat format) {
  const bool erf = contents.config.hidden_act == Activation::kGelu;
  std::string outputs;
  for (const std::string& name : onnx_outputs(contents.list))
    outputs += (outputs.empty() ? "" : ", ") + name;
  return fmt::format(fmt::runtime(readme_of(format)), fmt::arg("mark", kReadmeMark),
                     fmt::arg("architecture", contents.architecture),
                     fmt::arg("class_name", contents.architecture),
                     fmt::arg("epsilon", contents.config.layer_norm_eps),
                     fmt::arg("gelu", erf ? "erf" : "tanh"), fmt::arg("outputs", outputs));
}

OnnxContents onnx_contents(const ModelContents& contents) {
  return {.config = contents.config, .list = contents.list, .values = contents.values};
}

void write_text(const fs::path& path, std::string_view text) {
  OutputFile file(path);
  file.write(text);
  file.close();
}

std::string config_text(const ModelContents& contents, ExportFormat format) {
  return format == ExportFormat::kMindSpore
             ? mindspore_config_json(contents.config, contents.architecture)
             : config_json(contents.config, contents.architecture);
}

void write_weights(const fs::path& path, const ModelContents& contents, ExportFormat format) {
  switch (format) {
    case ExportFormat::kSafetensors:
      return write_safetensors_weights(path, contents.list, contents.values);
    case ExportFormat::kMindSpore:
      return write_mindspore_weights(path, contents.list, contents.values);
    case ExportFormat::kOnnx:
      return write_onnx(path, onnx_contents(contents));
  }
}

bool has_mark(const fs::path& readme) {
  std::error_code ignored;
  return fs::is_regular_file(readme, ignored) && read_file(readme).starts_with(kReadmeMark);
}

}  // namespace

const char* weights_name(ExportFormat format) {
  switch (format) {
    case ExportFormat::kSafetensors:
      return "model.safetensors";
    case ExportFormat::kMindSpore:
      return "model.ckpt";
    case ExportFormat::kOnnx:
      return "model.onnx";
  }
  CHECK(false);
}

void write_export_folder(const fs::path& folder, const ModelContents& contents,
                         ExportFormat format) {
  write_text(folder / "config.json", config_text(contents, format));
  write_tokenizer_files(folder, contents);
  write_text(folder / kReadmeName, readme(contents, format));
  write_weights(folder / weights_name(format), contents, format);
}

void write_export_file(const fs::path& file, const ModelContents& contents, ExportFormat format) {
  if (format == ExportFormat::kOnnx && onnx_needs_data_file(onnx_contents(contents))) {
    throw Error(ErrorKind::kUsage, "the weights are above 2 GB, which one ONNX file cannot hold",
                "name a folder as --output: it gets model.onnx and model.onnx.data");
  }
  write_weights(file, contents, format);
}

bool is_export_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::is_empty(folder, error)) return true;
  if (error || !has_mark(folder / kReadmeName)) return false;
  for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error)) {
    const std::string name = i->path().filename().string();
    if (std::find(std::begin(kNames), std::end(kNames), name) == std::end(kNames)) return false;
  }
  return !error;
}

}  // namespace bertune
