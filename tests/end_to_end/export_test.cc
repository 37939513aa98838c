// SPDX-License-Identifier: Apache-2.0
// bertune export: every format from every kind of model, importing the exports again, and its
// errors.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "end_to_end/run_program.h"
#include "end_to_end/tiny_squad.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

const fs::path kMindSpore = fs::path(BERTUNE_TEST_DATA) / "mindspore" / "tiny";

class ExportTest : public testing::Test {
 protected:
  ProgramResult run_export(const fs::path& model, const std::string& format, const fs::path& output,
                           const std::function<void()>& prepare = {}) {
    return run_program({"export", "--checkpoint", model, "--format", format, "--output", output},
                       {}, prepare);
  }
  fs::path exported(const fs::path& model, const std::string& format, const std::string& name) {
    const ProgramResult result = run_export(model, format, folder_ / name);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, "exported: " + (folder_ / name).string() + "\n");
    return folder_ / name;
  }
  void refuses(const ProgramResult& result, int exit_code, const std::string& part) {
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("hint: "), std::string::npos) << result.err;
  }

  TemporaryFolder folder_;
};

TEST_F(ExportTest, EveryFormatBringsItsTokenizer) {
  const std::pair<const char*, const char*> kFormats[] = {
      {"safetensors", "model.safetensors"}, {"mindspore", "model.ckpt"}, {"onnx", "model.onnx"}};
  for (const auto& [format, weights] : kFormats) {
    const fs::path folder = exported(tiny_model(), format, format);
    Names names = {"README.md",      "config.json",           weights,
                   "tokenizer.json", "tokenizer_config.json", "vocab.txt"};
    EXPECT_EQ(names_in(folder), names);
    EXPECT_NE(get_file(folder / "README.md")
                  .find(weights == Names{"model.onnx"}[0] ? "onnxruntime" : "bertune"),
              std::string::npos);
  }
}

TEST_F(ExportTest, TheWayBackIsEqual) {
  for (const fs::path& model : {tiny_model(), kMindSpore}) {
    const fs::path first = exported(model, "safetensors", "first");
    const fs::path there = exported(first, "mindspore", "there");
    const fs::path back = exported(there, "safetensors", "back");
    EXPECT_EQ(get_file(back / "model.safetensors"), get_file(first / "model.safetensors"));
    EXPECT_EQ(get_file(back / "config.json"), get_file(first / "config.json"));
    EXPECT_EQ(get_file(back / "vocab.txt"), get_file(first / "vocab.txt"));
    EXPECT_EQ(get_file(exported(back, "mindspore", "again.ckpt")), get_file(there / "model.ckpt"));
    for (const char* name : {"first", "there", "back", "again.ckpt"})
      fs::remove_all(folder_ / name);
  }
}

TEST_F(ExportTest, AMindSporeCheckpointBecomesTheModelThatItWasMadeOf) {
  const fs::path golden = fs::path(BERTUNE_TEST_DATA) / "golden" / "tiny_gelu_new";
  const fs::path ours = exported(golden, "safetensors", "ours");
  const fs::path theirs = exported(kMindSpore / "tiny.ckpt", "safetensors", "theirs");
  EXPECT_EQ(get_file(theirs / "model.safetensors"), get_file(ours / "model.safetensors"));
  EXPECT_EQ(get_file(theirs / "config.json"), get_file(ours / "config.json"));
}

TEST_F(ExportTest, ReplacesWhatAnExportWroteAndNothingElse) {
  const fs::path output = exported(tiny_model(), "onnx", "output");
  exported(tiny_model(), "mindspore", "output");
  EXPECT_TRUE(fs::exists(output / "model.ckpt"));
  EXPECT_FALSE(fs::exists(output / "model.onnx"));
  EXPECT_EQ(names_in(folder_.path()), Names{"output"}) << "nothing else is left";
  fs::create_directory(folder_ / "empty");
  exported(tiny_model(), "onnx", "empty");

  put_file(output / "notes.txt", "mine");
  refuses(run_export(tiny_model(), "onnx", output), 2, "'" + output.string() + "' already exists");
  fs::copy(tiny_model(), folder_ / "model");
  refuses(run_export(tiny_model(), "onnx", folder_ / "model"), 2, "already exists; only a folder");
  refuses(run_export(folder_ / "empty", "onnx", folder_ / "other"), 1, "no model.safetensors");
  const fs::path own = exported(tiny_model(), "safetensors", "own");
  refuses(run_export(own, "onnx", own), 2, "is the folder of the model itself");
  const fs::path file = exported(tiny_model(), "onnx", "weights.onnx");
  refuses(run_export(tiny_model(), "onnx", file), 2, "already exists; only a folder");
}

TEST_F(ExportTest, WrongOptionsAreNamed) {
  refuses(run_export(tiny_model(), "onxx", folder_ / "x"), 2, "onnx?");
  refuses(run_export(tiny_model(), "onnx", folder_ / "x.ckpt"), 2, "--format mindspore");
  refuses(run_export("/no/model", "onnx", folder_ / "x"), 1, "/no/model");
  refuses(run_export(tiny_model(), "onnx", ""), 2, "--output is missing");
  put_file(folder_ / "file", "");
  refuses(run_export(tiny_model(), "onnx", folder_ / "file" / "x"), 1, "file");
  EXPECT_EQ(names_in(folder_.path()), Names{"file"});
}

TEST_F(ExportTest, ADiskThatIsFullLeavesWhatWasThere) {
  const fs::path output = exported(tiny_model(), "onnx", "output");
  const std::string before = get_file(output / "model.onnx");
  const auto limit = [] {
    const rlimit bytes{40000, 40000};
    ::setrlimit(RLIMIT_FSIZE, &bytes);
  };
  for (const char* format : {"safetensors", "mindspore", "onnx"}) {
    refuses(run_export(tiny_model(), format, output, limit), 1, "model.");
    EXPECT_EQ(get_file(output / "model.onnx"), before);
  }
  refuses(run_export(tiny_model(), "onnx", folder_ / "file.onnx", limit), 1, "file.onnx");
  EXPECT_EQ(names_in(folder_.path()), Names{"output"});
}

}  // namespace
}  // namespace bertune
