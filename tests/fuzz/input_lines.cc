// SPDX-License-Identifier: Apache-2.0
// JSON lines for `bertune predict`.
#include "fuzz/fuzz.h"
#include "predict/inputs_json.h"
#include "tasks/tasks.h"

namespace bertune {

void fuzz(std::string_view input) {
  static const std::unique_ptr<Task> task = make_task("question_answering");
  InputLines lines(put_input("inputs.jsonl", input).string(), *task);
  while (!lines.next(2).empty()) continue;
}

}  // namespace bertune
