// SPDX-License-Identifier: Apache-2.0
// An HTTP server on loopback for tests, with one thread per connection. A function of the test
// writes every answer, byte by byte if needed, so that it can misbehave on purpose. The server
// records the requests.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace bertune {

struct ServedRequest {
  std::string method, path;
  std::map<std::string, std::string> headers;  // names are in lower case

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

class HttpServer {
 public:
  class Connection {
   public:
    Connection(int socket, const std::atomic<bool>& stopping)
        : socket_(socket), stopping_(stopping) {}

    // Returns false once the client has disconnected.
    bool send(std::string_view bytes) {
      while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<size_t>(sent));
      }
      return true;
    }

    // Sends nothing until the client gives up or the server is stopped.
    void stall() {
      pollfd waiting{socket_, POLLIN | POLLRDHUP, 0};
      while (!stopping_ && ::poll(&waiting, 1, 10) == 0) {
      }
    }

   private:
    int socket_;
    const std::atomic<bool>& stopping_;
  };

  using Handler = std::function<void(const ServedRequest&, Connection&)>;

  explicit HttpServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, any, size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, any, &size) != 0) {
      throw std::runtime_error("cannot listen on loopback");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }

  ~HttpServer() {
    stopping_ = true;
    acceptor_.join();
    for (std::thread& thread : threads_) thread.join();
    ::close(listener_);
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string url(const std::string& host = "127.0.0.1") const {
    return "http://" + host + ":" + std::to_string(port_);
  }

  std::vector<ServedRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void accept_all() {
    pollfd waiting{listener_, POLLIN, 0};
    while (!stopping_) {
      if (::poll(&waiting, 1, 10) <= 0) continue;
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket >= 0) threads_.emplace_back([this, socket] { serve(socket); });
    }
  }

  void serve(int socket) {
    const ServedRequest request = read_request(socket);
    if (!request.method.empty()) {
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      Connection connection(socket, stopping_);
      handler_(request, connection);
    }
    ::close(socket);
  }

  static ServedRequest read_request(int socket) {
    std::string text;
    char bytes[4096];
    while (text.find("\r\n\r\n") == text.npos) {
      const ssize_t count = ::recv(socket, bytes, sizeof bytes, 0);
      if (count <= 0) return {};
      text.append(bytes, static_cast<size_t>(count));
    }
    std::istringstream lines(text);
    ServedRequest request;
    std::string line;
    lines >> request.method >> request.path;
    std::getline(lines, line);
    while (std::getline(lines, line) && line != "\r") {
      const size_t colon = line.find(": ");
      if (colon == line.npos) continue;
      std::string name = line.substr(0, colon);
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      request.headers[name] = line.substr(colon + 2, line.size() - colon - 3);  // without "\r"
    }
    return request;
  }

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::vector<ServedRequest> requests_;
  std::vector<std::thread> threads_;  // used only by the acceptor until it ends
  std::thread acceptor_;
};

}  // namespace bertune
