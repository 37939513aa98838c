// SPDX-License-Identifier: Apache-2.0
// What the tags of a data set tell when all of them have been seen: their scheme, and how many
// break it.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "datasets/tagged/sentences.h"
#include "datasets/tagged/tags.h"

namespace bertune {

// Words and tags of a text as the file has them.
struct WrittenTags {
  std::vector<std::string> words;
  std::vector<std::string> tags;    // [words]; none: not labelled
  std::vector<std::string> places;  // [words], or one for all
};

class TagCensus {
 public:
  // The tags must be tags.
  void add(const WrittenTags& text);
  void add_unlabelled() { labelled_ = false; }

  bool labelled() const { return labelled_; }  // all of it
  TagScheme scheme() const { return finder_.found(); }

  // Tells how many tags break `scheme`, and where.
  void report(const std::filesystem::path& path, TagScheme scheme) const;

 private:
  // Counted for each scheme, because which one it is shows at the end only.
  struct BrokenTags {
    int64_t count = 0;
    std::vector<std::string> shown;
  };

  bool labelled_ = true;
  SchemeFinder finder_;
  std::array<BrokenTags, kTagSchemes.size()> broken_;  // by kTagSchemes
};

// The text and its entities. Throws Error{kInput} for what is no tag.
TaggedText read_tags(const std::filesystem::path& path, const WrittenTags& written,
                     TagCensus& census);

}  // namespace bertune
