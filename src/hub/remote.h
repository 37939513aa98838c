// SPDX-License-Identifier: Apache-2.0
// A model on the hub as HTTP shows it: which files it has, how long they are, what they hash to,
// and their bytes. Follows redirects with the token kept to the hub's own host; turns what cannot
// pass into an Error that says what to do.
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
  std::string hash;             // 64 hex digits: SHA-256; 40: that of a git blob
  std::optional<int64_t> size;  // bytes; none: the hub does not say
};

// What takes the bytes of a file; see HttpRequest.
struct ByteSink {
  std::function<bool(const HttpResponse&)> started;
  std::function<bool(std::string_view)> body;
};

class RemoteModel {
 public:
  // `folder` is where the user may put the files when the hub cannot give them; for hints.
  RemoteModel(const HubSettings& settings, std::string id, std::filesystem::path folder);

  // Asks for a file; none: the model has no such file. Tries again what may pass. Once an answer
  // names a commit, later requests are for that commit, so that all files fit each other. Throws
  // Error.
  std::optional<RemoteFile> find(const std::string& name);

  // Asks once for the bytes of a file from `offset` on. The answer has a fault, or a status of 200,
  // 206, 416, 429 or 500 and above; every other status throws Error.
  HttpResponse get(const RemoteFile& file, int64_t offset, const ByteSink& sink) const;

  // Waits before the attempt after `attempt` (from 1), as long as the server asks for, if it does.
  void wait(int attempt, const HttpResponse& response) const;

  // Throws the Error that an answer with a fault or a passing status amounts to in the end.
  [[noreturn]] void fail(const std::string& file, const HttpResponse& response) const;

  const HubSettings& settings() const { return settings_; }
  const std::string& id() const { return id_; }
  const std::string& revision() const { return revision_; }  // "main", or a commit
  std::string advice() const;  // how to do without the hub, as the end of a hint

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

// Whether another attempt may have another outcome.
bool may_pass(const HttpResponse& response);

}  // namespace bertune
