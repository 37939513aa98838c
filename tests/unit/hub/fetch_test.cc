// SPDX-License-Identifier: Apache-2.0
// Whole models from a hub that behaves: which files are downloaded, when they become visible, and
// how processes wait for each other.
#include "hub/fetch.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "expect_error.h"
#include "text/utf8.h"
#include "unit/hub/hub_test.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using Ranges = std::vector<std::string>;

class Fetch : public HubTest {};

TEST_F(Fetch, BringsAFolderThatIsWhole) {
  FetchProgress last;
  EXPECT_EQ(fetch_model(kId, settings_, [&](const FetchProgress& progress) { last = progress; }),
            cached());
  expect_fetched();
  EXPECT_EQ(last.model, kId);
  EXPECT_EQ(last.bytes, last.total);
  EXPECT_GT(last.total, static_cast<int64_t>(weights_.size()));
  // The first request is for main, the others are for the commit in its response.
  const std::vector<ServedRequest> requests = hub_.requests();
  EXPECT_EQ(requests[0].path, "/org/tiny/resolve/main/config.json");
  for (size_t i = 1; i < requests.size(); ++i)
    EXPECT_NE(requests[i].path.find(HubServer::kCommit), std::string::npos) << requests[i].path;
}

TEST_F(Fetch, AsksNothingForWhatIsThere) {
  fetch();
  const size_t asked = hub_.requests().size();
  EXPECT_EQ(fetch(), cached());
  EXPECT_EQ(hub_.requests().size(), asked);
}

TEST_F(Fetch, OneFormOfTheVocabularyIsEnough) {
  hub_.remove(kId, "tokenizer.json");
  hub_.remove(kId, "tokenizer_config.json");
  EXPECT_EQ(names_in(fetch()),
            (std::vector<std::string>{"config.json", "model.safetensors", "vocab.txt"}));
}

TEST_F(Fetch, TakesShardsWithTheirIndex) {
  hub_.remove(kId, "model.safetensors");
  hub_.put(kId, "model.safetensors.index.json",
           R"({"weight_map": {"a": "m-1.safetensors", "b": "m-2.safetensors"}})");
  hub_.put(kId, "m-1.safetensors", weights_);
  hub_.put(kId, "m-2.safetensors", "x");
  fetch();
  EXPECT_EQ(get_file(cached() / "m-1.safetensors"), weights_);
  EXPECT_EQ(get_file(cached() / "m-2.safetensors"), "x");
}

TEST_F(Fetch, AShardThatIsMissingIsNamed) {
  hub_.remove(kId, "model.safetensors");
  hub_.put(kId, "model.safetensors.index.json", R"({"weight_map": {"a": "m-1.safetensors"}})");
  expect_error(ErrorKind::kInput, {kId, "m-1.safetensors"}, [&] { fetch(); });
  EXPECT_FALSE(fs::exists(cached()));
}

TEST_F(Fetch, AShardOfAnOddNameIsRefused) {
  hub_.remove(kId, "model.safetensors");
  for (const std::string name :
       {"../../x.safetensors", "..", "config.json", "a?b.safetensors", ".a.safetensors"}) {
    hub_.put(kId, "model.safetensors.index.json", R"({"weight_map": {"a": ")" + name + "\"}}");
    EXPECT_TRUE(error_of([&] { fetch(); })) << name;
    EXPECT_FALSE(fs::exists(cached()));
  }
}

TEST_F(Fetch, SaysInFewWordsWhatTheHubSaidInMany) {
  const std::string many(5000, '\xFF');
  for (const Misbehaviour& answer :
       {answer_status(200, "ETag: " + many),
        answer_status(302, "Location: ftp://x/" + std::string(5000, 'y'))}) {
    hub_.misbehave("HEAD", "config.json", {answer});
    const std::optional<Error> error = error_of([&] { fetch(); });
    ASSERT_TRUE(error);
    EXPECT_LT(error->message().size(), 400u);
    EXPECT_TRUE(is_valid_utf8(error->message())) << error->message();
  }
}

TEST_F(Fetch, TellsHowMuchCameInThisCall) {
  hub_.misbehave("GET", "model.safetensors", {cut_after(1000), answer_status(404)});
  EXPECT_TRUE(error_of([&] { fetch(); }));
  FetchProgress last;
  fetch_model(kId, settings_, [&](const FetchProgress& progress) { last = progress; });
  EXPECT_EQ(last.received, static_cast<int64_t>(weights_.size()) - 1000);
  EXPECT_EQ(last.bytes, last.total);
}

TEST_F(Fetch, WhoWatchesMayEndIt) {
  const auto stop = [](const FetchProgress& progress) {
    if (progress.file == "model.safetensors") throw std::runtime_error("enough");
  };
  EXPECT_THROW(fetch_model(kId, settings_, stop), std::runtime_error);
  EXPECT_FALSE(fs::exists(cached()));
  fetch();
  expect_fetched();
}

