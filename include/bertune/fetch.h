// SPDX-License-Identifier: Apache-2.0
// Progress reports while a model given by name is downloaded from the hub.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace bertune {

struct FetchProgress {
  std::string model;     // hub id
  std::string file;      // the file being downloaded
  int64_t bytes = 0;     // on disk so far, of all files
  int64_t total = 0;     // of all files whose length is known
  int64_t received = 0;  // bytes received in this call; the rest was on disk from an earlier one

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("model", self.model);
    visitor("file", self.file);
    visitor("bytes", self.bytes);
    visitor("total", self.total);
    visitor("received", self.received);
  }
};

// Called on the calling thread whenever bytes arrive; after the last ones, bytes == total. An
// exception it throws ends the download and propagates to the caller. The next download resumes it.
using FetchSink = std::function<void(const FetchProgress&)>;

// Draws a progress bar on standard error, if that is a terminal.
FetchSink console_fetching();

}  // namespace bertune
