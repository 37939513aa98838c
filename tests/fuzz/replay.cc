// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target without a fuzzer, as an ordinary test: on every file of the given folders and
// on prefixes of each, because truncation is the most common damage.
// Usage: fuzz_NAME FILE_OR_FOLDER...
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "temporary_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> list_files(const fs::path& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// The bytes are copied for each length, so that the allocation ends where the input does.
void run(const std::string& input, size_t length) {
  const std::vector<uint8_t> bytes(input.begin(), input.begin() + static_cast<long>(length));
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

void replay(const fs::path& path) {
  constexpr size_t kCuts = 32;
  std::fprintf(stderr, "%s\n", path.c_str());
  const std::string input = bertune::get_file(path);
  run(input, input.size());
  for (size_t cut = 0; cut < std::min(kCuts, input.size()); ++cut)
    run(input, input.size() * cut / std::min(kCuts, input.size()));
}

}  // namespace

int main(int count, char** arguments) {
  size_t replayed = 0;
  for (int i = 1; i < count; ++i) {
    for (const fs::path& file : list_files(arguments[i])) {
      replay(file);
      ++replayed;
    }
  }
  std::printf("replayed %zu files\n", replayed);
  return replayed > 0 ? 0 : 1;
}
