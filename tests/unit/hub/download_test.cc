// SPDX-License-Identifier: Apache-2.0
// A hub and a network that misbehave: in every case a model is downloaded correctly or not at all.
#include "hub/download.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "expect_error.h"
#include "unit/hub/hub_test.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using Ranges = std::vector<std::string>;

class Download : public HubTest {
 protected:
  // The message contains `part`, the hint names the folder for the files, and nothing is visible.
  void expect_failure(ErrorKind kind, const std::string& part) {
    const auto begin = std::chrono::steady_clock::now();
    const std::optional<Error> error = error_of([&] { fetch(); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), kind);
    EXPECT_NE(error->message().find(part), std::string::npos) << error->message();
    EXPECT_NE(error->hint().find(cached().string()), std::string::npos) << error->hint();
    EXPECT_FALSE(fs::exists(cached()));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  }

  void misbehave(const std::vector<Misbehaviour>& faults) {
    hub_.misbehave("GET", "model.safetensors", faults);
  }

  // Sends the whole file, whatever range was requested.
  static Misbehaviour ignore_range() {
    return [](const ServedRequest&, const std::string& bytes, HttpServer::Connection& connection) {
      connection.send(http_head(200, {content_length(bytes.size())}) + bytes);
    };
  }
};

TEST_F(Download, GoesOnWhereABodyWasCut) {
  misbehave({cut_after(1000)});
  fetch();
  expect_fetched();
  EXPECT_EQ(ranges("model.safetensors"), (Ranges{"", "bytes=1000-"}));
}

TEST_F(Download, GoesOnInAnotherProcess) {
  misbehave({cut_after(1000), answer_status(404)});
  expect_failure(ErrorKind::kSystem, "404");
  EXPECT_EQ(get_file(partial()), weights_.substr(0, 1000));
  fetch();
  expect_fetched();
  EXPECT_EQ(ranges("model.safetensors").back(), "bytes=1000-");
  EXPECT_EQ(hub_.count("GET", "vocab.txt"), 1);  // a complete file is not downloaded again
}

TEST_F(Download, BeginsAnewWhenTheServerDoes) {
  misbehave({cut_after(1000), ignore_range()});
  fetch();
  expect_fetched();
}

TEST_F(Download, BeginsAnewWhenAnotherRangeComes) {
  misbehave({cut_after(1000), [](const ServedRequest&, const std::string& bytes,
                                 HttpServer::Connection& connection) {
               connection.send(http_head(206, {"Content-Range: bytes 5-9/10",
                                               content_length(bytes.size() - 1000)}) +
                               bytes.substr(1000));
             }});
  fetch();
  expect_fetched();
}

TEST_F(Download, EndsWhenABodyIsCutAgainAndAgain) {
  misbehave({cut_after(10), cut_after(10), cut_after(10)});
  expect_failure(ErrorKind::kSystem, "model.safetensors");
}

TEST_F(Download, RefusesALengthOtherThanAnnounced) {
  const std::string less = weights_.substr(0, 100);
  misbehave({answer_bytes(less), answer_bytes(weights_ + "x"), answer_bytes(less)});
  expect_failure(ErrorKind::kInput, "100 bytes, but " + std::to_string(weights_.size()));
}

TEST_F(Download, StopsABodyWithoutAnEnd) {
  const Misbehaviour endless = [](const ServedRequest&, const std::string& bytes,
                                  HttpServer::Connection& connection) {
    connection.send(http_head(200, {}));
    while (connection.send(bytes)) {
    }
  };
  misbehave({endless, endless, endless});
  expect_failure(ErrorKind::kInput, "more than " + std::to_string(weights_.size()));
  EXPECT_FALSE(fs::exists(partial()));
}

TEST_F(Download, NoticesACutWithoutALength) {
  misbehave(
      {[](const ServedRequest&, const std::string& bytes, HttpServer::Connection& connection) {
        connection.send(http_head(200, {}) + bytes.substr(0, 77));
      }});
  fetch();
  expect_fetched();
  EXPECT_EQ(ranges("model.safetensors"), (Ranges{"", "bytes=77-"}));
}

TEST_F(Download, RefusesOtherBytes) {
  const std::string other(weights_.size(), 'x');
  misbehave({answer_bytes(other), answer_bytes(other)});
  expect_failure(ErrorKind::kInput, "hash");
  EXPECT_FALSE(fs::exists(partial()));
  misbehave({answer_bytes(other)});  // a temporary fault
  fetch();
  expect_fetched();
}

