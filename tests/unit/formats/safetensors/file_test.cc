// SPDX-License-Identifier: Apache-2.0
// safetensors: a written file reads back unchanged, and every inconsistency that a header can
// contain is rejected with a reason before memory is allocated for it.
#include "formats/safetensors/file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "expect_error.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

std::string length_bytes(uint64_t length) {
  return {reinterpret_cast<const char*>(&length), sizeof(length)};
}

std::string file_of(const std::string& header, size_t data_bytes) {
  return length_bytes(header.size()) + header + std::string(data_bytes, '\1');
}

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& offsets) {
  return fmt::format(R"("{}":{{"dtype":"{}","shape":{},"data_offsets":{}}})", name, dtype, shape,
                     offsets);
}

std::string object(const std::string& entries) { return fmt::format("{{{}}}", entries); }

class SafetensorsTest : public testing::Test {
 protected:
  SafetensorsFile open(const std::string& bytes) { return SafetensorsFile(put_file(path, bytes)); }
  void refuses(const std::string& bytes, const std::string& reason) {
    SCOPED_TRACE(bytes.substr(0, 200));
    expect_error(ErrorKind::kInput, {path.string(), reason}, [&] { open(bytes); });
  }
  // A file with one entry and 8 bytes of data.
  void refuses_entry(const std::string& text, const std::string& reason) {
    refuses(file_of(object(text), 8), reason);
  }

  TemporaryFolder folder;
  const std::filesystem::path path = folder / "model.safetensors";
};

