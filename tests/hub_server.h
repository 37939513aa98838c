// SPDX-License-Identifier: Apache-2.0
// A model hub on loopback. It serves files as the real one does (commit, ETag, redirects for large
// files), and for a file named by a test it first misbehaves in the ways that the test lists.
#pragma once

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http_server.h"
#include "hub/digest.h"
#include "temporary_folder.h"

namespace bertune {

// What a server does instead of a correct answer.
using Misbehaviour =
    std::function<void(const ServedRequest&, const std::string& bytes, HttpServer::Connection&)>;

inline std::string http_head(int status, const std::vector<std::string>& headers) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " Any\r\nConnection: close\r\n";
  for (const std::string& header : headers) text += header + "\r\n";
  return text + "\r\n";
}

inline std::string content_length(size_t bytes) {
  return "Content-Length: " + std::to_string(bytes);
}

inline Misbehaviour answer_status(int status, const std::string& header = "X-Nothing: 1") {
  return [=](const ServedRequest&, const std::string&, HttpServer::Connection& connection) {
    connection.send(http_head(status, {header, content_length(0)}));
  };
}

// Announces all bytes and disconnects after `count` of them.
inline Misbehaviour cut_after(size_t count) {
  return [=](const ServedRequest&, const std::string& bytes, HttpServer::Connection& connection) {
    connection.send(http_head(200, {content_length(bytes.size())}));
    connection.send(bytes.substr(0, count));
  };
}

// Sends `count` bytes and then nothing, while the connection stays open.
inline Misbehaviour stall_after(size_t count) {
  return [=](const ServedRequest&, const std::string& bytes, HttpServer::Connection& connection) {
    connection.send(http_head(200, {content_length(bytes.size())}));
    connection.send(bytes.substr(0, count));
    connection.stall();
  };
}

// A complete and well-formed answer with other bytes.
inline Misbehaviour answer_bytes(const std::string& other) {
  return [=](const ServedRequest&, const std::string&, HttpServer::Connection& connection) {
    connection.send(http_head(200, {content_length(other.size())}) + other);
  };
}

class HubServer {
 public:
  static constexpr const char* kCommit = "0123456789abcdef0123456789abcdef01234567";

  HubServer()
      : server_([this](const ServedRequest& request, HttpServer::Connection& connection) {
          answer(request, connection);
        }) {}

  void put(const std::string& id, const std::string& name, const std::string& bytes) {
    const std::lock_guard lock(mutex_);
    for (const char* revision : {"main", kCommit})
      files_["/" + id + "/resolve/" + revision + "/" + name] = bytes;
  }

  void put_folder(const std::string& id, const std::filesystem::path& folder) {
    for (const std::string& name : names_in(folder)) put(id, name, get_file(folder / name));
  }

  void remove(const std::string& id, const std::string& name) {
    const std::lock_guard lock(mutex_);
    for (const char* revision : {"main", kCommit})
      files_.erase("/" + id + "/resolve/" + revision + "/" + name);
  }

  // The next requests for a file of this name meet these faults, one each; later requests are
  // answered correctly.
  void misbehave(const std::string& method, const std::string& name,
                 const std::vector<Misbehaviour>& faults) {
    const std::lock_guard lock(mutex_);
    auto& queue = faults_[method + " " + name];
    queue.insert(queue.end(), faults.begin(), faults.end());
  }

  // Files whose names end so are answered with a redirect to `base`/large/PATH, like large files on
  // a hub.
  void redirect(const std::string& name, const std::string& base) {
    const std::lock_guard lock(mutex_);
    redirects_[name] = base;
  }

  std::string url() const { return server_.url(); }
  std::vector<ServedRequest> requests() const { return server_.requests(); }

  // The number of requests with a method for files with a name.
  int count(const std::string& method, const std::string& name) const {
    int count = 0;
    for (const ServedRequest& request : requests())
      count += request.method == method && request.path.ends_with("/" + name);
    return count;
  }

 private:
  static std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

  void answer(const ServedRequest& request, HttpServer::Connection& connection) {
    Misbehaviour fault;
    std::string bytes, base;
    bool is_there = false;
    {
      const std::lock_guard lock(mutex_);
      const std::string name = name_of(request.path);
      auto& faults = faults_[request.method + " " + name];
      if (!faults.empty()) {
        fault = faults.front();
        faults.pop_front();
      }
      const auto file = files_.find(request.path);
      is_there = file != files_.end();
      if (is_there) bytes = file->second;
      if (redirects_.count(name) != 0) base = redirects_[name];
    }
    if (fault) {
      fault(request, bytes, connection);
    } else if (!is_there) {
      connection.send(http_head(404, {content_length(0)}));
    } else if (base.empty()) {
      answer_file(request, bytes, connection);
    } else {
      connection.send(
          http_head(302, {"X-Linked-Etag: \"" + sha256_hex(bytes) + "\"",
                          "X-Linked-Size: " + std::to_string(bytes.size()),
                          std::string("X-Repo-Commit: ") + kCommit,
                          "Location: " + base + "/large" + request.path, content_length(0)}));
    }
  }

  static void answer_file(const ServedRequest& request, const std::string& bytes,
                          HttpServer::Connection& connection) {
    const std::string range = request.header("range");
    const size_t begin =
        range.starts_with("bytes=") ? std::strtoull(range.c_str() + 6, nullptr, 10) : 0;
    const bool is_outside = begin > 0 && begin >= bytes.size();
    std::vector<std::string> headers = {"ETag: W/\"" + git_blob_hex(bytes) + "\"",
                                        std::string("X-Repo-Commit: ") + kCommit,
                                        content_length(is_outside ? 0 : bytes.size() - begin)};
    if (begin > 0 && !is_outside) {
      headers.push_back("Content-Range: bytes " + std::to_string(begin) + "-" +
                        std::to_string(bytes.size() - 1) + "/" + std::to_string(bytes.size()));
    }
    connection.send(http_head(is_outside ? 416 : begin > 0 ? 206 : 200, headers));
    if (request.method == "GET" && !is_outside)
      connection.send(std::string_view(bytes).substr(begin));
  }

  std::mutex mutex_;
  std::map<std::string, std::string> files_;  // by path
  std::map<std::string, std::deque<Misbehaviour>> faults_;
  std::map<std::string, std::string> redirects_;
  HttpServer server_;  // last, because it answers as soon as it is constructed
};

}  // namespace bertune