TEST_F(Download, ChecksSmallFilesToo) {
  hub_.misbehave("GET", "config.json", {answer_bytes(R"({"hidden_size": 12})")});
  fetch();
  expect_fetched();
}

TEST_F(Download, DropsAPartOfSomethingElse) {
  put_file(partial(), "something else");
  fetch();
  expect_fetched();
  EXPECT_EQ(ranges("model.safetensors"), (Ranges{"bytes=14-", ""}));
}

TEST_F(Download, DropsAPartThatIsTooLong) {
  put_file(partial(), weights_ + "x");
  fetch();
  expect_fetched();
}

TEST_F(Download, TakesAPartThatIsWhole) {
  put_file(partial(), weights_);
  fetch();
  expect_fetched();
  EXPECT_EQ(hub_.count("GET", "model.safetensors"), 0);
}

TEST_F(Download, TakesAFileWithoutBytes) {
  hub_.put(kId, "tokenizer_config.json", "");
  fetch();
  EXPECT_EQ(get_file(cached() / "tokenizer_config.json"), "");
}

TEST_F(Download, AFileWithoutAHashIsRefused) {
  hub_.misbehave("HEAD", "model.safetensors", {answer_status(200, "ETag: \"5f-12ab\"")});
  expect_failure(ErrorKind::kInput, "ETag");
}

TEST_F(Download, AModelThatIsNotThereIsSaid) {
  hub_.remove(kId, "config.json");
  expect_failure(ErrorKind::kSystem, "no model 'org/tiny'");
}

TEST_F(Download, AModelThatNeedsLeaveIsSaid) {
  hub_.misbehave("HEAD", "config.json", {answer_status(401)});
  const std::optional<Error> error = error_of([&] { fetch(); });
  ASSERT_TRUE(error);
  EXPECT_NE(error->message().find("401"), std::string::npos) << error->message();
  EXPECT_NE(error->hint().find("HF_TOKEN"), std::string::npos) << error->hint();
  EXPECT_NE(error->hint().find(cached().string()), std::string::npos) << error->hint();
}

TEST_F(Download, AServerThatIsBusyIsAskedAgain) {
  hub_.misbehave("HEAD", "config.json", {answer_status(503), answer_status(429, "Retry-After: 0")});
  misbehave({answer_status(503), answer_status(500)});
  fetch();
  expect_fetched();
}

TEST_F(Download, AServerThatStaysBusyIsAnError) {
  hub_.misbehave("HEAD", "vocab.txt", {answer_status(503), answer_status(503), answer_status(503)});
  expect_failure(ErrorKind::kSystem, "503");
  EXPECT_EQ(hub_.count("HEAD", "vocab.txt"), 3);
}

TEST_F(Download, AStallIsNoticedAndGoneOnFrom) {
  settings_.stall_timeout = std::chrono::milliseconds(500);
  misbehave({stall_after(500)});
  fetch();
  expect_fetched();
  EXPECT_EQ(ranges("model.safetensors"), (Ranges{"", "bytes=500-"}));
}

TEST_F(Download, AServerThatSaysNothingIsAnError) {
  const Misbehaviour silent = [](const ServedRequest&, const std::string&,
                                 HttpServer::Connection& connection) { connection.stall(); };
  settings_.stall_timeout = std::chrono::milliseconds(100);
  // The shortest of several tries, because a busy machine delays some of them.
  auto shortest = std::chrono::steady_clock::duration::max();
  for (int tries = 0; tries < 5 && shortest >= std::chrono::seconds(1); ++tries) {
    hub_.misbehave("HEAD", "config.json", {silent, silent, silent});
    const auto begin = std::chrono::steady_clock::now();
    expect_failure(ErrorKind::kSystem, "does not answer");
    shortest = std::min(shortest, std::chrono::steady_clock::now() - begin);
  }
  EXPECT_LT(shortest, std::chrono::seconds(1));
}

TEST_F(Download, AnAnswerThatIsNoHttpIsAnError) {
  const Misbehaviour noise = [](const ServedRequest&, const std::string&,
                                HttpServer::Connection& connection) {
    connection.send("SSH-2.0-OpenSSH\r\n");
  };
  hub_.misbehave("HEAD", "config.json", {noise, noise, noise});
  expect_failure(ErrorKind::kSystem, "config.json");
}

