// SPDX-License-Identifier: Apache-2.0
// One HTTP request by libcurl, which only http.cc includes: no redirects, no retries, no files.
// Faults of the network are part of the answer, because callers decide whether they may pass.
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
  kUnreachable,  // no connection: name, network, certificate
  kBroken,       // the connection ended before the answer was whole
  kStalled,      // no byte for as long as stall_timeout
  kStopped,      // `started` or `body` said so
};

struct HttpResponse {
  HttpFault fault = HttpFault::kNone;
  std::string fault_text;                      // what libcurl says of it
  int status = 0;                              // 0: none came
  std::map<std::string, std::string> headers;  // names in lower case
  std::string redirect;                        // the absolute URL of Location; empty: none

  std::string header(const std::string& name) const;  // empty: not there
  std::optional<int64_t> number(
      const std::string& name) const;  // none: not there, or no number >= 0
};

struct HttpRequest {
  HttpMethod method = HttpMethod::kGet;
  std::string url;
  std::string token;   // sent as a bearer token; empty: none
  int64_t offset = 0;  // above 0: asks for the bytes from there on
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds stall_timeout{30'000};
  // Of an answer 200 or 206 only: called once before its first byte, then with its bytes. False
  // ends the request. What they throw comes out of http_request.
  std::function<bool(const HttpResponse&)> started;
  std::function<bool(std::string_view)> body;
};

HttpResponse http_request(const HttpRequest& request);

// Whether both URLs have the same scheme, host and port, so that one may see the other's secrets.
bool same_origin(const std::string& a, const std::string& b);

// Whether following `to` from `from` would leave encryption, or HTTP altogether.
bool is_unsafe_redirect(const std::string& from, const std::string& to);

}  // namespace bertune
