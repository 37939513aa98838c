// SPDX-License-Identifier: Apache-2.0
// One HTTP request by libcurl, which only http.cc includes: no redirects, no retries, no files.
// Network faults are part of the response, because the callers decide which of them are temporary.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace bertune {

enum class HttpMethod { kHead, kGet };

enum class HttpFault {
  kNone,
  kUnreachable,  // no connection: name resolution, network or certificate
  kBroken,       // the connection ended before the response was complete
  kStalled,      // no byte for stall_timeout
  kStopped,      // `started` or `body` returned false
};

struct HttpResponse {
  HttpFault fault = HttpFault::kNone;
  std::string fault_text;                      // libcurl's description
  int status = 0;                              // 0: no response
  std::map<std::string, std::string> headers;  // names are in lower case
  std::string redirect;                        // absolute URL of the Location header; empty: none

  std::string header(const std::string& name) const;             // empty if missing
  std::optional<int64_t> number(const std::string& name) const;  // empty unless it is a number >= 0
};

struct HttpRequest {
  HttpMethod method = HttpMethod::kGet;
  std::string url;
  std::string token;   // sent as a bearer token; empty: none
  int64_t offset = 0;  // above 0: requests only the bytes from here on
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds stall_timeout{30'000};
  // For a status of 200 or 206 only: `started` is called once before the first byte of the body,
  // then `body` with its bytes. Returning false ends the request. http_request rethrows their
  // exceptions.
  std::function<bool(const HttpResponse&)> started;
  std::function<bool(std::string_view)> body;
};

HttpResponse http_request(const HttpRequest& request);

// Whether both URLs have the same scheme, host and port, so that the token for one may be sent to
// the other.
bool same_origin(const std::string& a, const std::string& b);

// Whether the redirect `from` -> `to` drops encryption or leaves HTTP.
bool is_unsafe_redirect(const std::string& from, const std::string& to);

}  // namespace bertune
