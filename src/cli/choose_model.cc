// SPDX-License-Identifier: Apache-2.0
#include "cli/choose_model.h"

#include "bertune/models.h"

namespace bertune {

std::string choose_model(const CheckpointFlags& flags) {
  const bool of_a_run = flags.checkpoint == "last" || flags.checkpoint == "best";
  if (!of_a_run) return flags.checkpoint;
  return find_checkpoint(flags.output_dir, flags.checkpoint).string();
}

}  // namespace bertune