TEST_F(Fetch, TakesPyTorchFilesWhereThereAreNoSafetensors) {
  hub_.put(kId, "pytorch_model.bin", "x");
  fetch();
  EXPECT_EQ(hub_.count("GET", "pytorch_model.bin"), 0);
  fs::remove_all(cached());
  hub_.remove(kId, "model.safetensors");
  EXPECT_EQ(get_file(fetch() / "pytorch_model.bin"), "x");
}

TEST_F(Fetch, TakesShardsOfPyTorch) {
  hub_.remove(kId, "model.safetensors");
  hub_.put(kId, "pytorch_model.bin.index.json",
           R"({"weight_map": {"a": "m-1.bin", "b": "m-2.bin"}})");
  hub_.put(kId, "m-1.bin", "x");
  expect_error(ErrorKind::kInput, {kId, "m-2.bin"}, [&] { fetch(); });
  hub_.put(kId, "m-2.bin", "y");
  fetch();
  EXPECT_EQ(get_file(cached() / "m-1.bin"), "x");
  EXPECT_EQ(get_file(cached() / "m-2.bin"), "y");
}

TEST_F(Fetch, AnAdapterIsRefusedWithAHint) {
  hub_.put(kId, "adapter_config.json", "{}");
  fetch();  // of a whole model that has an adapter too
  fs::remove_all(cached());
  hub_.remove(kId, "model.safetensors");
  expect_error(ErrorKind::kInput, {kId, "adapter"}, [&] { fetch(); });
  hub_.remove(kId, "config.json");
  expect_error(ErrorKind::kInput, {kId, "adapter"}, [&] { fetch(); });
  EXPECT_NE(error_of([&] { fetch(); })->hint().find("merge"), std::string::npos);
}

TEST_F(Fetch, AModelWithoutWeightsIsRefused) {
  hub_.remove(kId, "model.safetensors");
  expect_error(ErrorKind::kInput, {kId, "model.safetensors", "pytorch_model.bin"},
               [&] { fetch(); });
}

TEST_F(Fetch, AnotherKindOfModelIsRefusedBeforeItsWeights) {
  hub_.put(kId, "config.json", R"({"model_type": "roberta"})");
  expect_error(ErrorKind::kInput, {kId, "roberta"}, [&] { fetch(); });
  EXPECT_EQ(hub_.count("HEAD", "model.safetensors"), 0);
  EXPECT_FALSE(fs::exists(gathering_folder(cached())));
}

TEST_F(Fetch, AModelWithoutAVocabularyIsRefused) {
  hub_.remove(kId, "tokenizer.json");
  hub_.remove(kId, "vocab.txt");
  expect_error(ErrorKind::kInput, {kId, "vocab.txt"}, [&] { fetch(); });
}

TEST_F(Fetch, LeavesOutWhatAnotherVersionGathered) {
  put_file(gathering_folder(cached()) / "model-old.safetensors", "x");
  put_file(gathering_folder(cached()) / "model-old.safetensors.partial", "x");
  fetch();
  expect_fetched();
}

TEST_F(Fetch, ThoseWhoWantTheSameTakeTurns) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { EXPECT_EQ(fetch(), cached()); });
  for (std::thread& thread : threads) thread.join();
  expect_fetched();
  EXPECT_EQ(hub_.count("GET", "model.safetensors"), 1);
}

TEST_F(Fetch, ACacheThatCannotBeWrittenIsAnErrorWithTheVariable) {
  settings_.cache = put_file(folder_ / "file", "x") / "cache";
  const std::optional<Error> error = error_of([&] { fetch(); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kSystem);
  EXPECT_NE(error->message().find((folder_ / "file").string()), std::string::npos);
  EXPECT_NE(error->hint().find("BERTUNE_CACHE"), std::string::npos) << error->hint();
  EXPECT_TRUE(hub_.requests().empty());
}

TEST_F(Fetch, ADiskThatIsFullLeavesNothingVisibleAndGoesOnLater) {
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{weights_.size() / 2, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const std::optional<Error> error = error_of([&] { fetch(); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_TRUE(error);
  EXPECT_NE(error->message().find("model.safetensors"), std::string::npos) << error->message();
  EXPECT_NE(error->hint().find("BERTUNE_CACHE"), std::string::npos) << error->hint();
  EXPECT_FALSE(fs::exists(cached()));
  fetch();
  expect_fetched();
  EXPECT_EQ(ranges("model.safetensors").back(),
            "bytes=" + std::to_string(weights_.size() / 2) + "-");
}

}  // namespace
}  // namespace bertune
