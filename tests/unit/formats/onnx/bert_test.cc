// SPDX-License-Identifier: Apache-2.0
// The ONNX file field by field: weights are in the right place with the right values, and every
// value is defined before it is used. tools/check_onnx.py verifies that ONNX Runtime computes our
// logits with it.
#include "formats/onnx/bert.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "formats/protobuf_fields.h"
#include "formats/weights.h"
#include "model/heads/heads.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using Fields = std::multimap<int, ProtobufField>;

Fields fields_of(std::string_view message) {
  Fields fields;
  while (!message.empty()) {
    ProtobufField field;
    if (!next_field(message, field)) throw std::runtime_error("not protobuf");
    fields.emplace(field.number, field);
  }
  return fields;
}

// Field numbers of the ONNX specification.
constexpr int kModelGraph = 7, kModelOpset = 8;
constexpr int kGraphNode = 1, kGraphInitializer = 5, kGraphInput = 11, kGraphOutput = 12;
constexpr int kNodeInput = 1, kNodeOutput = 2, kNodeOp = 4;
constexpr int kTensorDims = 1, kTensorName = 8, kTensorRaw = 9, kTensorExternal = 13;

class OnnxBertTest : public testing::Test {
 protected:
  void write(const char* model, HeadKind head, uint64_t max_bytes = OnnxGraph::kMaxBytes) {
    const ModelFiles golden = find_model_files(std::string(BERTUNE_TEST_DATA) + "/golden/" + model);
    const BertConfig config = read_config(golden);
    list_ = list_parameters(config, head);
    values_ = read_weights(golden, list_).values;
    write_onnx(folder_ / "model.onnx", {.config = config, .list = list_, .values = values_},
               max_bytes);
    bytes_ = get_file(folder_ / "model.onnx");
    model_ = fields_of(bytes_);
    graph_ = fields_of(model_.find(kModelGraph)->second.bytes);
  }

  std::vector<Fields> in_graph(int number) const {
    std::vector<Fields> messages;
    for (auto [i, end] = graph_.equal_range(number); i != end; ++i)
      messages.push_back(fields_of(i->second.bytes));
    return messages;
  }
  static std::vector<std::string> texts(const Fields& fields, int number) {
    std::vector<std::string> found;
    for (auto [i, end] = fields.equal_range(number); i != end; ++i)
      found.emplace_back(i->second.bytes);
    return found;
  }
  std::vector<std::string> names(int number) const {
    std::vector<std::string> found;
    for (const Fields& value : in_graph(number)) found.push_back(texts(value, 1)[0]);
    return found;
  }
  std::set<std::string> operators() const {
    std::set<std::string> found;
    for (const Fields& node : in_graph(kGraphNode)) found.insert(texts(node, kNodeOp)[0]);
    return found;
  }
  Fields initializer(const std::string& name) const {
    for (const Fields& tensor : in_graph(kGraphInitializer)) {
      if (texts(tensor, kTensorName)[0] == name) return tensor;
    }
    throw std::runtime_error("no " + name);
  }
  const Parameter& parameter(const std::string& name) const {
    for (const Parameter& found : list_.parameters) {
      if (found.name == name) return found;
    }
    throw std::runtime_error("no " + name);
  }
  // row-major, as in the file
  std::vector<float> turned(const std::string& name) const {
    const Parameter& found = parameter(name);
    std::vector<float> out;
    for (int64_t col = 0; col < found.shape[1]; ++col) {
      for (int64_t row = 0; row < found.shape[0]; ++row)
        out.push_back(values_[static_cast<size_t>(found.offset + row * found.shape[1] + col)]);
    }
    return out;
  }
  static std::vector<float> floats(std::string_view bytes) {
    std::vector<float> out(bytes.size() / sizeof(float));
    std::memcpy(out.data(), bytes.data(), bytes.size());
    return out;
  }

  TemporaryFolder folder_;
  ParameterList list_;
  std::vector<float> values_;
  std::string bytes_;
  Fields model_, graph_;
};

const std::string kUp = "bert.encoder.layer.0.intermediate.dense.weight";

TEST_F(OnnxBertTest, EveryValueIsMadeBeforeItIsUsed) {
  for (const HeadKind head : {HeadKind::kNone, HeadKind::kQuestionAnswering}) {
    write("tiny_gelu", head);
    std::set<std::string> known;
    for (const std::string& name : names(kGraphInput)) known.insert(name);
    for (const Fields& tensor : in_graph(kGraphInitializer))
      EXPECT_TRUE(known.insert(texts(tensor, kTensorName)[0]).second);
    for (const Fields& node : in_graph(kGraphNode)) {
      for (const std::string& input : texts(node, kNodeInput)) EXPECT_TRUE(known.contains(input));
      for (const std::string& output : texts(node, kNodeOutput))
        EXPECT_TRUE(known.insert(output).second) << output << " is made twice";
    }
    for (const std::string& output : names(kGraphOutput)) EXPECT_TRUE(known.contains(output));
    const auto outputs = head_of(head).outputs;
    EXPECT_EQ(names(kGraphOutput), std::vector<std::string>(outputs.begin(), outputs.end()));
  }
}