TEST_F(SafetensorsTest, ReadsWhatItWrote) {
  const std::vector<float> a = {1.5f, -0.0f, 3e-42f, 4, 5, std::numeric_limits<float>::infinity()};
  const std::vector<float> b = {7};
  const std::vector<TensorToWrite> tensors = {
      {"z.weight", {2, 3}, a}, {"a", {1}, b}, {"scalar", {}, b}, {"empty", {0, 4}, {}}};
  write_safetensors(path, tensors);
  const SafetensorsFile file(path);
  ASSERT_EQ(file.tensors().size(), 4u);
  EXPECT_EQ(file.find("z.weight")->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(file.find("scalar")->size, 1);
  EXPECT_EQ(file.find("empty")->size, 0);
  EXPECT_EQ(file.find("nothing"), nullptr);
  std::vector<float> values(6);
  file.read("z.weight", 0, values);
  EXPECT_EQ(std::memcmp(values.data(), a.data(), 24), 0);
  file.read("a", 0, std::span(values).first(1));
  EXPECT_EQ(values[0], 7);
  file.read("empty", 0, {});
}

TEST_F(SafetensorsTest, ReadsDoubles) {
  const std::vector<double> stored = {1.1, -2.5e-3, 16777217.0};
  const std::string header = object(entry("x", "F64", "[3]", "[0, 24]"));
  const SafetensorsFile file = open(length_bytes(header.size()) + header +
                                    std::string(reinterpret_cast<const char*>(stored.data()), 24));
  std::vector<float> values(2);
  file.read("x", 1, values);
  EXPECT_EQ(values, (std::vector<float>{-2.5e-3f, 16777216.0f}));
}

TEST_F(SafetensorsTest, ReadsPartsOfATensor) {
  const std::string header = object(entry("x", "BF16", "[2, 2]", "[0, 8]"));
  const SafetensorsFile file =
      open(length_bytes(header.size()) + header + "\x80\x3f\1\x40\x40\x40\x80\x40");
  std::vector<float> values(2);
  file.read("x", 1, values);
  EXPECT_EQ(values, (std::vector<float>{2.015625f, 3}));
}

// A mapping would end the process with SIGBUS.
TEST_F(SafetensorsTest, AFileThatBecomesShorterIsAnError) {
  const std::vector<float> values(1 << 16, 1.0f);
  write_safetensors(path, std::vector<TensorToWrite>{{"x", {1 << 16}, values}});
  const SafetensorsFile file(path);
  std::filesystem::resize_file(path, 1 << 12);
  std::vector<float> read(values.size());
  expect_error(ErrorKind::kInput, {path.string(), "ends at byte 4096"},
               [&] { file.read("x", 0, read); });
}

TEST_F(SafetensorsTest, WritesTheFormatToTheLetter) {
  const std::vector<float> values = {1, 2, 3};
  const std::vector<TensorToWrite> tensors = {{"b", {2}, std::span(values).first(2)},
                                              {"a", {1, 1}, std::span(values).last(1)}};
  write_safetensors(path, tensors);
  const std::string bytes = get_file(path);
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
      R"("a":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]}})";
  const size_t padded = (header.size() + 7) / 8 * 8;
  EXPECT_EQ(bytes.substr(0, 8), length_bytes(padded));
  EXPECT_EQ(bytes.substr(8, padded), header + std::string(padded - header.size(), ' '));
  EXPECT_EQ(bytes.size(), 8 + padded + 12);
}

TEST_F(SafetensorsTest, ConvertsBFloat16) {
  const std::string header = object(entry("x", "BF16", "[4]", "[0,8]"));
  const uint16_t bits[] = {0x3F80, 0xC020, 0x7F80, 0x0001};
  const SafetensorsFile file = open(length_bytes(header.size()) + header +
                                    std::string(reinterpret_cast<const char*>(bits), 8));
  std::vector<float> values(4);
  file.read("x", 0, values);
  EXPECT_EQ(values[0], 1.0f);
  EXPECT_EQ(values[1], -2.5f);
  EXPECT_EQ(values[2], std::numeric_limits<float>::infinity());
  EXPECT_EQ(std::bit_cast<uint32_t>(values[3]), 0x00010000u);
}

TEST_F(SafetensorsTest, ConvertsEveryFloat16) {
  std::vector<uint16_t> bits(65536);
  for (size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<uint16_t>(i);
  const std::string header = object(entry("x", "F16", "[65536]", "[0,131072]"));
  const SafetensorsFile file =
      open(length_bytes(header.size()) + header +
           std::string(reinterpret_cast<const char*>(bits.data()), 131072));
  std::vector<float> values(65536);
  file.read("x", 0, values);
  for (const uint32_t half : bits) {
    const double sign = half >= 0x8000 ? -1.0 : 1.0;
    const int exponent = static_cast<int>(half >> 10) & 31;
    const double fraction = (half & 1023) / 1024.0;
    if (exponent == 31 && fraction > 0) {
      EXPECT_TRUE(std::isnan(values[half]));
      continue;
    }
    const double expected = exponent == 31  ? std::numeric_limits<double>::infinity()
                            : exponent == 0 ? std::ldexp(fraction, -14)
                                            : std::ldexp(1 + fraction, exponent - 15);
    ASSERT_EQ(values[half], sign * expected) << half;
    ASSERT_EQ(std::signbit(values[half]), half >= 0x8000) << half;
  }
}

TEST_F(SafetensorsTest, OtherTypesMayBeThereButNotBeRead) {
  const SafetensorsFile file =
      open(file_of(object(entry("position_ids", "I64", "[1]", "[0,8]")), 8));
  std::vector<float> values(1);
  expect_error(ErrorKind::kInput, {"position_ids", "I64"},
               [&] { file.read("position_ids", 0, values); });
  expect_error(ErrorKind::kInput, {"gone"}, [&] { file.read("gone", 0, values); });
}

TEST_F(SafetensorsTest, AcceptsMetadataPaddingAndAnyOrder) {
  const std::string entries =
      fmt::format(R"({},"__metadata__":{{"format":"pt"}},{},{})", entry("b", "U8", "[3]", "[5,8]"),
                  entry("e", "F32", "[0]", "[5,5]"), entry("a", "I8", "[5]", "[0,5]"));
  const SafetensorsFile file = open(file_of(object(entries) + "   ", 8));
  EXPECT_EQ(file.tensors().size(), 3u);
  EXPECT_TRUE(open(file_of("{}", 0)).tensors().empty());
}

TEST_F(SafetensorsTest, RefusesAHeaderThatIsNotThere) {
  refuses("", "0 bytes");
  refuses("1234567", "7 bytes");
  refuses(length_bytes(0), "not a JSON object");
  refuses(length_bytes(3) + "{}", "header of 3 bytes");
  refuses(length_bytes(1 << 20) + "{}", "header of 1048576 bytes");
  refuses(length_bytes(uint64_t{1} << 62) + "{}", "4611686018427387904");
  refuses(length_bytes(uint64_t{1} << 63) + "{}", "9223372036854775808");
  refuses(length_bytes(~uint64_t{0}) + "{}", "18446744073709551615");
  expect_error(ErrorKind::kSystem, {"gone"}, [&] { SafetensorsFile(folder / "gone"); });
}

TEST_F(SafetensorsTest, RefusesAHeaderThatIsNotAnObject) {
  for (const char* header : {"[]", "null", " {}", "\"{}\"", "7"})
    refuses(file_of(header, 0), "not a JSON object");
  for (const char* header : {"{", "{}}", "{\"a\":}", "{\"a\xff\":1}", "{\"a\":1,}"})
    refuses(file_of(header, 0), "not valid JSON");
  refuses(file_of(std::string("{}\0{", 4), 0), "not a JSON object");
  refuses(file_of("{\"a\":" + std::string(100000, '['), 0), "nested");
  refuses(file_of("{\"a\":1e999}", 0), "too large");
  refuses(file_of("{\"a\":{\"shape\":{\"b\":{\"c\":{}}}}}", 0), "nested");
}

TEST_F(SafetensorsTest, RefusesAHeaderAboveItsLimit) {
  const std::string header = "{}" + std::string(size_t{17} << 20, ' ');
  refuses(file_of(header, 0), "claims a header");
}

TEST_F(SafetensorsTest, RefusesEntriesThatAreNone) {
  refuses_entry(R"("a":7)", "dtype");
  refuses_entry(R"("a":{})", "dtype");
  refuses_entry(R"("a":{"dtype":5})", "dtype");
  refuses_entry(R"("a":{"dtype":"F32"})", "shape");
  refuses_entry(R"("a":{"dtype":"F32","shape":7})", "shape");
  refuses_entry(R"("a":{"dtype":"F32","shape":[2]})", "data_offsets");
  refuses_entry(entry("a", "F32", "[2]", "[0]"), "data_offsets");
  refuses_entry(entry("a", "F32", "[2]", "[0,8,8]"), "data_offsets");
  refuses_entry(entry("a", "float32", "[2]", "[0,8]"), "float32");
  refuses_entry(entry("a", "", "[2]", "[0,8]"), "dtype");
}

TEST_F(SafetensorsTest, RefusesNumbersThatAreNoSizes) {
  refuses_entry(entry("a", "F32", "[-2]", "[0,8]"), "-2");
  refuses_entry(entry("a", "F32", "[2.0]", "[0,8]"), "2.0");
  refuses_entry(entry("a", "F32", "[\"2\"]", "[0,8]"), "\"2\"");
  refuses_entry(entry("a", "F32", "[null]", "[0,8]"), "null");
  refuses_entry(entry("a", "F32", "[18446744073709551615]", "[0,8]"), "18446744073709551615");
  refuses_entry(entry("a", "F32", "[2]", "[-8,0]"), "-8");
  refuses_entry(entry("a", "F32", "[2]", "[0,1e3]"), "data_offsets");
}

TEST_F(SafetensorsTest, RefusesShapesThatOverflow) {
  refuses_entry(entry("a", "F32", "[4611686018427387904,4]", "[0,8]"), "impossible shape");
  refuses_entry(entry("a", "U8", "[4294967296,4294967296]", "[0,0]"), "impossible shape");
  refuses_entry(entry("a", "F32", "[2305843009213693952]", "[0,0]"), "impossible shape");
  refuses_entry(entry("a", "F32", "[4294967296,1073741824]", "[0,0]"), "impossible shape");
  refuses_entry(entry("a", "F4", "[3]", "[0,1]"), "whole bytes");
}

TEST_F(SafetensorsTest, RefusesPlacesThatDoNotFit) {
  refuses_entry(entry("a", "F32", "[2]", "[8,16]"), "ends at byte 16 of 8");
  refuses_entry(entry("a", "F32", "[2]", "[8,0]"), "data_offsets");
  refuses_entry(entry("a", "F32", "[2]", "[0,4]"), "takes 8 bytes, but has 4");
  refuses_entry(entry("a", "F32", "[1]", "[0,8]"), "takes 4 bytes, but has 8");
  refuses_entry(entry("a", "F32", "[2]", "[9223372036854775800,9223372036854775807]"), "ends at");
  refuses_entry(entry("a", "F32", "[1]", "[0,4]"), "take 4 bytes, but its data has 8");
  refuses_entry(entry("a", "F32", "[1]", "[4,8]"), "hole");
  refuses_entry(entry("a", "F32", "[2]", "[0,8]") + "," + entry("b", "F32", "[1]", "[4,8]"),
                "overlap");
  refuses_entry(entry("a", "F32", "[2]", "[0,8]") + "," + entry("b", "F32", "[2]", "[0,8]"),
                "overlap");
  refuses(file_of("{}", 8), "take 0 bytes, but its data has 8");
}

TEST_F(SafetensorsTest, RefusesNamesThatStandTwice) {
  refuses_entry(entry("a", "F32", "[1]", "[0,4]") + "," + entry("a", "F32", "[1]", "[4,8]"),
                "'a' twice");
  refuses_entry(R"("a":{"dtype":"F32","dtype":"I64","shape":[2],"data_offsets":[0,8]})",
                "'dtype' twice");
}

TEST_F(SafetensorsTest, RefusesEveryShorterFile) {
  const std::vector<float> values = {1, 2, 3};
  const std::vector<TensorToWrite> tensors = {{"a", {3}, values}};
  write_safetensors(path, tensors);
  const std::string whole = get_file(path);
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_TRUE(error_of([&] { open(whole.substr(0, size)); }).has_value()) << size;
}

// Whichever byte is damaged, the file is either rejected or still consistent. It never causes a
// crash.
TEST_F(SafetensorsTest, SurvivesEveryDamagedByte) {
  const std::vector<float> values = {1, 2, 3};
  const std::vector<TensorToWrite> tensors = {{"a", {2}, std::span(values).first(2)},
                                              {"b", {1}, std::span(values).last(1)}};
  write_safetensors(path, tensors);
  const std::string whole = get_file(path);
  for (size_t i = 0; i < whole.size(); ++i) {
    for (const char damage : {'\0', '9', '"', '}', '\xff'}) {
      std::string bytes = whole;
      bytes[i] = damage;
      error_of([&] {
        const SafetensorsFile file = open(bytes);
        for (const auto& [name, tensor] : file.tensors()) EXPECT_LE(tensor.bytes, whole.size());
      });
    }
  }
}

}  // namespace
}  // namespace bertune