TEST_F(Download, AHubThatCannotBeReachedIsAnErrorAtOnce) {
  settings_.endpoint = "http://127.0.0.1:1";
  expect_failure(ErrorKind::kSystem, "cannot be reached");
}

// A server for the bytes only, as hubs have for large files.
class Redirect : public Download {
 protected:
  Redirect()
      : bytes_server_([this](const ServedRequest&, HttpServer::Connection& connection) {
          connection.send(http_head(200, {content_length(weights_.size())}) + weights_);
        }) {
    settings_.token = "secret";
  }

  std::vector<std::string> tokens_of(const std::vector<ServedRequest>& requests) const {
    std::vector<std::string> tokens;
    for (const ServedRequest& request : requests) tokens.push_back(request.header("authorization"));
    return tokens;
  }

  HttpServer bytes_server_;
};

TEST_F(Redirect, ToAnotherHostGoesWithoutTheToken) {
  hub_.redirect("model.safetensors", bytes_server_.url());
  fetch();
  expect_fetched();
  EXPECT_EQ(tokens_of(bytes_server_.requests()), (std::vector<std::string>{""}));
  for (const std::string& token : tokens_of(hub_.requests())) EXPECT_EQ(token, "Bearer secret");
}

TEST_F(Redirect, ToAnotherNameOfTheHostGoesWithoutTheToken) {
  hub_.redirect("model.safetensors", bytes_server_.url("localhost"));
  fetch();
  expect_fetched();
  EXPECT_EQ(tokens_of(bytes_server_.requests()), (std::vector<std::string>{""}));
}

TEST_F(Redirect, OnTheSameHostKeepsTheToken) {
  const std::string to = std::string("Location: /org/tiny/resolve/") + HubServer::kCommit;
  misbehave({answer_status(307, to + "/tokenizer.json")});  // a relative URL; wrong bytes
  fetch();
  expect_fetched();
  for (const std::string& token : tokens_of(hub_.requests())) EXPECT_EQ(token, "Bearer secret");
  EXPECT_EQ(hub_.count("GET", "tokenizer.json"), 2);
}

TEST_F(Redirect, BackToTheHubDoesNotBringTheTokenToOthers) {
  HttpServer between([this](const ServedRequest& request, HttpServer::Connection& connection) {
    connection.send(http_head(302, {"Location: " + hub_.url() + request.path, content_length(0)}));
  });
  misbehave({answer_status(
      302, "Location: " + between.url() + "/org/tiny/resolve/main/" + "model.safetensors")});
  fetch();
  expect_fetched();
  EXPECT_EQ(tokens_of(between.requests()), (std::vector<std::string>{""}));
}

TEST_F(Redirect, WithoutAnEndIsAnError) {
  const Misbehaviour loop = [](const ServedRequest& request, const std::string&,
                               HttpServer::Connection& connection) {
    connection.send(http_head(302, {"Location: " + request.path, content_length(0)}));
  };
  hub_.misbehave("HEAD", "config.json", std::vector<Misbehaviour>(20, loop));
  expect_failure(ErrorKind::kSystem, "after too many redirects");
}

TEST_F(Redirect, OutOfHttpIsRefused) {
  hub_.misbehave("HEAD", "config.json", {answer_status(302, "Location: file:///etc/passwd")});
  const std::optional<Error> error = error_of([&] { fetch(); });
  ASSERT_TRUE(error);
  EXPECT_FALSE(fs::exists(cached()));
}

TEST(SameOrigin, ComparesSchemeHostAndPort) {
  EXPECT_TRUE(same_origin("https://a.b/c", "https://A.b:443"));
  EXPECT_FALSE(same_origin("https://a.b", "http://a.b"));
  EXPECT_FALSE(same_origin("https://a.b", "https://a.b:444"));
  EXPECT_FALSE(same_origin("https://a.b", "https://a.b.c"));
  EXPECT_FALSE(same_origin("https://a.b", "https://a.b@c.d"));
  EXPECT_FALSE(same_origin("no url", "no url"));
}

TEST(UnsafeRedirect, LeavesEncryptionOrHttp) {
  EXPECT_FALSE(is_unsafe_redirect("https://a", "https://b"));
  EXPECT_FALSE(is_unsafe_redirect("http://a", "http://b"));
  EXPECT_TRUE(is_unsafe_redirect("https://a", "http://b"));
  EXPECT_TRUE(is_unsafe_redirect("http://a", "file:///b"));
}

}  // namespace
}  // namespace bertune