TEST_F(OnnxBertTest, InputsAndOutputsAreNamedAsTransformersNamesThem) {
  write("tiny_gelu", HeadKind::kQuestionAnswering);
  EXPECT_EQ(names(kGraphInput),
            (std::vector<std::string>{"input_ids", "attention_mask", "token_type_ids"}));
  EXPECT_EQ(names(kGraphOutput), (std::vector<std::string>{"start_logits", "end_logits"}));
  EXPECT_EQ(fields_of(model_.find(kModelOpset)->second.bytes).find(2)->second.value, 17u);
  write("tiny_gelu", HeadKind::kNone);
  EXPECT_EQ(names(kGraphOutput), std::vector<std::string>{"last_hidden_state"});
}

TEST_F(OnnxBertTest, WeightsAreTurnedForTheProduct) {
  write("tiny_gelu", HeadKind::kQuestionAnswering);
  const Fields tensor = initializer(kUp);
  EXPECT_EQ(tensor.find(kTensorDims)->second.value, static_cast<uint64_t>(parameter(kUp).shape[1]));
  EXPECT_EQ(floats(tensor.find(kTensorRaw)->second.bytes), turned(kUp));
  const Parameter& words = parameter("bert.embeddings.word_embeddings.weight");
  const auto begin = values_.begin() + words.offset;
  EXPECT_EQ(floats(initializer(words.name).find(kTensorRaw)->second.bytes),
            std::vector<float>(begin, begin + words.size()));
}

TEST_F(OnnxBertTest, RelativesHaveTheirOwnInputs) {
  write("tiny_distilbert_sequence", HeadKind::kSequenceClassification);
  EXPECT_EQ(names(kGraphInput), (std::vector<std::string>{"input_ids", "attention_mask"}));
  EXPECT_TRUE(operators().contains("Relu"));
  write("tiny_electra_sequence", HeadKind::kSequenceClassification);
  EXPECT_EQ(names(kGraphInput).size(), 3u);
  EXPECT_FALSE(operators().contains("Tanh"));
}

TEST_F(OnnxBertTest, NoTwoValuesHaveTheSameName) {
  write("tiny_distilbert_masked", HeadKind::kMaskedLanguageModel);
  std::set<std::string> made;
  for (const Fields& node : in_graph(kGraphNode)) {
    for (const std::string& value : texts(node, kNodeOutput))
      EXPECT_TRUE(made.insert(value).second) << value;
  }
}

TEST_F(OnnxBertTest, TheActivationIsThatOfTheConfig) {
  write("tiny_gelu", HeadKind::kNone);
  EXPECT_TRUE(operators().contains("Erf"));
  EXPECT_FALSE(operators().contains("Tanh"));
  write("tiny_gelu_new", HeadKind::kNone);
  EXPECT_FALSE(operators().contains("Erf"));
  EXPECT_TRUE(operators().contains("Tanh"));
  write("tiny_silu", HeadKind::kMaskedLanguageModel);
  EXPECT_TRUE(operators().contains("Sigmoid"));
  EXPECT_FALSE(operators().contains("Tanh"));
}

TEST_F(OnnxBertTest, LargeWeightsStandInAFileBeside) {
  write("tiny_gelu", HeadKind::kQuestionAnswering);
  EXPECT_FALSE(fs::exists(folder_ / "model.onnx.data"));
  write("tiny_gelu", HeadKind::kQuestionAnswering, 1000);
  const std::string data = get_file(folder_ / "model.onnx.data");
  std::map<std::string, std::string> entries;
  const Fields tensor = initializer(kUp);
  for (const std::string& entry : texts(tensor, kTensorExternal)) {
    const Fields fields = fields_of(entry);
    entries[texts(fields, 1)[0]] = texts(fields, 2)[0];
  }
  EXPECT_EQ(entries["location"], "model.onnx.data");
  const size_t offset = std::stoull(entries["offset"]), length = std::stoull(entries["length"]);
  EXPECT_EQ(offset % 4096, 0u);
  EXPECT_EQ(floats(std::string_view(data).substr(offset, length)), turned(kUp));
  EXPECT_TRUE(texts(tensor, kTensorRaw).empty());
}

}  // namespace
}  // namespace bertune
