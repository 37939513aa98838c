// SPDX-License-Identifier: Apache-2.0
#include "hub/remote.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <thread>
#include <utility>

#include "base/json.h"
#include "bertune/error.h"
#include "text/utf8.h"

namespace bertune {
namespace {

constexpr int kMaxRedirects = 10;

bool is_hex(const std::string& text, size_t size) {
  return text.size() == size && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isxdigit(c) != 0 && std::isupper(c) == 0;
         });
}

// The text abc of an ETag W/"abc" or "abc".
std::string plain_etag(std::string etag) {
  if (etag.starts_with("W/")) etag = etag.substr(2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"')
    etag = etag.substr(1, etag.size() - 2);
  return etag;
}

// Text from a server, made safe for messages.
std::string shown(const std::string& text) { return excerpt(replace_invalid_utf8(text)); }

// The query of a redirect's URL may contain a signature.
std::string without_query(const std::string& url) { return url.substr(0, url.find_first_of("?#")); }

std::string status_text(int status) {
  switch (status) {
    case 401:
      return "401, not allowed";
    case 403:
      return "403, forbidden";
    case 404:
      return "404, not found";
    case 429:
      return "429, too many requests";
    default:
      return fmt::format("{}", status);
  }
}

}  // namespace

bool may_pass(const HttpResponse& response) {
  return response.fault == HttpFault::kBroken || response.fault == HttpFault::kStalled ||
         response.status == 429 || response.status >= 500;
}

RemoteModel::RemoteModel(const HubSettings& settings, std::string id, std::filesystem::path folder)
    : settings_(settings), id_(std::move(id)), folder_(std::move(folder)) {}

std::string RemoteModel::url_of(const std::string& file) const {
  return fmt::format("{}/{}/resolve/{}/{}", settings_.endpoint, id_, revision_, file);
}

std::string RemoteModel::advice() const {
  return fmt::format(
      "or put config.json, model.safetensors and vocab.txt of this model into '{}' yourself",
      folder_.string());
}

// For a large file the hub answers with a redirect to its storage, with the content's hash in a
// header. For a HEAD request that response is the result, so its redirect is not followed.
HttpResponse RemoteModel::follow(HttpRequest request) const {
  const std::string first = request.url;
  for (int hop = 0;; ++hop) {
    request.token = same_origin(request.url, settings_.endpoint) ? settings_.token : "";
    HttpResponse response = http_request(request);
    const bool is_found =
        request.method == HttpMethod::kHead && !response.header("x-linked-etag").empty();
    if (response.fault != HttpFault::kNone || response.redirect.empty() || is_found)
      return response;
    if (hop == kMaxRedirects || is_unsafe_redirect(request.url, response.redirect)) {
      throw Error(
          ErrorKind::kSystem,
          fmt::format(
              "'{}' redirects to '{}', {}", first, shown(without_query(response.redirect)),
              hop == kMaxRedirects ? "after too many redirects" : "which is not safe to follow"),
          "check HF_ENDPOINT, or use another hub, " + advice());
    }
    request.url = response.redirect;
  }
}

HttpResponse RemoteModel::head(const std::string& file) const {
  for (int attempt = 1;; ++attempt) {
    HttpResponse response = follow({.method = HttpMethod::kHead,
                                    .url = url_of(file),
                                    .connect_timeout = settings_.connect_timeout,
                                    .stall_timeout = settings_.stall_timeout});
    if (!may_pass(response)) return response;
    if (attempt == settings_.attempts) fail(file, response);
    wait(attempt, response);
  }
}

std::optional<RemoteFile> RemoteModel::find(const std::string& name) {
  const HttpResponse response = head(name);
  if (response.fault != HttpFault::kNone) fail(name, response);
  // The hub answers 404 for a file that the model lacks; a missing model shows at its first file.
  if (response.status == 404) return {};
  const bool is_linked = !response.header("x-linked-etag").empty();
  if (response.status != 200 && !is_linked) fail_status(name, response);
  const std::string commit = response.header("x-repo-commit");
  if (is_hex(commit, 40)) revision_ = commit;
  const std::string hash = plain_etag(response.header(is_linked ? "x-linked-etag" : "etag"));
  if (!is_hex(hash, 64) && !is_hex(hash, 40)) {
    throw Error(
        ErrorKind::kInput,
        fmt::format("'{}' has no hash in its ETag ('{}'), so a download could not be verified",
                    url_of(name), shown(hash)),
        "set HF_ENDPOINT to a hub or a mirror that passes the hub's ETag on, " + advice());
  }
  return RemoteFile{.name = name,
                    .hash = hash,
                    .size = response.number(is_linked ? "x-linked-size" : "content-length")};
}

HttpResponse RemoteModel::get(const RemoteFile& file, int64_t offset, const ByteSink& sink) const {
  HttpResponse response = follow({.method = HttpMethod::kGet,
                                  .url = url_of(file.name),
                                  .offset = offset,
                                  .connect_timeout = settings_.connect_timeout,
                                  .stall_timeout = settings_.stall_timeout,
                                  .started = sink.started,
                                  .body = sink.body});
  const int status = response.status;
  const bool is_known = status == 200 || status == 206 || status == 416;
  if (response.fault == HttpFault::kNone && !is_known && !may_pass(response))
    fail_status(file.name, response);
  return response;
}

void RemoteModel::wait(int attempt, const HttpResponse& response) const {
  constexpr std::chrono::milliseconds kLongest = std::chrono::minutes(1);
  auto pause = settings_.first_wait * (int64_t{1} << std::min(attempt - 1, 10));
  const std::optional<int64_t> asked = response.number("retry-after");
  if (asked) pause = std::max<std::chrono::milliseconds>(pause, std::chrono::seconds(*asked));
  std::this_thread::sleep_for(std::min(pause, kLongest));
}

void RemoteModel::fail(const std::string& file, const HttpResponse& response) const {
  if (response.fault == HttpFault::kNone) fail_status(file, response);
  const char* const what = response.fault == HttpFault::kUnreachable ? "cannot be reached"
                           : response.fault == HttpFault::kStalled
                               ? "does not answer"
                               : "repeatedly breaks off the connection";
  throw Error(
      ErrorKind::kSystem,
      fmt::format("'{}' {}: {}", url_of(file), what, replace_invalid_utf8(response.fault_text)),
      "check the network (https_proxy sets a proxy, HF_ENDPOINT another hub), " + advice());
}

void RemoteModel::fail_status(const std::string& file, const HttpResponse& response) const {
  const bool is_refused = response.status == 401 || response.status == 403;
  const char* const token = settings_.token.empty() ? "set HF_TOKEN" : "check HF_TOKEN";
  throw Error(ErrorKind::kSystem,
              fmt::format("'{}' returned status {}", url_of(file), status_text(response.status)),
              is_refused ? fmt::format("check the spelling of '{}'; if access to the model must be "
                                       "requested, do so on its hub page and {}; {}",
                                       id_, token, advice())
                         : "try again later, or set HF_ENDPOINT to another hub, " + advice());
}

}  // namespace bertune
