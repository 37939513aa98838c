// SPDX-License-Identifier: Apache-2.0
// Counts the tags of a dataset: which scheme they follow, and how many of them break it. Both are
// known only after the last tag.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "datasets/tagged/sentences.h"
#include "datasets/tagged/tags.h"

namespace bertune {

// Words and tags of a text as they are in the file.
struct WrittenTags {
  std::vector<std::string> words;
  std::vector<std::string> tags;    // [words]; empty: not labelled
  std::vector<std::string> places;  // [words], or one for all
};

class TagCensus {
 public:
  explicit TagCensus(std::optional<TagScheme> strict = {}) : strict_(strict) {}

  // Every tag must be one of some scheme.
  void add(const WrittenTags& text);
  void add_unlabelled(const std::string& place);

  const std::string& unlabelled() const { return unlabelled_; }  // the first place; empty: none
  TagScheme scheme() const { return finder_.found(); }

  // See TaggedColumns::strict.
  std::vector<Entity> entities_of(std::span<const std::string> tags) const;

  // Logs how many tags break `scheme`, and where.
  void report(const std::filesystem::path& path, TagScheme scheme) const;

 private:
  // Counted for each scheme, because the scheme is known only at the end.
  struct BrokenTags {
    int64_t count = 0;
    std::vector<std::string> shown;
  };

  std::optional<TagScheme> strict_;
  std::string unlabelled_;
  SchemeFinder finder_;
  std::array<BrokenTags, kTagSchemes.size()> broken_;  // by kTagSchemes
};

// The text and its entities. Throws Error{kInput} for a word that is not a tag.
TaggedText read_tags(const std::filesystem::path& path, const WrittenTags& written,
                     TagCensus& census);

}  // namespace bertune
