// SPDX-License-Identifier: Apache-2.0
// Runs the real program in a second process and captures its output.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "temporary_folder.h"

namespace bertune {

struct ProgramResult {
  int exit_code = -1;  // -1: ended by a signal
  std::string out, err;
  int64_t peak_bytes = 0;  // of memory; at least this process's memory when it started the program
};

// A running program. `prepare` runs in the child before the program starts, for example to set
// limits.
class RunningProgram {
 public:
  explicit RunningProgram(const std::vector<std::string>& arguments, const std::string& input = {},
                          const std::function<void()>& prepare = {}) {
    const std::string in = put_file(folder_ / "in", input).string();
    child_ = ::fork();
    if (child_ != 0) return;
    ::dup2(::open(in.c_str(), O_RDONLY), STDIN_FILENO);
    ::dup2(::open(path("out").c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
    ::dup2(::open(path("err").c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
    // Reset because a shell starts background jobs with the one signal ignored, and nohup with the
    // other.
    for (const int signal : {SIGINT, SIGHUP}) ::signal(signal, SIG_DFL);
    if (prepare) prepare();
    std::vector<char*> argv{const_cast<char*>(BERTUNE_PROGRAM)};
    for (const std::string& argument : arguments)
      argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    ::execv(BERTUNE_PROGRAM, argv.data());
    ::_exit(127);
  }
  ~RunningProgram() {
    if (child_ > 0) ::kill(child_, SIGKILL);
    wait();
  }
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  pid_t id() const { return child_; }
  // Does nothing once the program has ended: signalling process 0 would reach this process and its
  // group.
  void send(int signal) const {
    if (child_ > 0) ::kill(child_, signal);
  }

  bool is_running() {
    if (child_ > 0 && ::wait4(child_, &status_, WNOHANG, &usage_) == child_) child_ = 0;
    return child_ > 0;
  }

  std::string err_so_far() const { return get_file(path("err")); }

  ProgramResult wait() {
    if (child_ > 0) ::wait4(child_, &status_, 0, &usage_);
    child_ = 0;
    return {WIFEXITED(status_) ? WEXITSTATUS(status_) : -1, get_file(path("out")),
            get_file(path("err")), int64_t{usage_.ru_maxrss} * 1024};
  }

 private:
  std::string path(const char* name) const { return (folder_ / name).string(); }

  TemporaryFolder folder_;
  pid_t child_ = 0;
  int status_ = 0;
  struct rusage usage_ = {};
};

inline ProgramResult run_program(const std::vector<std::string>& arguments,
                                 const std::string& input = {},
                                 const std::function<void()>& prepare = {}) {
  return RunningProgram(arguments, input, prepare).wait();
}

}  // namespace bertune
