// SPDX-License-Identifier: Apache-2.0
// Passes the input from libFuzzer's entry point, which replay.cc calls too, to the target.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "fuzz/fuzz.h"
#include "temporary_folder.h"

namespace bertune {

const std::filesystem::path& scratch_folder() {
  static const TemporaryFolder folder;
  return folder.path();
}

std::filesystem::path put_input(const std::string& name, std::string_view content) {
  return put_file(scratch_folder() / name, content);
}

}  // namespace bertune

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  try {
    bertune::accepts([&] { bertune::fuzz(input); });
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::abort();
  }
  return 0;
}
