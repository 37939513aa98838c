// SPDX-License-Identifier: Apache-2.0
// Tags of words and the entities that they mark: reads and writes IOB1, IOB2, BIOES, BIOS, IO and
// tags without prefixes, and finds entities by the rules of conlleval and seqeval.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bertune {

enum class TagScheme {
  kIob1,   // B- only where an entity follows one of its own type
  kIob2,   // B- at the beginning of every entity
  kBioes,  // IOB2, with E- at the end and S- for an entity of one word; also written as BILOU, BMES
  kBios,   // IOB2 with S-: CLUENER's
  kIo,     // only I-, of models; data of this kind is read as IOB1
  kPlain,  // the type alone, such as parts of speech; equal neighbours are one entity
};
// Those that data can be in.
inline constexpr std::array kTagSchemes{TagScheme::kIob1, TagScheme::kIob2, TagScheme::kBioes,
                                        TagScheme::kBios, TagScheme::kPlain};
const char* name_of(TagScheme scheme);

// Words first .. last of a text.
struct Entity {
  std::string type;
  int32_t first = 0;
  int32_t last = 0;  // inclusive
  friend auto operator<=>(const Entity&, const Entity&) = default;
};

// "B-PER" is B and PER, "O" is O without a type.
struct Tag {
  char prefix = 'O';
  std::string_view type;
};

// The parts of a tag, with L read as E, M as I and U as S. A tag without prefix has the prefix '\0'
// and is the type.
Tag parse_tag(std::string_view tag);

// The tag in its usual spelling: I-PER for M-PER.
std::string usual_spelling(std::string_view tag);

// The default rules of conlleval and seqeval: an entity begins at B-, at S-, at a change of type,
// and at an I- or E- after O, E- or S-.
std::vector<Entity> find_entities(std::span<const std::string> tags);

// Seqeval's strict mode: only entities whose tags follow the scheme. In IOB2 an entity begins with
// B-, in BIOES it is S- or goes from B- to E-; BIOS, which seqeval does not have, is IOB2 with S-.
// Not for IOB1.
std::vector<Entity> find_entities_strictly(std::span<const std::string> tags, TagScheme scheme);

// The tags of `words` words that mark these entities, which do not overlap. Not in IOB1.
std::vector<std::string> write_tags(std::span<const Entity> entities, int32_t words,
                                    TagScheme scheme);

// All tags of a scheme for some types: O first, then by type, B-, I-, E-, S-. Not in IOB1.
std::vector<std::string> tag_set(std::span<const std::string> types, TagScheme scheme);

// The scheme that a set of tags belongs to: BIOES with E-, BIOS with S-, IOB2 with B-, IO with I-,
// plain without any of them.
TagScheme scheme_of(std::span<const std::string> tags);

// Finds the scheme of a dataset from the tags of all of its texts.
class SchemeFinder {
 public:
  void add(std::span<const std::string> tags);
  // IOB1 only if no B-, but an I-, begins an entity after another type or O.
  TagScheme found() const;

 private:
  bool ends_ = false, singles_ = false, plain_ = false;
  int64_t stray_insides_ = 0;
  int64_t free_begins_ = 0;
};

// Indices of the words whose tag breaks the scheme: an I- or E- that continues nothing; in BIOES a
// B- or I- that nothing ends; in IOB1 a B- that separates nothing.
std::vector<int32_t> find_broken_tags(std::span<const std::string> tags, TagScheme scheme);

}  // namespace bertune
