// SPDX-License-Identifier: Apache-2.0
// Every libcurl handle (the linker's --wrap) gets a socket whose other end already holds the whole
// answer. No name is resolved, no connection made, and nothing waits.
#include "fuzz/scripted_hub.h"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <utility>

#include "base/check.h"
#include "hub/digest.h"

namespace bertune {
namespace {

constexpr std::string_view kMark = "%%";
constexpr const char* kNotFound = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

struct Answer {
  std::string name;
  std::string bytes;
  bool used = false;
};

struct Connection {
  int socket;  // the hub's end
  HubExchange exchange;
};

struct Hub {
  std::vector<Answer> answers;
  std::vector<Connection> connections;
};

// A singleton, because libcurl's callbacks have no other access to it.
Hub& hub() {
  static Hub only;
  return only;
}

void replace_all(std::string& text, std::string_view from, const std::string& to) {
  for (size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// Expands a script's answer: the headers end at the first empty line, and the rest is the body.
std::string expand(std::string_view text) {
  const size_t end = text.find("\n\n");
  if (end == text.npos) return std::string(text);
  const std::string_view body = text.substr(end + 2);
  std::string head(text.substr(0, end + 2));
  replace_all(head, "$git", git_blob_hex(body));
  replace_all(head, "$sha256", sha256_hex(body));
  replace_all(head, "$size", std::to_string(body.size()));
  return head.append(body);
}

std::string name_of(std::string_view line) {
  line.remove_prefix(kMark.size());
  const size_t begin = line.find_first_not_of(" \r");
  if (begin == line.npos) return {};
  return "/" + std::string(line.substr(begin, line.find_last_not_of(" \r") + 1 - begin));
}

std::string answer_to(const std::string& url) {
  Answer* last = nullptr;
  for (Answer& answer : hub().answers) {
    if (!url.ends_with(answer.name)) continue;
    last = &answer;
    if (!std::exchange(answer.used, true)) break;
  }
  return last == nullptr ? kNotFound : last->bytes;
}

curl_socket_t open_socket(void* easy, curlsocktype, curl_sockaddr*) {
  char* url = nullptr;
  curl_easy_getinfo(static_cast<CURL*>(easy), CURLINFO_EFFECTIVE_URL, &url);
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return CURL_SOCKET_BAD;
  HubExchange exchange{.url = url == nullptr ? "" : url, .sent = {}, .answer = {}};
  const std::string answer = answer_to(exchange.url);
  // An answer that does not fit is truncated, like that of a broken connection.
  const ssize_t taken = ::send(ends[1], answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (taken > 0) exchange.answer = answer.substr(0, static_cast<size_t>(taken));
  ::shutdown(ends[1], SHUT_WR);
  hub().connections.push_back({ends[1], std::move(exchange)});
  return ends[0];
}

std::string drain(int socket) {
  std::string sent;
  char bytes[4096];
  for (ssize_t count; (count = ::recv(socket, bytes, sizeof bytes, MSG_DONTWAIT)) > 0;)
    sent.append(bytes, static_cast<size_t>(count));
  ::close(socket);
  return sent;
}

}  // namespace

void put_hub_script(std::string_view script) {
  take_hub_exchanges();
  hub().answers.clear();
  for (size_t begin = 0; begin < script.size();) {
    const size_t line_end = std::min(script.find('\n', begin), script.size());
    const std::string_view line = script.substr(begin, line_end - begin);
    const size_t body = std::min(line_end + 1, script.size());
    size_t end = script.find("\n" + std::string(kMark), line_end);
    end = end == script.npos ? script.size() : end + 1;
    if (line.starts_with(kMark) && body <= end)
      hub().answers.push_back({name_of(line), expand(script.substr(body, end - body))});
    begin = std::max(end, body);
  }
}

std::vector<HubExchange> take_hub_exchanges() {
  std::vector<HubExchange> exchanges;
  for (Connection& connection : std::exchange(hub().connections, {})) {
    connection.exchange.sent = drain(connection.socket);
    exchanges.push_back(std::move(connection.exchange));
  }
  return exchanges;
}

}  // namespace bertune

// Intercepts libcurl's call, because a program's symbols take precedence over those of libraries.
// The socket is already connected, and CURL_SOCKOPT_ALREADY_CONNECTED has no effect in libcurl
// 7.88.
extern "C" int connect(int, const sockaddr*, socklen_t) { return 0; }

extern "C" CURL* __real_curl_easy_init();

extern "C" CURL* __wrap_curl_easy_init() {
  // Maps every host and port, so that no name is looked up.
  static curl_slist* const anywhere = curl_slist_append(nullptr, "::127.0.0.1:1");
  CURL* const easy = __real_curl_easy_init();
  if (easy == nullptr) return nullptr;
  curl_easy_setopt(easy, CURLOPT_CONNECT_TO, anywhere);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_CAINFO,
                   nullptr);  // reading it would dominate the run time
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, bertune::open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, easy);
  return easy;
}

// Replaces waiting. A hub may ask for a delay, but not for a long one.
extern "C" int __wrap_nanosleep(const timespec* time, timespec*) {
  constexpr time_t kLongest = 60;
  if (time->tv_sec > kLongest) std::abort();
  return 0;
}
