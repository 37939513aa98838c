// SPDX-License-Identifier: Apache-2.0
// What a name resolves to, in which order, and the errors for names that resolve to nothing.
#include "hub/resolve.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>

#include "expect_error.h"
#include "hub/list.h"
#include "unit/hub/hub_test.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

class Resolve : public HubTest {
 protected:
  fs::path resolve(const std::string& name) { return resolve_model(name, settings_); }
};

TEST_F(Resolve, APathStaysAsItIs) {
  fs::create_directory(folder_ / "model");
  put_file(folder_ / "weights.ckpt", "x");
  put_file(folder_ / "model/model.safetensors", "x");
  for (const char* name : {"model", "weights.ckpt"})
    EXPECT_EQ(resolve((folder_ / name).string()), folder_ / name);
  EXPECT_EQ(resolve((folder_ / "model/model.safetensors").string()), folder_ / "model");
  put_file(folder_ / "model/pytorch_model.bin", "x");
  EXPECT_EQ(resolve((folder_ / "model/pytorch_model.bin").string()), folder_ / "model");
  EXPECT_TRUE(hub_.requests().empty());
}

TEST_F(Resolve, APathThatIsNotThereIsNoName) {
  for (const char* name : {"", "/no/model", "./model", "~/model", "a/b/c", "bert/"})
    expect_error(ErrorKind::kSystem, {"no folder or file", name}, [&] { resolve(name); });
  EXPECT_TRUE(hub_.requests().empty());
}

TEST_F(Resolve, ANameComesFromTheHubAndThenFromTheCache) {
  hub_.put_folder("google-bert/bert-base-uncased",
                  fs::path(BERTUNE_TEST_DATA) / "golden" / "tiny_gelu");
  const fs::path folder = settings_.cache / "models/google-bert/bert-base-uncased";
  EXPECT_EQ(resolve("qa_bert_base_uncased"), folder);
  settings_.offline = true;
  const size_t asked = hub_.requests().size();
  EXPECT_EQ(resolve("mindspore/txtcls_bert_base_uncased"), folder);
  EXPECT_EQ(resolve("google-bert/bert-base-uncased"), folder);
  EXPECT_EQ(hub_.requests().size(), asked);
}

TEST_F(Resolve, OfflineSaysWhereToPutFiles) {
  settings_.offline = true;
  const std::optional<Error> error = error_of([&] { resolve("bert_tiny_uncased"); });
  ASSERT_TRUE(error);
  EXPECT_NE(error->message().find("HF_HUB_OFFLINE"), std::string::npos) << error->message();
  const std::string folder = settings_.cache / "models/google/bert_uncased_L-2_H-128_A-2";
  EXPECT_NE(error->hint().find(folder), std::string::npos) << error->hint();
  fs::create_directories(folder);
  put_file(fs::path(folder) / "config.json", "{}");
  expect_error(ErrorKind::kSystem, {folder, "model.safetensors"},
               [&] { resolve("bert_tiny_uncased"); });
  put_file(fs::path(folder) / "model.safetensors", "x");
  put_file(fs::path(folder) / "vocab.txt", "x");
  EXPECT_EQ(resolve("bert_tiny_uncased"), folder);
}

TEST_F(Resolve, AnAliasGoesBeforeOurName) {
  fs::create_directory(folder_ / "mine");
  put_file(settings_.aliases, "txtcls_bert_base_uncased_mnli = mine\nx = gone\n");
  EXPECT_EQ(resolve("txtcls_bert_base_uncased_mnli"), folder_ / "mine");
  EXPECT_EQ(resolve("mindspore/txtcls_bert_base_uncased_mnli"), folder_ / "mine");
  expect_error(ErrorKind::kSystem, {"'x'", (folder_ / "gone").string()}, [&] { resolve("x"); });
}

TEST_F(Resolve, ANameWithoutAPublicFolderSaysHowToGiveOne) {
  const std::optional<Error> error = error_of([&] { resolve("tokcls_bert_base_chinese_cluener"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kSystem);
  EXPECT_NE(error->message().find("no public folder"), std::string::npos) << error->message();
  EXPECT_NE(error->hint().find(settings_.aliases.string()), std::string::npos) << error->hint();
  EXPECT_TRUE(hub_.requests().empty());
}

TEST_F(Resolve, AnUnknownNameGetsTheNearest) {
  const std::optional<Error> error = error_of([&] { resolve("qa_bert_base_uncase"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kUsage);
  EXPECT_NE(error->message().find("'qa_bert_base_uncase'"), std::string::npos);
  EXPECT_NE(error->hint().find("did you mean qa_bert_base_uncased?"), std::string::npos);
  EXPECT_NE(error->hint().find("tokcls_bert_base_chinese"), std::string::npos) << error->hint();
  const std::optional<Error> far = error_of([&] { resolve("gpt"); });
  ASSERT_TRUE(far);
  EXPECT_EQ(far->hint().find("did you mean"), std::string::npos) << far->hint();
}

TEST_F(Resolve, AHubIdMayBeAFolderMisspelt) {
  expect_error(ErrorKind::kSystem, {"no folder 'models/bert' here", "no model 'models/bert'"},
               [&] { resolve("models/bert"); });
}

TEST_F(Resolve, TheListTellsWhatIsHere) {
  fetch();
  fs::create_directory(folder_ / "mine");
  put_file(settings_.aliases, "txtcls_bert_base_uncased_mnli = mine\nmy_model = gone\n");
  std::map<std::string, ListedModel> models;
  for (const ListedModel& model : list_models(settings_)) models[model.name] = model;
  EXPECT_EQ(models.at(kId).folder, cached());
  EXPECT_EQ(models.at("txtcls_bert_base_uncased_mnli").folder, folder_ / "mine");
  EXPECT_FALSE(models.at("my_model").folder);
  EXPECT_TRUE(models.at("my_model").is_alias);
  EXPECT_EQ(models.at("qa_bert_base_uncased").hub_id, "google-bert/bert-base-uncased");
  EXPECT_FALSE(models.at("qa_bert_base_uncased").folder);
}

}  // namespace
}  // namespace bertune
