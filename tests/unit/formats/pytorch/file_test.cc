// SPDX-License-Identifier: Apache-2.0
// Files of torch.save: tensors of every type and form have PyTorch's own values, and nothing but a
// state dict is accepted. tools/make_pytorch_weights.py makes the files.
#include "formats/pytorch/file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "expect_error.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

const fs::path kFiles = std::string(BERTUNE_TEST_DATA) + "/pytorch";
const fs::path kAttacks = std::string(BERTUNE_TEST_DATA) + "/fuzz/pytorch";

std::vector<float> read_all(const PyTorchFile& file, const std::string& name) {
  std::vector<float> values(static_cast<size_t>(file.tensors().at(name).size));
  file.read(name, 0, values);
  return values;
}

bool is_float(const std::string& dtype) {
  return std::set<std::string>{"F64", "F32", "F16", "BF16"}.contains(dtype);
}

class PyTorchForms : public testing::TestWithParam<const char*> {
 protected:
  const PyTorchFile file{kFiles / GetParam()};
  const nlohmann::json expected = nlohmann::json::parse(std::ifstream(kFiles / "expected.json"));
};

TEST_P(PyTorchForms, HaveTheShapesAndValuesOfPyTorch) {
  EXPECT_EQ(file.tensors().size(), expected.size());
  size_t compared = 0;
  for (const auto& [name, tensor] : file.tensors()) {
    EXPECT_EQ(tensor.shape, expected.at(name).at("shape").get<std::vector<int64_t>>()) << name;
    if (!is_float(tensor.dtype)) continue;
    EXPECT_EQ(read_all(file, name), expected.at(name).at("values").get<std::vector<float>>())
        << name;
    ++compared;
  }
  EXPECT_EQ(compared, expected.size() - 3);
}

TEST_P(PyTorchForms, CanBeReadInParts) {
  for (const auto& [name, tensor] : file.tensors()) {
    if (!is_float(tensor.dtype)) continue;
    const std::vector<float> whole = read_all(file, name);
    for (size_t first = 0; first < whole.size(); ++first) {
      std::vector<float> part((whole.size() - first + 1) / 2);
      file.read(name, first, part);
      EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + static_cast<long>(first)))
          << name << " from " << first;
    }
  }
}

TEST_P(PyTorchForms, IntegersAreListedButNotReadAsWeights) {
  EXPECT_EQ(file.tensors().at("position_ids").dtype, "I64");
  EXPECT_EQ(file.tensors().at("flags").dtype, "BOOL");
  std::vector<float> values(2);
  expect_error(ErrorKind::kInput, {GetParam(), "flags", "BOOL", "F32"},
               [&] { file.read("flags", 0, values); });
  expect_error(ErrorKind::kInput, {GetParam(), "nothing"},
               [&] { file.read("nothing", 0, values); });
}

TEST_P(PyTorchForms, EveryCutIsAnError) {
  const std::string bytes = get_file(kFiles / GetParam());
  TemporaryFolder folder;
  for (size_t length = 0; length < bytes.size(); length += 31) {
    const fs::path path = put_file(folder / "cut.bin", bytes.substr(0, length));
    expect_error(ErrorKind::kInput, {"cut.bin"}, [&] { PyTorchFile cut(path); });
  }
}

INSTANTIATE_TEST_SUITE_P(All, PyTorchForms, testing::Values("zip.bin", "protocol4.bin", "old.bin"),
                         [](const auto& form) {
                           return std::string(form.param, std::strchr(form.param, '.'));
                         });

