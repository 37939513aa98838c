// SPDX-License-Identifier: Apache-2.0
// How long it takes to open a safetensors file with many tensors, which should stay below half a
// second for 100,000. Usage: time_weights COUNT FOLDER; writes FOLDER/many.safetensors and prints
// the median of five in seconds.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <vector>

#include "formats/safetensors/file.h"
#include "formats/safetensors/weights.h"

namespace {

std::filesystem::path write_many(size_t count, const std::filesystem::path& folder) {
  const float value = 1.0f;
  std::vector<bertune::TensorToWrite> tensors;
  for (size_t i = 0; i < count; ++i) {
    tensors.push_back({fmt::format("bert.encoder.layer.{}.attention.self.query.weight", i),
                       {1, 1},
                       std::span(&value, 1)});
  }
  std::filesystem::path file = folder / "many.safetensors";
  bertune::write_safetensors(file, tensors);
  return file;
}

}  // namespace

int main(int, char** argv) {
  const std::filesystem::path file = write_many(std::strtoul(argv[1], nullptr, 10), argv[2]);
  std::array<double, 5> seconds{};
  for (double& taken : seconds) {
    const auto begin = std::chrono::steady_clock::now();
    const bertune::SafetensorsWeights weights({file});
    taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  std::sort(seconds.begin(), seconds.end());
  fmt::print("{:.3f}\n", seconds[seconds.size() / 2]);
}
