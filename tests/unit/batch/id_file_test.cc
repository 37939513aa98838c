// SPDX-License-Identifier: Apache-2.0
// Windows whose tokens are on disk equal those in memory.
#include "batch/id_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <string>

#include "batch/batch.h"
#include "batch/window_fingerprint.h"
#include "bertune/error.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

using Numbers = std::vector<int32_t>;

// Window w has the w % 7 + 1 tokens w, w + 1, ...
Numbers ids_of(int32_t window) {
  Numbers ids(static_cast<size_t>(window % 7 + 1));
  std::iota(ids.begin(), ids.end(), window);
  return ids;
}

TEST(IdFile, GivesBackEachWindow) {
  constexpr int32_t kWindows = 100000;  // more than one write
  IdFile file;
  for (int32_t w = 0; w < kWindows; ++w) file.append(ids_of(w));
  file.finish();
  for (int32_t w = kWindows - 1; w >= 0; w -= 997) {
    Numbers ids(ids_of(w).size());
    file.read(w, ids);
    ASSERT_EQ(ids, ids_of(w)) << w;
  }
}

TEST(IdFile, LeavesNothingBehind) {
  const TemporaryFolder folder;
  ::setenv("TMPDIR", folder.path().c_str(), 1);
  IdFile file;
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  ::setenv("TMPDIR", (folder.path() / "missing").c_str(), 1);
  try {
    const IdFile nowhere;
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kSystem);
    EXPECT_NE(error.message().find("missing"), std::string::npos) << error.message();
  }
  ::unsetenv("TMPDIR");
}

TEST(IdFile, ChangesNeitherBatchesNorFingerprint) {
  WindowSet in_memory{.special = {.cls = 101, .sep = 102}};
  WindowSet on_disk = in_memory;
  const auto ids = std::make_shared<IdFile>();
  for (int32_t w = 0; w < 5; ++w) {
    std::vector<Token>& text = in_memory.texts.emplace_back();
    for (const int32_t id : ids_of(w)) text.push_back({id, 0, 0});
    ids->append(ids_of(w));
    in_memory.windows.push_back(
        {.example = w, .first = w, .first_length = static_cast<int32_t>(text.size())});
  }
  ids->finish();
  on_disk.windows = in_memory.windows;
  on_disk.id_file = ids;
  EXPECT_EQ(fingerprint_of(on_disk), fingerprint_of(in_memory));
  Batch expected, batch;
  const Numbers order = {3, 0, 4};
  pack(in_memory, order, expected);
  pack(on_disk, order, batch);
  EXPECT_EQ(batch.ids, expected.ids);
  EXPECT_EQ(batch.offsets, expected.offsets);
  EXPECT_EQ(batch.types, expected.types);
}

}  // namespace
}  // namespace bertune
