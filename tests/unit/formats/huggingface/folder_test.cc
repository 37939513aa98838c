// SPDX-License-Identifier: Apache-2.0
// Model folders: we write what transformers writes, and it reads back equal. Errors name what is
// missing or inconsistent.
#include "formats/huggingface/folder.h"

#include <gtest/gtest.h>

#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "base/json_file.h"
#include "expect_error.h"
#include "formats/huggingface/config.h"
#include "formats/huggingface/write_tokenizer.h"
#include "formats/safetensors/file.h"
#include "formats/weights.h"
#include "model/heads/heads.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> lines_of(const fs::path& path) {
  std::istringstream text(get_file(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

class ModelFolderTest : public testing::Test {
 protected:
  ModelContents contents() {
    return {.config = config,
            .architecture = architecture_of(HeadKind::kQuestionAnswering),
            .list = list,
            .values = weights.values,
            .vocabulary = vocabulary,
            .normalization = {}};
  }
  nlohmann::json json_in(const fs::path& path) { return JsonFile(path).root(); }

  const fs::path golden = std::string(BERTUNE_TEST_DATA) + "/golden/tiny_gelu";
  BertConfig config = read_config(find_model_files(golden));
  ParameterList list = list_parameters(config, HeadKind::kQuestionAnswering);
  HostWeights weights = read_weights(find_model_files(golden), list);
  std::vector<std::string> vocabulary = lines_of(golden / "vocab.txt");
  TemporaryFolder folder;
};

TEST_F(ModelFolderTest, WritesWhatTransformersWrote) {
  write_model_folder(folder.path(), contents());
  EXPECT_EQ(names_in(folder.path()),
            (std::vector<std::string>{"config.json", "model.safetensors", "tokenizer.json",
                                      "tokenizer_config.json", "vocab.txt"}));
  EXPECT_EQ(get_file(folder / "vocab.txt"), get_file(golden / "vocab.txt"));
  EXPECT_EQ(json_in(folder / "tokenizer.json"), json_in(golden / "tokenizer.json"));
  auto theirs = json_in(golden / "tokenizer_config.json");
  theirs.erase("backend");  // the library that runs it, which is not part of the model
  EXPECT_EQ(json_in(folder / "tokenizer_config.json"), theirs);
}

TEST_F(ModelFolderTest, TokenizerJsonIsEqualToTheByte) {
  EXPECT_EQ(tokenizer_json(vocabulary, {}), get_file(golden / "tokenizer.json") + "\n");
}

TEST_F(ModelFolderTest, WeightsReadBackEqual) {
  write_model_folder(folder.path(), contents());
  const ModelFiles files = find_model_files(folder.path());
  EXPECT_EQ(config_json(read_config(files), "x"), config_json(config, "x"));
  EXPECT_EQ(read_weights(files, list).values, weights.values);
  const SafetensorsFile file(folder / "model.safetensors");
  for (const auto& [name, tensor] : file.tensors()) EXPECT_EQ(tensor.dtype, "F32") << name;
}

TEST_F(ModelFolderTest, CasingIsInBothFiles) {
  const Normalization cased{.lower_case = false, .strip_accents = false, .space_chinese = false};
  const auto whole = nlohmann::json::parse(tokenizer_json(vocabulary, cased))["normalizer"];
  const auto settings = nlohmann::json::parse(tokenizer_config_json(config, cased));
  EXPECT_EQ(whole["lowercase"], false);
  EXPECT_EQ(whole["handle_chinese_chars"], false);
  EXPECT_TRUE(whole["strip_accents"].is_null()) << "null: as lower-casing says";
  EXPECT_EQ(settings["do_lower_case"], false);
  EXPECT_EQ(settings["tokenize_chinese_chars"], false);
  EXPECT_TRUE(settings["strip_accents"].is_null());
}

TEST_F(ModelFolderTest, AccentsThatDifferFromCasingAreWritten) {
  const Normalization mixed{.lower_case = true, .strip_accents = false};
  EXPECT_EQ(nlohmann::json::parse(tokenizer_json(vocabulary, mixed))["normalizer"]["strip_accents"],
            false);
  EXPECT_EQ(nlohmann::json::parse(tokenizer_config_json(config, mixed))["strip_accents"], false);
}

TEST_F(ModelFolderTest, SpecialTokensStandWhereTheVocabularyHasThem) {
  const std::vector<std::string> other = {"a", "[SEP]", "[MASK]", "[CLS]", "[UNK]", "b", "[PAD]"};
  const auto root = nlohmann::json::parse(tokenizer_json(other, {}));
  EXPECT_EQ(root["added_tokens"][0]["content"], "[SEP]");
  EXPECT_EQ(root["added_tokens"][0]["id"], 1);
  EXPECT_EQ(root["added_tokens"][4]["content"], "[PAD]");
  EXPECT_EQ(root["post_processor"]["special_tokens"]["[CLS]"]["ids"][0], 3);
  EXPECT_EQ(root["model"]["vocab"]["b"], 5);
  const auto twice = tokenizer_json({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[CLS]"}, {});
  EXPECT_EQ(nlohmann::json::parse(twice)["added_tokens"][4]["id"], 5) << "the last place counts";
}

TEST_F(ModelFolderTest, RefusesAVocabularyThatCannotBeWritten) {
  expect_error(ErrorKind::kInput, {"[PAD]"}, [] { tokenizer_json({"a", "b"}, {}); });
  vocabulary[20] = "\xff\xfe";
  expect_error(ErrorKind::kInput, {"UTF-8"},
               [&] { write_model_folder(folder.path(), contents()); });
  vocabulary[20] = "a\nb";
  expect_error(ErrorKind::kInput, {"line feed"},
               [&] { write_model_folder(folder.path(), contents()); });
}

TEST_F(ModelFolderTest, AVocabularyOfAnotherSizeIsRefused) {
  require_vocabulary_size(config, 56, "model");
  for (const size_t pieces : {57, 7, 0}) {
    expect_error(ErrorKind::kInput, {"model", std::to_string(pieces), "56"},
                 [&] { require_vocabulary_size(config, pieces, "model"); });
  }
  config.vocab_size = 30522;  // bert-base-uncased's; bert-base-cased has 28,996 pieces
  expect_error(ErrorKind::kInput, {"28996", "30522"},
               [&] { require_vocabulary_size(config, 28996, "model"); });
}

TEST_F(ModelFolderTest, TheWordTableMayBePadded) {
  config.vocab_size = 30528;
  EXPECT_NO_THROW(require_vocabulary_size(config, 30522, "model"));
  config.vocab_size = 56;
  vocabulary.pop_back();
  write_model_folder(folder.path(), contents());
  EXPECT_EQ(Tokenizer::load(folder.path()).vocabulary().size(), 55u);
}

// The same tensors, names and values as transformers wrote.
TEST_F(ModelFolderTest, ARelativeIsWrittenAsItself) {
  for (const char* name : {"tiny_distilbert_sequence", "tiny_distilbert_masked",
                           "tiny_electra_sequence", "tiny_electra_qa"}) {
    const ModelFiles theirs = find_model_files(golden.parent_path() / name);
    const BertConfig relative = read_config(theirs);
    const HeadKind head = head_of_architecture(relative.architecture).value();
    EXPECT_EQ(architecture_of(head, family_of(relative)), relative.architecture);
    const ParameterList parameters = list_parameters(relative, head);
    const HostWeights values = read_weights(theirs, parameters);
    EXPECT_TRUE(values.missing_head.empty()) << name;
    const std::vector<std::string> pieces = lines_of(theirs.folder / "vocab.txt");
    const TemporaryFolder copy;
    write_model_folder(copy.path(), {.config = relative,
                                     .architecture = relative.architecture,
                                     .list = parameters,
                                     .values = values.values,
                                     .vocabulary = pieces,
                                     .normalization = {}});
    const SafetensorsFile before(theirs.weights[0]), after(copy / "model.safetensors");
    EXPECT_EQ(before.tensors().size(), after.tensors().size()) << name;
    for (const auto& [tensor, stored] : before.tensors()) {
      ASSERT_NE(after.find(tensor), nullptr) << tensor;
      std::vector<float> a(stored.size), b(stored.size);
      before.read(tensor, 0, a);
      after.read(tensor, 0, b);
      EXPECT_EQ(a, b) << tensor;
    }
  }
}

TEST_F(ModelFolderTest, NamesTheFileThatIsMissing) {
  expect_error(ErrorKind::kSystem, {"nowhere"}, [&] { find_model_files(folder / "nowhere"); });
  write_model_folder(folder.path(), contents());
  fs::remove(folder / "vocab.txt");
  find_model_files(folder.path());  // tokenizer.json also provides the vocabulary
  fs::remove(folder / "tokenizer.json");
  expect_error(ErrorKind::kSystem, {"vocab.txt"}, [&] { find_model_files(folder.path()); });
  fs::remove(folder / "config.json");
  expect_error(ErrorKind::kSystem, {"config.json"}, [&] { find_model_files(folder.path()); });
  fs::remove(folder / "model.safetensors");
  expect_error(ErrorKind::kSystem, {"model.safetensors"}, [&] { find_model_files(folder.path()); });
  EXPECT_FALSE(error_of([&] { find_model_files(folder.path()); })->hint().empty());
}

}  // namespace
}  // namespace bertune
