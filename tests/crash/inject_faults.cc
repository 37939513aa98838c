// SPDX-License-Identifier: Apache-2.0
// Makes every call of a save to the disk fail in turn (full disk, input/output error, short write),
// or kills the process before it. Each time the program must print an error, and the run must
// resume from its last checkpoint and end exactly as an undisturbed one.
// Usage: inject_faults [EVERY]   only every EVERY-th call
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "crash/tiny_run.h"
#include "train_with_recipe.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kStoppedAt = 4;  // of 6 steps, with checkpoints 2 and 4: the next save prunes

struct Outcomes {
  int64_t faults = 0, failed = 0, kept = 0, killed = 0, unharmed = 0;
};

class Injector {
 public:
  explicit Injector(int64_t every)
      : tiny_({.epochs = 2, .save_steps = 2, .keep = 2}), every_(every) {
    tiny_.run_to_the_end("undisturbed");
    int64_t step = 0;
    train_with_recipe(tiny_.options("stopped"), {.stop = [&] { return ++step == kStoppedAt; }});
  }

  // Makes every call fail in turn, until a run has no such call.
  Outcomes inject(const std::string& kind) const {
    Outcomes outcomes;
    for (int64_t call = 1;; call += every_) {
      const std::string name = fmt::format("{}-{}", kind, call);
      fs::copy(tiny_.output("stopped"), tiny_.output(name), fs::copy_options::recursive);
      const ProgramResult result = run_with_fault(name, fmt::format("{}:{}", kind, call));
      if (result.err.find("fault: ") == result.err.npos) return outcomes;
      judge(kind, result, outcomes);
      require_that_it_goes_on(name);
      fs::remove_all(tiny_.output(name));
    }
  }

 private:
  ProgramResult run_with_fault(const std::string& name, const std::string& fault) const {
    return run_program(tiny_.command(name), {}, [&] {
      ::setenv("LD_PRELOAD", BERTUNE_FAULTS, 1);
      ::setenv("BERTUNE_FAULT", fault.c_str(), 1);
      ::setenv("BERTUNE_FAULT_FOLDER", tiny_.output(name).c_str(), 1);
    });
  }

  // A fault ends the run with an error. The error comes at the end if no checkpoint is affected: an
  // old checkpoint remains, or the log lacks lines. Half a write is not a fault, because the
  // program writes the rest.
  static void judge(const std::string& kind, const ProgramResult& result, Outcomes& outcomes) {
    const auto says = [&](const char* part) { return result.err.find(part) != result.err.npos; };
    ++outcomes.faults;
    if (kind == "kill" && result.exit_code == -1) {
      ++outcomes.killed;
    } else if (result.exit_code == 1 && says("error: training is over and saved") &&
               says("hint: ")) {
      ++outcomes.kept;
    } else if (result.exit_code == 1 && says("error: ") && says("hint: ")) {
      ++outcomes.failed;
    } else if (result.exit_code == 0 && kind == "half") {
      ++outcomes.unharmed;
    } else {
      give_up(fmt::format("exit code {} after a fault", result.exit_code), result.err);
    }
  }

  void require_that_it_goes_on(const std::string& name) const {
    const auto last = last_checkpoint(tiny_.output(name));
    if (!last || read_training_state(*last).step < kStoppedAt)
      give_up("the last checkpoint of '" + name + "' is missing");
    tiny_.run_to_the_end(name);
    tiny_.require_same_end(name, "undisturbed");
  }

  TinyRun tiny_;
  int64_t every_;
};

void run(int64_t every) {
  const Injector injector(every);
  for (const char* kind : {"eio", "enospc", "short", "half", "kill"}) {
    const Outcomes o = injector.inject(kind);
    if (o.faults == 0) give_up(fmt::format("no call fails with {}", kind), "is it preloaded?");
    fmt::print(
        "{}: {} calls; {} stopped with an error, {} ended with one, {} killed, {} unharmed; all "
        "resumed to the same end\n",
        kind, o.faults, o.failed, o.kept, o.killed, o.unharmed);
  }
}

}  // namespace
}  // namespace bertune

int main(int argc, char** argv) {
  try {
    bertune::run(argc > 1 ? std::atoll(argv[1]) : 1);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "inject_faults: {}\n", error.what());
    return 1;
  }
}
