// SPDX-License-Identifier: Apache-2.0
// What is told while a model that was given by name comes from the hub.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace bertune {

struct FetchProgress {
  std::string model;     // hub id
  std::string file;      // the one that is being fetched
  int64_t bytes = 0;     // of all files, on the disk so far
  int64_t total = 0;     // of all files whose length is known
  int64_t received = 0;  // what has come in this call; the rest was there from an earlier one

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("model", self.model);
    visitor("file", self.file);
    visitor("bytes", self.bytes);
    visitor("total", self.total);
    visitor("received", self.received);
  }
};

// Called on the calling thread whenever bytes have come; after the last ones bytes == total. What
// it throws ends the transfer, which goes on from there the next time, and reaches the caller.
using FetchSink = std::function<void(const FetchProgress&)>;

// A bar on standard error, refreshed; nothing where that is no terminal.
FetchSink console_fetching();

}  // namespace bertune
