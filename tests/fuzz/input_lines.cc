// JSON lines for `bertune predict`. SPDX-License-Identifier: Apache-2.0
#include "predict/inputs_json.h"

#include "fuzz/fuzz.h"

namespace bertune {

void fuzz(std::string_view input) {
  static const std::unique_ptr<Task> task = make_task("question_answering");
  InputLines lines(put_input("inputs.jsonl", input).string(), *task);
  while (!lines.next(2).empty()) continue;
}

}  // namespace bertune
