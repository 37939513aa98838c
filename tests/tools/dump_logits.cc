// SPDX-License-Identifier: Apache-2.0
// Prints the logits of the windows of a SQuAD file, one JSON object per line, for
// tools/check_folder.py.
// Usage: dump_logits CHECKPOINT SQUAD_FILE fp32|bf16 EVERY
// Only every EVERY-th window is printed, but all of them pass through the model packed, as in
// evaluation.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>

#include "batch/batch.h"
#include "datasets/squad/reader.h"
#include "predict/loaded_model.h"
#include "tasks/question_answering/windows.h"

namespace bertune {
namespace {

void dump(const std::string& folder, const std::string& file, const std::string& precision,
          int32_t every) {
  LoadedModel model(open_checkpoint(folder), {.precision = precision});
  const TaskContext context = model.context();
  const SquadData data = SquadStream(file, Split::kEvaluate).read_all().data;
  const WindowSet set = make_windows(context.tokenizer, data, context.limits, QaTargets::kNone);
  const auto print = [&](int32_t window, std::span<const float> values) {
    if (window % every != 0) return;
    Batch batch;
    pack(set, std::span(&window, 1), batch);
    nlohmann::json logits = nlohmann::json::array();
    for (size_t i = 0; i < values.size(); i += 2) logits.push_back({values[i], values[i + 1]});
    const nlohmann::json line = {{"ids", batch.ids}, {"types", batch.types}, {"logits", logits}};
    fmt::print("{}\n", line.dump());
  };
  model.infer(set, print);
}

}  // namespace
}  // namespace bertune

int main(int argc, char** argv) {
  if (argc != 5) {
    fmt::print(stderr, "usage: dump_logits CHECKPOINT SQUAD_FILE fp32|bf16 EVERY\n");
    return 2;
  }
  try {
    bertune::dump(argv[1], argv[2], argv[3], std::stoi(argv[4]));
  } catch (const std::exception& error) {
    fmt::print(stderr, "dump_logits: {}\n", error.what());
    return 1;
  }
  return 0;
}
