// Runs the real program in a second process and keeps what it printed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

#include "temporary_folder.h"

namespace bertune {

struct ProgramResult {
  int exit_code = -1;  // -1: ended by a signal
  std::string out, err;
};

// `prepare` runs in the child before the program starts: limits, for example.
inline ProgramResult run_program(const std::vector<std::string>& arguments,
                                 const std::string& input = {},
                                 const std::function<void()>& prepare = {}) {
  const TemporaryFolder folder;
  const std::string in = put_file(folder / "in", input).string();
  const std::string out = (folder / "out").string(), err = (folder / "err").string();
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(::open(in.c_str(), O_RDONLY), STDIN_FILENO);
    ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
    ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
    if (prepare) prepare();
    std::vector<char*> argv{const_cast<char*>(BERTUNE_PROGRAM)};
    for (const std::string& argument : arguments)
      argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    ::execv(BERTUNE_PROGRAM, argv.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, get_file(out), get_file(err)};
}

}  // namespace bertune
