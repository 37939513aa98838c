// SPDX-License-Identifier: Apache-2.0
#include "formats/mindspore/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/io.h"
#include "bertune/error.h"
#include "formats/mindspore/config.h"
#include "formats/mindspore/weights.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExtension = ".ckpt";

constexpr const char* kReadme =
    R"(`model.ckpt` is a MindSpore checkpoint with the names and shapes of MindSpore's BERT:

```python
import mindspore
mindspore.load_param_into_net(net, mindspore.load_checkpoint("model.ckpt"))
```

MindSpore's BERT computes with a LayerNorm epsilon of 1e-5 and tanh GELU. This model was trained
with an epsilon of {epsilon:g} and {gelu} GELU.

With bertune, which computes with the values in `config.json`, use this folder as a
checkpoint or as a model.
)";

std::vector<fs::path> checkpoints_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error)) {
    if (i->path().extension() == kExtension && is_file(i->path())) files.push_back(i->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The checkpoint at this path, or the only one in the folder.
std::vector<fs::path> find_checkpoint(const fs::path& model) {
  if (is_file(model))
    return model.extension() == kExtension ? std::vector{model} : std::vector<fs::path>();
  std::vector<fs::path> files = checkpoints_in(model);
  if (files.size() <= 1) return files;
  throw Error(ErrorKind::kUsage,
              fmt::format("'{}' has {} MindSpore checkpoints", model.string(), files.size()),
              fmt::format("give the path of one of them, for example {}", files.back().string()));
}

fs::path find_config(const ModelFiles& files) {
  return find_mindspore_config(files.weights.front());
}

std::unique_ptr<WeightSource> open(const std::vector<fs::path>& files) {
  return std::make_unique<MindSporeWeights>(files.front());
}

std::string config_text(const ModelContents& contents) {
  return mindspore_config_json(contents.config, contents.architecture);
}

void write(const fs::path& path, const ModelContents& contents) {
  write_mindspore_weights(path, contents.list, contents.values);
}

std::string readme(const ModelContents& contents) {
  const bool erf = contents.config.hidden_act == Activation::kGelu;
  return fmt::format(fmt::runtime(kReadme), fmt::arg("epsilon", contents.config.layer_norm_eps),
                     fmt::arg("gelu", erf ? "erf" : "tanh"));
}

std::string caveat(const BertConfig& config) {
  if (is_mindspore_bert(config)) return {};
  return "MindSpore's BERT computes with a LayerNorm epsilon of 1e-5 and tanh GELU; this model was "
         "trained with other values, so its logits in MindSpore will differ slightly";
}

constexpr const char* kWeightFiles[] = {"model.ckpt"};
constexpr ModelReader kReader = {.find_weights = find_checkpoint,
                                 .find_config = find_config,
                                 .read_config = read_mindspore_config,
                                 .open_weights = open};
constexpr ModelWriter kWriter = {.weight_files = kWeightFiles,
                                 .config = config_text,
                                 .write_weights = write,
                                 .readme = readme,
                                 .require_model = require_mindspore_model,
                                 .caveat = caveat};

}  // namespace

const ModelFormat& mindspore_format() {
  static constexpr ModelFormat kFormat = {"mindspore", &kReader, &kWriter};
  return kFormat;
}

}  // namespace bertune