// What the message about each file of the corpus contains; empty: the file is read.
const std::map<std::string, std::string> kMessages = {
    {"zip", ""},
    {"protocol4", ""},
    {"old", ""},
    {"good_archive", ""},
    {"good_sequence", ""},
    {"comment", ""},
    {"empty_far_away", "outside its storage"},
    {"repeated_shape", ""},
    {"python2_names", ""},
    {"old_function", ""},
    {"old_part", ""},
    {"old_part_none", ""},
    {"os_system", "'posix.system' at byte"},
    {"builtins_eval", "'__builtin__.eval' at byte"},
    {"plain_pickle", "'posix.system' at byte"},
    {"plain_numbers", "not written by torch.save"},
    {"old_os_system", "'posix.system' at byte"},
    {"stack_global", "'posix.system' at byte"},
    {"stack_global_memo", "'posix.system' at byte"},
    {"stack_global_recalled", "'posix.system' at byte"},
    {"dotted_name", "torch._utils.os.system"},
    {"not_utf8_name", "system' at byte"},
    {"inst", "'posix.system' at byte"},
    {"inst_allowed", "opcode 0x69"},
    {"new_object", "opcode 0x81"},
    {"extension", "opcode 0x82"},
    {"build_storage", "another type"},
    {"called_storage", "is a call of torch.FloatStorage"},
    {"memo_bomb", "no state dict"},
    {"arguments_bomb", "no state dict"},
    {"itself", "no tensors"},
    {"deep", "no state dict"},
    {"marks", "stack is empty"},
    {"huge_text", "ends too early"},
    {"huge_frame", "ends too early"},
    {"unknown_memo", "memo 7"},
    {"empty_stack", "stack is empty"},
    {"key_without_value", "no value"},
    {"protocol_9", "protocol 9"},
    {"not_a_dict", "no state dict"},
    {"no_tensors", "only the keys epoch, model"},
    {"huge_storage", "9223372036854775807 elements"},
    {"long_storage", "argument 4"},
    {"negative_storage", "-2 elements"},
    {"huge_shape", "outside its storage"},
    {"outside", "outside its storage of 2 elements"},
    {"before", "outside its storage"},
    {"huge_stride", "outside its storage"},
    {"negative_stride", "integers >= 0"},
    {"strides_missing", "stride too few"},
    {"two_types", "another type or size"},
    {"name_twice", "'a' occurs twice"},
    {"no_storage", "no entry for storage '1'"},
    {"storage_short", "has 4 bytes, but its 2 elements take 8"},
    {"storage_long", "has 16 bytes"},
    {"storage_elsewhere", "no entry for storage '../data.pkl'"},
    {"parameter_of_itself", "is a call of torch._utils._rebuild_parameter"},
    {"old_huge_storage", "2305843009213693952 elements"},
    {"old_part_outside", "part outside its storage"},
    {"old_part_short", "outside its storage of 1 elements"},
    {"old_other_size", "has 3 elements, but its tensors need 2"},
    {"old_cut", "ends before storage '0' does"},
    {"old_key_twice", "storage '0' twice"},
    {"old_key_unused", "no tensor uses storage '1'"},
    {"old_key_missing", "no storage '0'"},
    {"compressed", "compressed (method 8)"},
    {"encrypted", "encrypted"},
    {"entry_twice", "occurs twice"},
    {"entries_overlap", "another header"},
    {"same_place", "another header"},
    {"entry_grown", "entries overlap"},
    {"other_name", "another header"},
    {"two_pickles", "several entries data.pkl"},
    {"no_pickle", "no entry data.pkl"},
    {"torch_script", "TorchScript"},
    {"big_endian", "little-endian"},
    {"entry_outside", "do not fit"},
    {"many_entries", "65535 entries"},
    {"directory_outside", "directory is outside"},
    {"wide_outside", "entry is outside"},
    {"no_end", "no end record"},
    {"cut", "no end record"},
    {"only_start", "no end record"},
    {"other_file", "neither like a zip"},
};

TEST(PyTorchAttacks, EachIsRefusedWithTheReason) {
  for (const std::string& name : names_in(kAttacks)) {
    ASSERT_TRUE(kMessages.contains(name)) << name;
    const std::string& part = kMessages.at(name);
    if (part.empty()) {
      EXPECT_FALSE(PyTorchFile(kAttacks / name).tensors().empty()) << name;
      continue;
    }
    const std::optional<Error> error = error_of([&] { PyTorchFile file(kAttacks / name); });
    ASSERT_TRUE(error) << name;
    EXPECT_EQ(error->kind(), ErrorKind::kInput) << name;
    EXPECT_NE(error->message().find(part), std::string::npos) << name << ": " << error->message();
    EXPECT_NE(error->message().find((kAttacks / name).string()), std::string::npos) << name;
    EXPECT_FALSE(error->hint().empty()) << name;
  }
  EXPECT_EQ(names_in(kAttacks).size(), kMessages.size());
}

TEST(PyTorchAttacks, APartOfAStorageBeginsWhereItSays) {
  const PyTorchFile file(kAttacks / "old_part");
  EXPECT_EQ(read_all(file, "a"), (std::vector<float>{2, 3}));
}

TEST(PyTorchAttacks, NamesOfPython2AreNames) {
  const PyTorchFile file(kAttacks / "python2_names");
  EXPECT_TRUE(file.tensors().contains("a") && file.tensors().contains("b"));
}

TEST(PyTorchAttacks, ARepeatedElementTakesNoMemory) {
  const PyTorchFile file(kAttacks / "repeated_shape");
  EXPECT_EQ(file.tensors().at("a").size, int64_t{1} << 62);
  std::vector<float> values(3, 1.0f);
  file.read("a", size_t{1} << 61, values);
  EXPECT_EQ(values, std::vector<float>(3, 0.0f));
}

}  // namespace
}  // namespace bertune
