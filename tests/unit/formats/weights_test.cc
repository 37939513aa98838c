// SPDX-License-Identifier: Apache-2.0
// Weights from model folders found in practice: sharded, without the prefix, with old names,
// without a head, damaged.
#include "formats/weights.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "expect_error.h"
#include "formats/huggingface/config.h"
#include "formats/safetensors/file.h"
#include "model/heads/heads.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

struct Values {
  std::vector<int64_t> shape;
  std::vector<float> values;
};
using Tensors = std::map<std::string, Values>;

void write_tensors(const fs::path& path, const Tensors& tensors) {
  std::vector<TensorToWrite> list;
  for (const auto& [name, tensor] : tensors) list.push_back({name, tensor.shape, tensor.values});
  write_safetensors(path, list);
}

// Requires only the weights.
ModelFiles weights_in(const fs::path& model) {
  return find_model_files(model, {.config = false, .vocabulary = false});
}

class WeightsTest : public testing::Test {
 protected:
  WeightsTest() {
    float next = 0;
    for (const Parameter& parameter : list.parameters) {
      std::vector<float> values(static_cast<size_t>(parameter.size()));
      std::iota(values.begin(), values.end(), next += 1000);
      tensors[parameter.name] = {parameter.shape, values};
    }
  }

  // Writes every tensor under the name `rename` returns for it, or omits it if there is none.
  template <typename Rename>
  void write_renamed(const Rename& rename) {
    Tensors renamed;
    for (const auto& [name, tensor] : tensors) {
      const std::string other = rename(name);
      if (!other.empty()) renamed[other] = tensor;
    }
    write_tensors(folder / "model.safetensors", renamed);
  }
  void write() { write_tensors(folder / "model.safetensors", tensors); }

  HostWeights read() { return read_weights(weights_in(folder.path()), list); }

  void expect_all(const HostWeights& weights) {
    ASSERT_EQ(static_cast<int64_t>(weights.values.size()), list.size);
    for (const Parameter& parameter : list.parameters) {
      const std::vector<float>& expected = tensors[parameter.name].values;
      const auto begin = weights.values.begin() + parameter.offset;
      EXPECT_TRUE(std::equal(expected.begin(), expected.end(), begin)) << parameter.name;
    }
    EXPECT_TRUE(weights.missing_head.empty());
  }

  void refuses(ErrorKind kind, std::initializer_list<std::string> parts) {
    expect_error(kind, parts, [&] { read(); });
  }

  const BertConfig config{.vocab_size = 7,
                          .hidden_size = 6,
                          .num_hidden_layers = 2,
                          .num_attention_heads = 2,
                          .intermediate_size = 9,
                          .max_position_embeddings = 5,
                          .pad_token_id = 3,
                          .id2label = {}};
  const ParameterList list = list_parameters(config, HeadKind::kQuestionAnswering);
  Tensors tensors;
  TemporaryFolder folder;
};

TEST_F(WeightsTest, ReadsATransformersFolder) {
  const fs::path golden = std::string(BERTUNE_TEST_DATA) + "/golden/tiny_gelu";
  const ParameterList parameters =
      list_parameters(parse_config(JsonFile(golden / "config.json")), HeadKind::kQuestionAnswering);
  const HostWeights weights = read_weights(weights_in(golden), parameters);
  const SafetensorsFile file(golden / "model.safetensors");
  for (const Parameter& parameter : parameters.parameters) {
    std::vector<float> expected(static_cast<size_t>(parameter.size()));
    file.read(parameter.name, 0, expected);
    EXPECT_TRUE(
        std::equal(expected.begin(), expected.end(), weights.values.begin() + parameter.offset))
        << parameter.name;
  }
}

TEST_F(WeightsTest, ReadsOurOwnNames) {
  write();
  expect_all(read());
}

TEST_F(WeightsTest, LeavesAForeignHead) {
  write();
  const HostWeights weights = read_weights(weights_in(folder.path()), list, StoredHead::kLeave);
  EXPECT_EQ(weights.missing_head,
            (std::vector<std::string>{"qa_outputs.weight", "qa_outputs.bias"}));
  for (const Parameter& parameter : list.parameters) {
    const float first = parameter.in_head() ? 0.0f : tensors[parameter.name].values[0];
    EXPECT_EQ(weights.values[static_cast<size_t>(parameter.offset)], first) << parameter.name;
  }
}

