// SPDX-License-Identifier: Apache-2.0
// A model on the hub as seen over HTTP: its files, their sizes and hashes, and their bytes. Follows
// redirects but sends the token only to the hub's own host. Turns permanent faults into an Error
// with a hint.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "hub/http.h"
#include "hub/settings.h"

namespace bertune {

struct RemoteFile {
  std::string name;
  std::string hash;             // 64 hex digits: SHA-256; 40: git blob hash
  std::optional<int64_t> size;  // in bytes; empty: not announced
};

// Receives the bytes of a file; see HttpRequest.
struct ByteSink {
  std::function<bool(const HttpResponse&)> started;
  std::function<bool(std::string_view)> body;
};

class RemoteModel {
 public:
  // `folder` is the place where the user can put the files by hand, for hints.
  RemoteModel(const HubSettings& settings, std::string id, std::filesystem::path folder);

  // Requests a file's metadata; empty if the model has no such file. Retries temporary faults. Once
  // a response names a commit, later requests are for that commit, so that all files belong
  // together. Throws Error.
  std::optional<RemoteFile> find(const std::string& name);

  // Requests the bytes of a file from `offset` on, once. The response has a fault, or a status of
  // 200, 206, 416, 429 or at least 500; every other status throws Error.
  HttpResponse get(const RemoteFile& file, int64_t offset, const ByteSink& sink) const;

  // Waits after attempt number `attempt` (from 1), at least as long as the server's Retry-After
  // header demands, up to a limit of one minute.
  void wait(int attempt, const HttpResponse& response) const;

  // Throws the Error for a response whose fault or status was still there after the last attempt.
  [[noreturn]] void fail(const std::string& file, const HttpResponse& response) const;

  const HubSettings& settings() const { return settings_; }
  const std::string& id() const { return id_; }
  const std::string& revision() const { return revision_; }  // "main", or a commit
  std::string advice() const;  // how to proceed without the hub; the end of a hint

 private:
  std::string url_of(const std::string& file) const;
  HttpResponse follow(HttpRequest request) const;
  HttpResponse head(const std::string& file) const;
  [[noreturn]] void fail_status(const std::string& file, const HttpResponse& response) const;

  const HubSettings& settings_;
  std::string id_;
  std::filesystem::path folder_;
  std::string revision_ = "main";
};

// Whether the fault is temporary, so that another attempt may succeed.
bool may_pass(const HttpResponse& response);

}  // namespace bertune
