// SPDX-License-Identifier: Apache-2.0
// A predictions file for `evaluate --score`.
#include "fuzz/fuzz.h"
#include "tasks/question_answering/prediction_files.h"
#include "text/utf8.h"

namespace bertune {

void fuzz(std::string_view input) {
  for (const auto& [id, text] : read_predictions(put_input("predictions.json", input)))
    CHECK(is_valid_utf8(id) && is_valid_utf8(text));
}

}  // namespace bertune