TEST_F(WeightsTest, ReadsNamesWithoutPrefix) {
  write_renamed(
      [](const std::string& name) { return name.starts_with("bert.") ? name.substr(5) : name; });
  expect_all(read());
}

TEST_F(WeightsTest, ReadsGammaAndBeta) {
  for (const size_t prefix : {0, 5}) {
    write_renamed([&](const std::string& name) {
      std::string other = name.starts_with("bert.") ? name.substr(prefix) : name;
      const size_t norm = other.find("LayerNorm.");
      if (norm == other.npos) return other;
      return other.substr(0, norm) +
             (other.ends_with("weight") ? "LayerNorm.gamma" : "LayerNorm.beta");
    });
    expect_all(read());
  }
}

TEST_F(WeightsTest, LeavesOtherTensorsAlone) {
  tensors["bert.pooler.dense.weight"] = {{6, 6}, std::vector<float>(36)};
  tensors["cls.predictions.bias"] = {{7}, std::vector<float>(7)};
  tensors["bert.embeddings.position_ids"] = {{1, 5}, std::vector<float>(5)};
  write();
  expect_all(read());
}

TEST_F(WeightsTest, LeavesOtherTypesAlone) {
  write();
  std::string bytes = get_file(folder / "model.safetensors");
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  std::string header = bytes.substr(8, length);
  const std::string data = bytes.substr(8 + length);
  const std::string extra = R"({"bert.embeddings.position_ids":{"dtype":"I64","shape":[1,2],)"
                            R"("data_offsets":[)" +
                            std::to_string(data.size()) + "," + std::to_string(data.size() + 16) +
                            "]},";
  header = extra + header.substr(1);
  length = header.size();
  put_file(folder / "model.safetensors", std::string(reinterpret_cast<const char*>(&length), 8) +
                                             header + data + std::string(16, '\0'));
  expect_all(read());
}

TEST_F(WeightsTest, ReadsShards) {
  Tensors shards[2];
  std::string map;
  for (const auto& [name, tensor] : tensors) {
    const size_t shard = name.find("layer.1.") != name.npos;
    shards[shard][name] = tensor;
    map += fmt::format(R"({}"{}":"part-{}")", map.empty() ? "" : ",", name, shard);
  }
  write_tensors(folder / "part-0", shards[0]);
  write_tensors(folder / "part-1", shards[1]);
  put_file(folder / "model.safetensors.index.json",
           R"({"metadata":{"total_size":1},"weight_map":{)" + map + "}}");
  expect_all(read());
  fs::remove(folder / "part-1");
  refuses(ErrorKind::kSystem, {"part-1"});
  write_tensors(folder / "part-1", shards[0]);
  refuses(ErrorKind::kInput, {"part-0", "part-1"});
}

TEST_F(WeightsTest, RefusesAnIndexThatIsNone) {
  for (const char* text :
       {"{}", R"({"weight_map":[]})", R"({"weight_map":{}})", R"({"weight_map":{"a":7}})",
        R"({"weight_map":{"a":""}})", R"({"weight_map":{"a":"../model.safetensors"}})",
        R"({"weight_map":{"a":"/etc/passwd"}})", "["}) {
    put_file(folder / "model.safetensors.index.json", text);
    refuses(ErrorKind::kInput, {"model.safetensors.index.json"});
  }
}

TEST_F(WeightsTest, AMissingHeadIsReturned) {
  write_renamed([](const std::string& name) { return name.starts_with("qa_") ? "" : name; });
  const HostWeights weights = read();
  EXPECT_EQ(weights.missing_head,
            (std::vector<std::string>{"qa_outputs.weight", "qa_outputs.bias"}));
}

TEST_F(WeightsTest, HalfAHeadIsRefused) {
  tensors.erase("qa_outputs.bias");
  write();
  refuses(ErrorKind::kInput, {"qa_outputs.bias", "[2]", "model.safetensors"});
}

