// SPDX-License-Identifier: Apache-2.0
// An in-memory file system for a program under test. It is small, so that it can be filled, and can
// be made read-only. It is mounted in a user and mount namespace of its own, so it needs no
// privileges and only processes that enter the namespace see it.
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <string>

#include "temporary_folder.h"

namespace bertune {

class SmallDisk {
 public:
  // Mounts it at `folder`, which must exist.
  SmallDisk(std::filesystem::path folder, std::string size) : folder_(std::move(folder)) {
    hold_namespace();
    const std::string options = "size=" + size + ",mode=0755";
    is_there_ = is_there_ && inside([&] {
                  return ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, options.c_str()) == 0;
                });
  }
  ~SmallDisk() {
    if (holder_ <= 0) return;  // kill(-1) would signal every process
    ::kill(holder_, SIGKILL);
    ::waitpid(holder_, nullptr, 0);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // False if the system does not permit namespaces to users, as is common in containers.
  bool is_there() const { return is_there_; }

  bool make_read_only() const {
    return inside([&] {
      return ::mount(nullptr, folder_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0;
    });
  }

  // The folder as seen by processes outside the namespace, valid while the disk exists.
  std::filesystem::path seen() const {
    return "/proc/" + std::to_string(holder_) + "/root" + folder_.string();
  }

  // Makes the calling process enter the namespace. Pass it to RunningProgram as `prepare`.
  void enter() const {
    for (const char* name : {"user", "mnt"}) {
      const std::string path = "/proc/" + std::to_string(holder_) + "/ns/" + name;
      const int space = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
      if (space < 0 || ::setns(space, 0) != 0) ::_exit(126);
      ::close(space);
    }
  }

 private:
  // A process whose only purpose is to keep the namespaces alive.
  void hold_namespace() {
    int ready[2];
    if (::pipe(ready) != 0) throw std::runtime_error("cannot make a pipe");
    holder_ = ::fork();
    if (holder_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (unshare_all() && ::write(ready[1], "y", 1) == 1) ::pause();
      ::_exit(1);
    }
    ::close(ready[1]);
    char answer = 'n';
    is_there_ = holder_ > 0 && ::read(ready[0], &answer, 1) == 1;
    ::close(ready[0]);
  }

  static bool unshare_all() {
    const auto id_map = [](unsigned id) { return std::to_string(id) + " " + std::to_string(id); };
    const std::string users = id_map(::geteuid()) + " 1", groups = id_map(::getegid()) + " 1";
    return ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && tell("setgroups", "deny") &&
           tell("uid_map", users) && tell("gid_map", groups);
  }

  static bool tell(const char* name, const std::string& text) {
    const int file = ::open((std::string("/proc/self/") + name).c_str(), O_WRONLY);
    const bool told = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::close(file);
    return told;
  }

  // Runs `work` in a process that has entered the namespace.
  bool inside(const std::function<bool()>& work) const {
    const pid_t child = ::fork();
    if (child == 0) {
      enter();
      ::_exit(work() ? 0 : 1);
    }
    int status = 1;
    return ::waitpid(child, &status, 0) == child && status == 0;
  }

  std::filesystem::path folder_;
  pid_t holder_ = -1;
  bool is_there_ = false;
};

}  // namespace bertune
