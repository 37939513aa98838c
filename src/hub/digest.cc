// SPDX-License-Identifier: Apache-2.0
#include "hub/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <initializer_list>
#include <memory>

#include "base/check.h"

namespace bertune {
namespace {

std::string digest_hex(const EVP_MD* kind, std::initializer_list<std::string_view> parts) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  CHECK(context != nullptr && EVP_DigestInit_ex(context.get(), kind, nullptr) == 1);
  for (const std::string_view part : parts)
    CHECK(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  CHECK(EVP_DigestFinal_ex(context.get(), bytes, &size) == 1);
  return fmt::format("{:02x}", fmt::join(bytes, bytes + size, ""));
}

}  // namespace

std::string sha256_hex(std::string_view bytes) { return digest_hex(EVP_sha256(), {bytes}); }

std::string git_blob_hex(std::string_view bytes) {
  const std::string header = fmt::format("blob {}", bytes.size()) + '\0';
  return digest_hex(EVP_sha1(), {header, bytes});
}

}  // namespace bertune
