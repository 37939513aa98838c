// SPDX-License-Identifier: Apache-2.0
// Kills training processes at random moments, during steps, saves and pruning, resumes them, and
// compares each final result byte for byte with that of an undisturbed run.
// Usage: kill_and_resume ENDINGS [SEED]
#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <thread>

#include "base/stopwatch.h"
#include "crash/tiny_run.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

struct Kills {
  int64_t all = 0, in_steps = 0, in_saving = 0, in_pruning = 0;
};

// What a new folder's name reveals.
bool begins_saving(std::string_view name) {
  return name.find(".partial-") != name.npos && name.find(".old.") == name.npos;
}
bool begins_pruning(std::string_view name) { return name.find(".old.") != name.npos; }
bool is_saved(std::string_view name) { return name.starts_with("checkpoint-"); }

using Names = bool (*)(std::string_view name);

// Reports the entries that appear in a folder.
class FolderWatch {
 public:
  explicit FolderWatch(const fs::path& folder) : descriptor_(::inotify_init1(IN_CLOEXEC)) {
    if (::inotify_add_watch(descriptor_, folder.c_str(), IN_CREATE | IN_MOVED_TO) < 0)
      give_up("cannot watch " + folder.string());
  }
  ~FolderWatch() { ::close(descriptor_); }
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  // Waits for the `count`-th entry with such a name, or for the end of the program.
  void wait_for(Names wanted, int count, RunningProgram& program) const {
    while (count > 0 && program.is_running()) {
      pollfd ready{.fd = descriptor_, .events = POLLIN, .revents = 0};
      if (::poll(&ready, 1, 5) > 0) count -= read_names(wanted);
    }
  }

 private:
  int read_names(Names wanted) const {
    alignas(inotify_event) char buffer[4096];
    const ssize_t size = ::read(descriptor_, buffer, sizeof(buffer));
    int found = 0;
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      if (event->len > 0 && wanted(event->name)) ++found;
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
    return found;
  }

  int descriptor_;
};

class Killer {
 public:
  Killer(const TinyRun& run, uint64_t seed, double seconds)
      : run_(run), random_(seed), seconds_(seconds) {}

  const Kills& kills() const { return kills_; }

  // Starts or resumes the run and kills it. False: it ended first.
  bool kill_once(const std::string& name) {
    fs::create_directories(run_.output(name));
    const FolderWatch watch(run_.output(name));
    RunningProgram program(run_.command(name));
    wait_for_a_moment(watch, program);
    program.send(SIGKILL);
    const ProgramResult result = program.wait();
    if (result.exit_code > 0) give_up("the run failed by itself", result.err);
    if (result.exit_code == 0) return false;
    count(name);
    return true;
  }

  int between(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }

 private:
  void wait_for_a_moment(const FolderWatch& watch, RunningProgram& program) {
    const auto sleep = [&](double seconds) {
      const double part = std::uniform_real_distribution(0.0, 1.0)(random_);
      std::this_thread::sleep_for(std::chrono::duration<double>(part * seconds));
    };
    switch (between(0, 3)) {
      case 0:
        return sleep(seconds_);
      case 1:
        watch.wait_for(is_saved, between(1, 8), program);
        return sleep(0.004);
      case 2:
        watch.wait_for(begins_saving, between(1, 9), program);
        return sleep(seconds_ / 40);
      default:
        watch.wait_for(begins_pruning, between(1, 6), program);
    }
  }

  // The remains of a killed run show what it was doing.
  void count(const std::string& name) {
    ++kills_.all;
    bool saving = false, pruning = false;
    for (const std::string& entry : names_in(run_.output(name))) {
      pruning = pruning || begins_pruning(entry);
      saving = saving || begins_saving(entry);
    }
    ++(pruning ? kills_.in_pruning : saving ? kills_.in_saving : kills_.in_steps);
  }

  const TinyRun& run_;
  std::mt19937_64 random_;
  double seconds_;
  Kills kills_;
};

void run(int endings, uint64_t seed) {
  const TinyRun tiny({.epochs = 120, .save_steps = 40, .keep = 2, .eval_steps = 15});
  const Stopwatch stopwatch;
  tiny.run_to_the_end("undisturbed");
  Killer killer(tiny, seed, stopwatch.seconds());
  for (int ending = 0; ending < endings; ++ending) {
    const std::string name = fmt::format("run-{}", ending);
    const int64_t before = killer.kills().all;
    for (int kills = killer.between(1, 3); kills > 0; --kills) {
      if (!killer.kill_once(name)) break;
    }
    if (killer.kills().all == before) {  // it ended too quickly: try again
      fs::remove_all(tiny.output(name));
      --ending;
      continue;
    }
    tiny.run_to_the_end(name);
    tiny.require_same_end(name, "undisturbed");
    fs::remove_all(tiny.output(name));
  }
  const Kills& kills = killer.kills();
  fmt::print(
      "{} kills: {} in steps, {} while saving, {} while pruning; {} of {} endings identical\n",
      kills.all, kills.in_steps, kills.in_saving, kills.in_pruning, endings, endings);
}

}  // namespace
}  // namespace bertune

int main(int argc, char** argv) {
  try {
    bertune::run(argc > 1 ? std::atoi(argv[1]) : 10,
                 argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "kill_and_resume: {}\n", error.what());
    return 1;
  }
}
