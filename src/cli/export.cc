// SPDX-License-Identifier: Apache-2.0
#include "cli/export.h"

#include <fmt/format.h>

#include <memory>
#include <string_view>

#include "bertune/bertune.h"
#include "cli/choose_model.h"
#include "cli/flags.h"
#include "cli/print_result.h"

namespace bertune {
namespace {

struct ExportFlags {
  CheckpointFlags checkpoint;
  ExportRequest request;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    CheckpointFlags::visit(self.checkpoint, visitor);
    // The model is named by the checkpoint flags.
    ExportRequest::visit(self.request, [&](const Option& option, auto& value) {
      if (option.name != std::string_view("model")) visitor(option, value);
    });
  }
};

}  // namespace

void add_export(CLI::App& app) {
  CLI::App& subcommand = *app.add_subcommand("export", "write a model for other programs");
  auto flags = std::make_shared<ExportFlags>();
  bind_flags(subcommand, *flags);
  subcommand.callback([flags] {
    flags->request.model = choose_model(flags->checkpoint);
    print_result(
        fmt::format("exported: {}", export_model(flags->request, console_fetching()).string()));
  });
}

}  // namespace bertune
