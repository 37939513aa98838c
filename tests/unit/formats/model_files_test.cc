// SPDX-License-Identifier: Apache-2.0
// Resolving the path of a model: every format is found with all of its files, and errors name what
// is missing or is not a model.
#include "formats/model_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "expect_error.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

class ModelFilesTest : public testing::Test {
 protected:
  fs::path put(const std::string& name, const std::string& text = "") {
    return put_file(folder / name, text);
  }
  ModelFiles find() { return find_model_files(folder.path()); }
  std::string format() { return find().format->name; }
  void refuses(ErrorKind kind, const fs::path& model, std::initializer_list<std::string> parts,
               NeededParts needed = {}) {
    expect_error(kind, parts, [&] { find_model_files(model, needed); });
    EXPECT_FALSE(error_of([&] { find_model_files(model, needed); })->hint().empty());
  }

  TemporaryFolder folder;
};

TEST_F(ModelFilesTest, AHuggingFaceFolder) {
  const Paths weights = {put("model.safetensors")}, vocabulary = {put("vocab.txt")};
  const fs::path config = put("config.json");
  const ModelFiles files = find();
  EXPECT_STREQ(files.format->name, "safetensors");
  EXPECT_EQ(files.path, folder.path());
  EXPECT_EQ(files.folder, folder.path());
  EXPECT_EQ(files.config, config);
  EXPECT_EQ(files.weights, weights);
  EXPECT_EQ(files.vocabulary, vocabulary);
}

TEST_F(ModelFilesTest, ShardsAreThoseOfTheIndex) {
  put("config.json");
  const Paths vocabulary = {put("vocab.txt"), put("tokenizer.json")};
  put("model.safetensors.index.json", R"({"weight_map": {"a": "1", "b": "2", "c": "1"}})");
  EXPECT_EQ(find().weights, (Paths{folder / "1", folder / "2"}));
  EXPECT_EQ(find().vocabulary, vocabulary);
  put("model.safetensors.index.json", R"({"weight_map": {"a": "../1"}})");
  expect_error(ErrorKind::kInput, {"index.json", "weight_map"}, [&] { find(); });
}

TEST_F(ModelFilesTest, AMindSporeCheckpoint) {
  const fs::path checkpoint = put("bert.ckpt"), config = put("bert.yaml");
  put("vocab.txt");
  for (const fs::path& path : {folder.path(), checkpoint}) {
    const ModelFiles files = find_model_files(path);
    EXPECT_STREQ(files.format->name, "mindspore");
    EXPECT_EQ(files.path, path);
    EXPECT_EQ(files.folder, folder.path());
    EXPECT_EQ(files.config, config);
    EXPECT_EQ(files.weights, Paths{checkpoint});
  }
}

TEST_F(ModelFilesTest, SafetensorsComeBeforeMindSpore) {
  const fs::path checkpoint = put("bert.ckpt");
  put("config.json");
  put("vocab.txt");
  EXPECT_EQ(format(), "mindspore");
  put("model.safetensors");
  EXPECT_EQ(format(), "safetensors");
  EXPECT_EQ(find_model_files(checkpoint).weights, Paths{checkpoint})
      << "but a file that is named counts";
}

TEST_F(ModelFilesTest, PyTorchFilesComeAfterSafetensors) {
  put("config.json");
  put("vocab.txt");
  put("pytorch_model.bin.index.json", R"({"weight_map": {"a": "1.bin", "b": "2.bin"}})");
  EXPECT_EQ(format(), "pytorch");
  EXPECT_EQ(find().weights, (Paths{folder / "1.bin", folder / "2.bin"}));
  EXPECT_EQ(find().config, folder / "config.json");
  const fs::path whole = put("pytorch_model.bin");
  EXPECT_EQ(find().weights, Paths{whole});
  put("model.safetensors");
  EXPECT_EQ(format(), "safetensors");
}

TEST_F(ModelFilesTest, OfSeveralCheckpointsOneMustBeNamed) {
  put("bert-1.ckpt");
  const fs::path second = put("bert-2.ckpt");
  put("config.json");
  put("vocab.txt");
  refuses(ErrorKind::kUsage, folder.path(), {"2 MindSpore checkpoints"});
  EXPECT_EQ(find_model_files(second).weights, Paths{second});
}

