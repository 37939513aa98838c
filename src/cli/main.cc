// SPDX-License-Identifier: Apache-2.0
// The program: parses the command line, calls the library and prints. Exit code: 0 for success, 2
// for a usage error, 128 + N if signal N stopped training, 1 for any other error.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "bertune/error.h"
#include "cli/bench.h"
#include "cli/evaluate.h"
#include "cli/export.h"
#include "cli/flags.h"
#include "cli/models.h"
#include "cli/predict.h"
#include "cli/spelling.h"
#include "cli/tasks.h"
#include "cli/tokenize.h"
#include "cli/train.h"
#include "console/terminal.h"

namespace bertune {
namespace {

constexpr const char* kVersion = "bertune " BERTUNE_VERSION;

void print_error(const Error& error) {
  print_message(fmt::format("error: {}\n", error.message(flag)));
  const std::string hint = error.hint(flag);
  if (!hint.empty()) print_message(fmt::format("hint: {}\n", hint));
}

int run(int argc, char** argv) {
  CLI::App app("Fine-tune, evaluate and run BERT on downstream tasks", "bertune");
  app.formatter(std::make_shared<FlagFormatter>());
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(0, 1);  // a missing subcommand is reported below, with our own message
  int exit_code = 0;
  add_train(app, std::vector<std::string>(argv, argv + argc), exit_code);
  add_evaluate(app);
  add_predict(app);
  add_export(app);
  add_tasks(app);
  add_tokenize(app);
  add_models(app);
  add_bench(app);
  try {
    app.parse(argc, argv);
    if (app.get_subcommands().empty()) {
      throw Error(ErrorKind::kUsage, "no subcommand is given",
                  "bertune --help lists the subcommands");
    }
    return exit_code;
  } catch (const CLI::Success& success) {  // --help and --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    print_error(
        Error(ErrorKind::kUsage, error.what(),
              "bertune --help lists the subcommands, bertune SUBCOMMAND --help its options"));
    return 2;
  } catch (const Error& error) {
    print_error(error);
    return error.kind() == ErrorKind::kUsage ? 2 : 1;
  } catch (const std::bad_alloc&) {
    print_error(Error(ErrorKind::kSystem, "the machine does not have enough memory for this",
                      fmt::format("lower {}, {} or {}", option("token_budget"),
                                  option("batch_size"), option("max_seq_length"))));
    return 1;
  } catch (const std::exception& error) {
    print_error(Error(ErrorKind::kInternal, error.what(),
                      "this is a bug in bertune; please report it with the command that led here"));
    return 1;
  }
}

// Files are memory-mapped. If one is truncated while it is read, the kernel raises SIGBUS.
void end_without_file(int) {
  constexpr std::string_view kText =
      "error: a file became shorter while it was read, or its disk failed\n"
      "hint: do not write to files that are in use; check the disk\n";
  [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, kText.data(), kText.size());
  ::_exit(1);
}

}  // namespace
}  // namespace bertune

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // so that a write beyond ulimit -f fails with an error
  std::signal(SIGBUS, bertune::end_without_file);
  return bertune::run(argc, argv);
}
