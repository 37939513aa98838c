// SPDX-License-Identifier: Apache-2.0
// Selects the model for the subcommands evaluate, predict and export.
#pragma once

#include <string>

#include "bertune/options.h"

namespace bertune {

struct CheckpointFlags {
  std::string checkpoint = "last";
  std::string output_dir = "output";

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(Option{"checkpoint",
                   "last or best of the output folder; or a model by name, hub id or folder"},
            self.checkpoint);
    visitor(Option{"output_dir", "folder that training wrote its checkpoints to"}, self.output_dir);
  }
};

// The path or name of the model that the flags select.
std::string choose_model(const CheckpointFlags& flags);

}  // namespace bertune
