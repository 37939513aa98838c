// SPDX-License-Identifier: Apache-2.0
// A preloaded library in which the n-th call that changes something below a folder fails or ends
// the process. BERTUNE_FAULT is KIND:N, BERTUNE_FAULT_FOLDER the folder; the fault is printed on
// standard error. Kinds: "eio" fails once; "enospc" fails this and all later calls that need space;
// "short" writes half, then acts as enospc; "half" writes half once, which is not a fault; "kill"
// raises SIGKILL before the call.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

struct Plan {
  std::string kind, folder;
  long at = 0;
};

const Plan& plan() {
  static const Plan made = [] {
    const char* fault = std::getenv("BERTUNE_FAULT");
    const char* folder = std::getenv("BERTUNE_FAULT_FOLDER");
    const char* colon = fault == nullptr ? nullptr : std::strchr(fault, ':');
    if (colon == nullptr || folder == nullptr) return Plan{};
    return Plan{std::string(fault, colon), folder, std::atol(colon + 1)};
  }();
  return made;
}

std::atomic<long> calls{0};
std::atomic<bool> full{false};

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

void tell(const char* call, const std::string& path) {
  char line[512];
  const int size = std::snprintf(line, sizeof(line), "fault: %s at %s %s\n", plan().kind.c_str(),
                                 call, path.c_str());
  ::syscall(SYS_write, STDERR_FILENO, line, size < 512 ? size : 511);
}

enum class Verdict { kGoOn, kFail, kHalf };

// Decides the fate of a call on `path`; sets errno for a failure.
Verdict judge(const char* call, const std::string& path, bool takes_room) {
  const Plan& p = plan();
  if (p.at == 0 || !path.starts_with(p.folder)) return Verdict::kGoOn;
  if (full && takes_room) {
    errno = ENOSPC;
    return Verdict::kFail;
  }
  const bool writes = std::strcmp(call, "write") == 0;
  const bool wants_write = p.kind == "short" || p.kind == "half";
  if ((wants_write && !writes) || (p.kind == "enospc" && !takes_room)) return Verdict::kGoOn;
  if (++calls != p.at) return Verdict::kGoOn;
  tell(call, path);
  if (p.kind == "kill") ::raise(SIGKILL);
  if (p.kind == "half") return Verdict::kHalf;
  full = p.kind == "enospc" || p.kind == "short";
  if (p.kind == "short") return Verdict::kHalf;
  errno = full ? ENOSPC : EIO;
  return Verdict::kFail;
}

bool fails(const char* call, const std::string& path, bool takes_room) {
  return judge(call, path, takes_room) == Verdict::kFail;
}

// The file behind a descriptor that is open for writing; empty for other descriptors.
std::string written_file(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) return {};
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = ::readlink(link.c_str(), path, sizeof(path));
  const std::string name(path, size > 0 ? static_cast<size_t>(size) : 0);
  return name.ends_with(" (deleted)") ? std::string() : name;  // unlinked files do not count
}

std::string absolute(int folder, const char* path) {
  if (path[0] == '/' || folder == AT_FDCWD) return path;
  char base[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(folder);
  const ssize_t size = ::readlink(link.c_str(), base, sizeof(base));
  return size > 0 ? std::string(base, static_cast<size_t>(size)) + "/" + path : path;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  if ((flags & O_CREAT) != 0 && fails("open", path, true)) return -1;
  static auto* const real = next<int(const char*, int, mode_t)>("open");
  return real(path, flags, mode);
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
  switch (judge("write", written_file(descriptor), true)) {
    case Verdict::kGoOn:
      return real(descriptor, bytes, size);
    case Verdict::kHalf:
      return real(descriptor, bytes, (size + 1) / 2);
    case Verdict::kFail:
      return -1;
  }
  return -1;
}

int fsync(int descriptor) {
  if (fails("fsync", absolute(descriptor, "."), true)) return -1;
  static auto* const real = next<int(int)>("fsync");
  return real(descriptor);
}

int close(int descriptor) {
  static auto* const real = next<int(int)>("close");
  const bool failed = fails("close", written_file(descriptor), false);
  const int code = errno;
  const int result = real(descriptor);
  if (!failed) return result;
  errno = code;
  return -1;
}

int mkdir(const char* path, mode_t mode) {
  if (fails("mkdir", path, true)) return -1;
  static auto* const real = next<int(const char*, mode_t)>("mkdir");
  return real(path, mode);
}

int rename(const char* from, const char* to) {
  if (fails("rename", to, true)) return -1;
  static auto* const real = next<int(const char*, const char*)>("rename");
  return real(from, to);
}

int unlinkat(int folder, const char* path, int flags) {
  if (fails("unlinkat", absolute(folder, path), false)) return -1;
  static auto* const real = next<int(int, const char*, int)>("unlinkat");
  return real(folder, path, flags);
}

}  // extern "C"
