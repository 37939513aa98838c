// SPDX-License-Identifier: Apache-2.0
// The transfer is driven here instead of by curl_easy_perform, because that detects a stalled
// connection only to the second.
#include "hub/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <exception>
#include <memory>

#include "base/check.h"
#include "hub/trim.h"

namespace bertune {
namespace {

using Clock = std::chrono::steady_clock;

using Multi = std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)>;
using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

// State shared by the callbacks of one transfer.
struct Transfer {
  const HttpRequest& request;
  CURL* easy;
  HttpResponse response;
  Clock::time_point last_byte = Clock::now();
  bool has_started = false;
  bool stopped = false;
  std::exception_ptr thrown;
};

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

size_t on_header(char* data, size_t, size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.last_byte = Clock::now();
  const std::string_view line(data, size);
  if (line.starts_with("HTTP/")) transfer.response.headers.clear();  // for example after a 100
  const size_t colon = line.find(':');
  if (colon != line.npos) {
    transfer.response.headers[lower(std::string(line.substr(0, colon)))] =
        trim(line.substr(colon + 1));
  }
  return size;
}

void read_status(Transfer& transfer) {
  long status = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
}

bool start(Transfer& transfer) {
  transfer.has_started = true;
  read_status(transfer);
  return !transfer.request.started || transfer.request.started(transfer.response);
}

bool is_wanted(int status) { return status == 200 || status == 206; }

bool take(Transfer& transfer, std::string_view bytes) {
  read_status(transfer);
  if (!is_wanted(transfer.response.status)) return false;  // the page of an error or a redirect
  if (!transfer.has_started && !start(transfer)) return false;
  return !transfer.request.body || transfer.request.body(bytes);
}

size_t on_body(char* data, size_t, size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.last_byte = Clock::now();
  try {  // no exception may pass through libcurl
    if (take(transfer, {data, size})) return size;
  } catch (...) {
    transfer.thrown = std::current_exception();
  }
  transfer.stopped = true;
  return CURL_WRITEFUNC_ERROR;
}

void configure(CURL* easy, const HttpRequest& request) {
  const auto set = [&](CURLoption option, auto value) {
    CHECK(curl_easy_setopt(easy, option, value) == CURLE_OK);
  };
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_USERAGENT, "bertune");
  set(CURLOPT_NOSIGNAL, 1L);  // a library must not touch the program's signals
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()));
  set(CURLOPT_NOBODY, request.method == HttpMethod::kHead ? 1L : 0L);
  // Not CURLOPT_RESUME_FROM, which turns a complete response to a range request into an error.
  if (request.offset > 0) set(CURLOPT_RANGE, (std::to_string(request.offset) + "-").c_str());
  if (request.token.empty()) return;
  set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
  set(CURLOPT_XOAUTH2_BEARER, request.token.c_str());
}

HttpFault fault_of(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return HttpFault::kNone;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return HttpFault::kBroken;
    default:
      return HttpFault::kUnreachable;
  }
}

// Runs the transfer until it ends or stalls; empty: it stalled.
std::optional<CURLcode> drive(CURLM* multi, const Transfer& transfer) {
  constexpr int kLongestWait = 100;  // milliseconds between checks for stalling
  const auto patience = transfer.request.stall_timeout;
  const int wait = std::clamp(static_cast<int>(patience.count() / 4), 1, kLongestWait);
  for (int running = 1; running > 0;) {
    CHECK(curl_multi_perform(multi, &running) == CURLM_OK);
    if (running == 0) break;
    if (Clock::now() - transfer.last_byte > patience) return {};
    CHECK(curl_multi_poll(multi, nullptr, 0, wait, nullptr) == CURLM_OK);
  }
  int left = 0;
  const CURLMsg* const message = curl_multi_info_read(multi, &left);
  CHECK(message != nullptr && message->msg == CURLMSG_DONE);
  return message->data.result;
}

Url parse_url(const std::string& text) {
  Url url(curl_url(), curl_url_cleanup);
  CHECK(url != nullptr);
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) url.reset();
  return url;
}

std::string text_of(CURLU& url, CURLUPart part) {
  char* text = nullptr;
  const unsigned flags = part == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0;
  if (curl_url_get(&url, part, &text, flags) != CURLUE_OK) return {};
  const std::string copy = text;
  curl_free(text);
  return copy;
}

std::string url_part(const std::string& url, CURLUPart part) {
  const Url parsed = parse_url(url);
  return parsed ? lower(text_of(*parsed, part)) : "";
}

// Resolves a Location header, which may be relative, against `base`. Empty if the result is no
// valid URL.
std::string resolve_url(const std::string& base, const std::string& location) {
  const Url parsed = parse_url(base);
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK)
    return {};
  return text_of(*parsed, CURLUPART_URL);
}

void finish(Transfer& transfer, std::optional<CURLcode> code, const char* text) {
  HttpResponse& response = transfer.response;
  read_status(transfer);
  if (response.status / 100 == 3 && !response.header("location").empty())
    response.redirect = resolve_url(transfer.request.url, response.header("location"));
  if (transfer.stopped) {
    if (is_wanted(response.status)) response.fault = HttpFault::kStopped;
  } else if (!code) {
    response.fault = HttpFault::kStalled;
    response.fault_text = "no more data arrived";
  } else {
    response.fault = fault_of(*code);
    if (*code != CURLE_OK) response.fault_text = *text != '\0' ? text : curl_easy_strerror(*code);
  }
}

}  // namespace

std::string HttpResponse::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::optional<int64_t> HttpResponse::number(const std::string& name) const {
  const std::string text = header(name);
  int64_t value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return {};
  return value;
}

HttpResponse http_request(const HttpRequest& request) {
  const Multi multi(curl_multi_init(), curl_multi_cleanup);
  const Easy easy(curl_easy_init(), curl_easy_cleanup);
  CHECK(multi != nullptr && easy != nullptr);
  configure(easy.get(), request);
  Transfer transfer{.request = request, .easy = easy.get()};
  char text[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, text);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &transfer);

  CHECK(curl_multi_add_handle(multi.get(), easy.get()) == CURLM_OK);
  const std::optional<CURLcode> code = drive(multi.get(), transfer);
  curl_multi_remove_handle(multi.get(), easy.get());
  finish(transfer, code, text);
  if (transfer.thrown) std::rethrow_exception(transfer.thrown);
  // An empty body triggers no write callback.
  if (transfer.response.fault == HttpFault::kNone && is_wanted(transfer.response.status) &&
      !transfer.has_started && !start(transfer)) {
    transfer.response.fault = HttpFault::kStopped;
  }
  return std::move(transfer.response);
}

bool same_origin(const std::string& a, const std::string& b) {
  const auto same = [&](CURLUPart part) {
    const std::string of_a = url_part(a, part);
    return !of_a.empty() && of_a == url_part(b, part);
  };
  return same(CURLUPART_SCHEME) && same(CURLUPART_HOST) && same(CURLUPART_PORT);
}

bool is_unsafe_redirect(const std::string& from, const std::string& to) {
  const std::string scheme = url_part(to, CURLUPART_SCHEME);
  if (scheme == "https") return false;
  return scheme != "http" || url_part(from, CURLUPART_SCHEME) == "https";
}

}  // namespace bertune