TEST_F(ModelFilesTest, OtherFilesAreNoModels) {
  put("config.json");
  const fs::path file = put("model.onnx");
  refuses(ErrorKind::kInput, file, {"model.onnx", "file"});
  refuses(ErrorKind::kInput, file, {"model.onnx", "file"}, {.weights = false});
  refuses(ErrorKind::kInput, put("model.safetensors"), {"model.safetensors", "file"});
}

TEST_F(ModelFilesTest, WhatIsMissingIsNamed) {
  refuses(ErrorKind::kSystem, folder / "nowhere", {"no folder", "nowhere"});
  refuses(ErrorKind::kSystem, folder / "nowhere", {"no folder", "nowhere"}, {.weights = false});
  refuses(ErrorKind::kSystem, folder.path(), {"no model.safetensors"});
  put("adapter_config.json");
  refuses(ErrorKind::kInput, folder.path(), {"adapter (LoRA)", folder.path().string()});
  put("model.safetensors");
  refuses(ErrorKind::kSystem, folder.path(), {"no config.json"});
  put("config.json");
  refuses(ErrorKind::kSystem, folder.path(), {"vocab.txt"});
  put("tokenizer.json");
  EXPECT_EQ(find().vocabulary, Paths{folder / "tokenizer.json"});
}

TEST_F(ModelFilesTest, AMindSporeCheckpointNeedsItsConfig) {
  const fs::path checkpoint = put("bert.ckpt");
  put("vocab.txt");
  refuses(ErrorKind::kSystem, checkpoint, {"no config", "bert.ckpt"});
  put("one.yaml");
  put("two.yaml");
  refuses(ErrorKind::kUsage, checkpoint, {"2 YAML"});
}

TEST_F(ModelFilesTest, WhatIsNotNeededMayBeMissing) {
  put("config.json");
  EXPECT_EQ(find_model_files(folder.path(), {.weights = false, .vocabulary = false}).config,
            folder / "config.json");
  put("vocab.txt");
  EXPECT_TRUE(find_model_files(folder.path(), {.weights = false}).weights.empty());
  fs::remove(folder / "config.json");
  put("model.safetensors");
  EXPECT_TRUE(find_model_files(folder.path(), {.config = false}).config.empty());
}

TEST_F(ModelFilesTest, AFileInThisFolderHasAFolder) {
  const fs::path before = fs::current_path();
  put("config.json");
  put("vocab.txt");
  put("bert.ckpt");
  fs::current_path(folder.path());
  const ModelFiles files = find_model_files("bert.ckpt");
  fs::current_path(before);
  EXPECT_EQ(files.folder, ".");
  EXPECT_EQ(files.config, "./config.json");
}

// As in transformers, where the weights decide.
TEST_F(ModelFilesTest, ADecoderThatDiffersFromTheWordTableIsNotTied) {
  const fs::path golden = fs::path(BERTUNE_TEST_DATA) / "golden";
  EXPECT_TRUE(read_config(find_model_files(golden / "tiny_masked")).tie_word_embeddings);
  for (const char* name : {"model.safetensors", "vocab.txt"})
    fs::copy(golden / "tiny_untied" / name, folder / name);
  auto config = nlohmann::json::parse(get_file(golden / "tiny_untied" / "config.json"));
  config["tie_word_embeddings"] = true;
  put_file(folder / "config.json", config.dump());
  EXPECT_FALSE(read_config(find_model_files(folder.path())).tie_word_embeddings);
  config["architectures"] = {"BertForQuestionAnswering"};
  put_file(folder / "config.json", config.dump());
  EXPECT_TRUE(read_config(find_model_files(folder.path())).tie_word_embeddings) << "no decoder";
}

TEST(ModelFormatsTest, EachHasANameAndAUse) {
  for (const ModelFormat* format : model_formats()) {
    EXPECT_TRUE(format->reader != nullptr || format->writer != nullptr) << format->name;
    if (format->writer == nullptr) continue;
    EXPECT_FALSE(format->writer->weight_files.empty()) << format->name;
  }
}

}  // namespace
}  // namespace bertune