// Most encoders come with a pooler, so only the classifier on top of it is new.
TEST_F(WeightsTest, EachPartOfAHeadIsThereOrMissing) {
  BertConfig labelled = config;
  set_labels(std::vector<std::string>{"no", "yes"}, labelled);
  const ParameterList wanted = list_parameters(labelled, HeadKind::kSequenceClassification);
  tensors["bert.pooler.dense.weight"] = {{6, 6}, std::vector<float>(36, 1.5f)};
  tensors["bert.pooler.dense.bias"] = {{6}, std::vector<float>(6, 2.5f)};
  write();
  const HostWeights weights = read_weights(weights_in(folder.path()), wanted);
  EXPECT_EQ(weights.missing_head,
            (std::vector<std::string>{"classifier.weight", "classifier.bias"}));
  tensors.erase("bert.pooler.dense.bias");
  write();
  expect_error(ErrorKind::kInput, {"bert.pooler.dense.bias"},
               [&] { read_weights(weights_in(folder.path()), wanted); });
}

TEST_F(WeightsTest, TheNextSentenceClassifierIsFound) {
  write();
  EXPECT_EQ(masked_words_head_of(weights_in(folder.path())), HeadKind::kMaskedLanguageModel);
  tensors["pooler.dense.weight"] = {{6, 6}, std::vector<float>(36)};
  tensors["pooler.dense.bias"] = {{6}, std::vector<float>(6)};
  tensors["cls.seq_relationship.weight"] = {{2, 6}, std::vector<float>(12)};
  tensors["cls.seq_relationship.bias"] = {{2}, std::vector<float>(2)};
  write();
  EXPECT_EQ(masked_words_head_of(weights_in(folder.path())), HeadKind::kPreTraining);
}

TEST_F(WeightsTest, AMissingEncoderTensorIsNamed) {
  tensors.erase("bert.encoder.layer.1.output.dense.bias");
  write();
  refuses(ErrorKind::kInput,
          {"bert.encoder.layer.1.output.dense.bias", "[6]", "model.safetensors", "38 tensors"});
}

TEST_F(WeightsTest, AnotherShapeIsNamedWithBoth) {
  tensors["bert.embeddings.word_embeddings.weight"] = {{8, 6}, std::vector<float>(48)};
  write();
  refuses(ErrorKind::kInput,
          {"bert.embeddings.word_embeddings.weight", "[7, 6]", "[8, 6]", "model.safetensors"});
  tensors["bert.embeddings.word_embeddings.weight"] = {{42}, std::vector<float>(42)};
  write();
  refuses(ErrorKind::kInput, {"[7, 6]", "[42]"});
}

TEST_F(WeightsTest, PrefixesOfWrappersAreIgnored) {
  write_renamed([](const std::string& name) { return "_orig_mod.module." + name; });
  expect_all(read());
  write_renamed([](const std::string& name) {
    return "module." + (name.starts_with("bert.") ? name.substr(5) : name);
  });
  expect_all(read());
}

TEST_F(WeightsTest, ATensorWithAndWithoutAPrefixIsRefused) {
  tensors["module.qa_outputs.bias"] = tensors["qa_outputs.bias"];
  write();
  refuses(ErrorKind::kInput, {"qa_outputs.bias", "both"});
}

TEST_F(WeightsTest, AHeadOfAnotherShapeIsRefused) {
  tensors["qa_outputs.weight"] = {{3, 6}, std::vector<float>(18)};
  write();
  refuses(ErrorKind::kInput, {"qa_outputs.weight", "[2, 6]", "[3, 6]"});
}

TEST_F(WeightsTest, NoWeightsIsAnErrorWithAHint) {
  refuses(ErrorKind::kSystem, {"model.safetensors"});
  expect_error(ErrorKind::kSystem, {"nowhere"},
               [&] { read_weights(weights_in(folder / "nowhere"), list); });
}

TEST_F(WeightsTest, AnAbsurdConfigTakesNoMemory) {
  write();
  BertConfig absurd = config;
  absurd.vocab_size = int64_t{1} << 24;
  absurd.hidden_size = int64_t{1} << 16;
  absurd.num_hidden_layers = 1024;
  const ParameterList huge = list_parameters(absurd, HeadKind::kNone);
  EXPECT_GT(huge.size, int64_t{1} << 40);
  expect_error(ErrorKind::kInput, {"word_embeddings"},
               [&] { read_weights(weights_in(folder.path()), huge); });
}

}  // namespace
}  // namespace bertune
