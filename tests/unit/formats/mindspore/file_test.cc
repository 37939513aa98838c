// SPDX-License-Identifier: Apache-2.0
// MindSpore checkpoints: every type and form that the format's definition allows reads back, and
// files that are damaged, encrypted or of another kind are rejected with the reason.
#include "formats/mindspore/file.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "expect_error.h"
#include "temporary_folder.h"
#include "unit/formats/mindspore/bytes.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using Shape = std::vector<int64_t>;

const fs::path kData = std::string(BERTUNE_TEST_DATA) + "/mindspore";

class MindSporeFileTest : public testing::Test {
 protected:
  fs::path put(std::string_view bytes) { return put_file(folder / "model.ckpt", bytes); }
  void refuses(std::string_view bytes, const std::string& part) {
    const fs::path path = put(bytes);
    expect_error(ErrorKind::kInput, {"model.ckpt", part}, [&] { MindSporeFile file(path); });
    EXPECT_FALSE(error_of([&] { MindSporeFile file(path); })->hint().empty());
  }
  static std::vector<float> values_of(const MindSporeFile& file, const std::string& name,
                                      size_t size) {
    std::vector<float> values(size);
    file.read(name, 0, values);
    return values;
  }

  const std::string good = mindspore_message("a", {2}, "Float32", float_bytes({1, 2}));
  TemporaryFolder folder;
};

TEST_F(MindSporeFileTest, ReadsEveryTypeAndForm) {
  const MindSporeFile file(kData / "types.ckpt");
  const std::vector<float> six = {0, 1, -2, 0.5, 2, 1.5};
  EXPECT_EQ(file.tensors().size(), 9u) << "a map is no tensor";
  const std::pair<const char*, Shape> kSix[] = {{"float32", {2, 3}},
                                                {"float64", {6}},
                                                {"float16", {3, 2}},
                                                {"bfloat16", {1, 6}},
                                                {"parts", {3, 2}}};
  for (const auto& [name, shape] : kSix) {
    EXPECT_EQ(values_of(file, name, 6), six) << name;
    EXPECT_EQ(file.tensors().at(name).shape, shape) << name;
  }
  EXPECT_EQ(file.tensors().at("parts").parts.size(), 3u);
  EXPECT_EQ(file.tensors().at("scalar").shape, Shape{});
  EXPECT_EQ(values_of(file, "scalar", 1), std::vector<float>{4});
  EXPECT_EQ(values_of(file, "bare_scalar", 1), std::vector<float>{8});
}

TEST_F(MindSporeFileTest, OtherTypesAreRefusedWhenTheyAreUsed) {
  const MindSporeFile file(kData / "types.ckpt");
  std::vector<float> two(2), one(1);
  expect_error(ErrorKind::kInput, {"int8", "Int8"}, [&] { file.read("int8", 0, two); });
  expect_error(ErrorKind::kInput, {"text", "str"},
               [&] { file.read("text", 0, std::span<float>(one)); });
  expect_error(ErrorKind::kInput, {"nothing"}, [&] { file.read("nothing", 0, one); });
}

TEST_F(MindSporeFileTest, AFileThatIsCutIsRefusedOrEndsBetweenTensors) {
  const std::string whole = get_file(kData / "tiny" / "tiny.ckpt");
  size_t between = 0;
  for (size_t size = 0; size < whole.size(); size += 101) {
    const fs::path path = put(whole.substr(0, size));
    try {
      const MindSporeFile file(path);
      ++between;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kInput);
      EXPECT_NE(error.message().find("model.ckpt"), std::string::npos);
    }
  }
  EXPECT_LT(between, 4u) << "only where a message happens to end";
}

// A mapping would end the process with SIGBUS.
TEST_F(MindSporeFileTest, AFileThatBecomesShorterIsAnError) {
  const fs::path path =
      put(mindspore_message("a", {1 << 16}, "Float32", std::string(1 << 18, '\0')));
  const MindSporeFile file(path);
  fs::resize_file(path, 1 << 12);
  std::vector<float> read(1 << 16);
  expect_error(ErrorKind::kInput, {path.string(), "ends at byte 4096"},
               [&] { file.read("a", 0, read); });
}

TEST_F(MindSporeFileTest, TheChecksumIsChecked) {
  std::string whole = get_file(kData / "tiny" / "tiny.ckpt");
  MindSporeFile checked(put(whole));
  EXPECT_GT(checked.tensors().size(), 20u);
  whole[whole.size() / 2] = static_cast<char>(whole[whole.size() / 2] ^ 1);
  refuses(whole, "checksum");
  refuses(good + "crc_num" + std::string(10, '\xff'), "checksum");
  refuses(good + "crc_num" + std::string(9, '\0'), "byte");
}

