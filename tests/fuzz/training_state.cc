// SPDX-License-Identifier: Apache-2.0
// training_state.json of a checkpoint.
#include "formats/checkpoint/run_folder.h"
#include "fuzz/fuzz.h"

namespace bertune {

void fuzz(std::string_view input) {
  put_input("training_state.json", input);
  const TrainingState state = read_training_state(scratch_folder());
  CHECK(state.step >= 0 && state.epoch >= 0 && state.options.starts_with('{'));
}

}  // namespace bertune