TEST_F(MindSporeFileTest, OtherFilesAreNamed) {
  refuses("", "empty");
  refuses("\xd8\x5e\x3a\x7f....", "encrypted");
  refuses("\xd9\x5e\x3a\x7f....", "encrypted");
  refuses("\xda\x5e\x3a\x7f....", "encrypted");
  refuses("PK\x03\x04 and so on", "zip");
  refuses("model_checkpoint_path: \"bert_model.ckpt\"", "does not begin with a tensor");
  refuses(std::string("\x40\0\0\0\0\0\0\0{\"a\":", 12), "does not begin with a tensor");
  refuses("\n", "does not begin with a tensor");
  expect_error(ErrorKind::kSystem, {"nothing.ckpt"},
               [&] { MindSporeFile file(folder / "nothing.ckpt"); });
}

TEST_F(MindSporeFileTest, DamageIsNamedWithItsPlace) {
  refuses(good + "x", "byte 28 of 29");
  refuses(good + good.substr(0, 9), "byte 28");
  refuses(good + bytes_field(2, "abc"), "byte 28");
  refuses(good + bytes_field(1, "abc"), "byte 28");
  refuses(good + bytes_field(1, bytes_field(2, "")), "byte 28");
  refuses(good + bytes_field(1, bytes_field(1, "b") + bytes_field(2, "\x0b")), "'b' is damaged");
  const std::string long_text(1 << 17, 'x');
  refuses(good + bytes_field(1, bytes_field(1, long_text)), "byte 28");
  refuses(good + bytes_field(1, bytes_field(1, "b") + bytes_field(2, bytes_field(2, long_text))),
          "'b' is damaged");
  refuses(good + varint(1 << 3 | 2) + varint(uint64_t{1} << 62), "byte 28");
  refuses(good + varint(1 << 3 | 2) + std::string(11, '\xff'), "byte 28");
}

TEST_F(MindSporeFileTest, ImpossibleTensorsAreRefused) {
  const std::string two = float_bytes({1, 2});
  const uint64_t huge = uint64_t{1} << 40;
  refuses(mindspore_message("a", {3}, "Float32", two), "takes 12 bytes, but has 8");
  refuses(mindspore_message("a", {huge, huge}, "Float32", two), "impossible shape");
  refuses(mindspore_message("a", {~uint64_t{0}}, "Float32", two), "impossible shape");
  refuses(mindspore_message("a", std::vector<uint64_t>(9, 1), "Float32", two), "impossible shape");
  refuses(good + mindspore_message("b", {1}, "Float32", "1234") + good, "'a' occurs twice");
  refuses(good + mindspore_message("a", {3}, "Float32", "1234"), "different shapes");
  refuses(good + mindspore_message("a", {2}, "Float16", "1234"), "different shapes or types");
  refuses(mindspore_message("a", {2}, "Float32", two.substr(0, 3)) +
              mindspore_message("a", {2}, "Float32", two.substr(3)),
          "in the middle of a number");
  const std::string packed(2000, '\1');
  refuses(bytes_field(1, bytes_field(1, "a") + bytes_field(2, bytes_field(1, packed))),
          "impossible shape");
}

TEST_F(MindSporeFileTest, FieldsOfLaterVersionsAreSkipped) {
  const std::string tensor = varint(1 << 3) + varint(2) + bytes_field(2, "Float32") +
                             bytes_field(3, float_bytes({1, 2})) + bytes_field(9, "new") +
                             varint(8 << 3 | 5) + "1234" + varint(7 << 3 | 1) + "12345678";
  put(bytes_field(1, varint(6 << 3) + varint(1) + bytes_field(1, "a") + bytes_field(2, tensor)));
  EXPECT_EQ(values_of(MindSporeFile(folder / "model.ckpt"), "a", 2), (std::vector<float>{1, 2}));
}

TEST_F(MindSporeFileTest, WhatIsWrittenReadsBackWholeAndInParts) {
  const std::vector<float> values = {1, -2, 3.5f, 0, 1e-40f, 6};
  for (const size_t part_bytes : {4, 8, 16, 1 << 20}) {
    MindSporeWriter writer(folder / "out.ckpt", part_bytes);
    writer.write("first", {2, 3}, values);
    writer.write("second", {1}, std::span(values).first(1));
    writer.close();
    const MindSporeFile file(folder / "out.ckpt");
    EXPECT_EQ(file.tensors().at("first").shape, (Shape{2, 3}));
    EXPECT_EQ(file.tensors().at("first").parts.size(), (24 + part_bytes - 1) / part_bytes);
    EXPECT_EQ(values_of(file, "first", 6), values);
    EXPECT_EQ(values_of(file, "second", 1), std::vector<float>{1});
  }
}

TEST_F(MindSporeFileTest, WritesWhatTheDefinitionSays) {
  const std::vector<float> values = {1, 2};
  MindSporeWriter writer(folder / "out.ckpt");
  writer.write("a", {2}, values);
  writer.close();
  EXPECT_EQ(get_file(folder / "out.ckpt"), good);
}

}  // namespace
}  // namespace bertune
