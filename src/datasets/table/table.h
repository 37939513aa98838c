// SPDX-License-Identifier: Apache-2.0
// Text classification data: single texts or pairs, each with a label, several labels or a number.
// What a pass over
// a dataset tells about its labels is collected here; the reader beside this file knows the
// formats.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "datasets/table/glue.h"

namespace bertune {

struct TextExample {
  std::string text;                 // valid UTF-8, as are all texts here
  std::string text_pair;            // empty for a single text
  std::string label;                // by name; empty if the data gives a text any number of labels
  std::vector<std::string> labels;  // then those of this text

  std::span<const std::string> all_labels() const {
    return label.empty() ? std::span(labels) : std::span(&label, 1);
  }
};

// A part of a dataset, all of it of one file.
struct TextData {
  std::filesystem::path path;
  std::vector<TextExample> examples;
  std::vector<std::string> places;  // [examples] "line 3", for errors

  size_t size() const { return examples.size(); }
  std::string place_of(size_t example) const;  // "'FILE', line 3"
};

// Columns by name, or by number from 1 in a file without a header; empty: found by common names.
// `label` may name several columns, each of which is a label that a text has or not.
struct TextColumns {
  std::string text;
  std::string text_pair;
  std::string label;
  std::string separator;           // of the labels in a cell; empty: a cell is one label
  std::vector<std::string> names;  // of labels that are numbers: 0, 1, ...; empty: none are

  bool given() const { return !text.empty() || !text_pair.empty() || !label.empty(); }
};

struct SeenLabel {
  std::string name;
  std::string place;  // where it is seen first
};

struct TextInfo : DatasetInfo {
  // More labels than this are not kept: no classifier has so many classes, and labels that are
  // numbers would take as much memory as the data.
  static constexpr size_t kMostLabels = 1 << 16;

  bool pairs = false;
  bool multi_label = false;                // a text has any number of labels
  std::vector<std::string> label_columns;  // if each label is a column of its own
  const GlueTask* glue = nullptr;          // the task to which the files belong
  std::vector<SeenLabel> labels;           // each once, in order of appearance, at most kMostLabels
  std::optional<SeenLabel> not_a_number;   // the first such label

  void add(const TextData& part);

  // Whether the labels are numbers to be predicted: all are numbers, some with decimals, and not
  // just 0 and 1. So STS-B is; stars from 1 to 5 are classes, and so are 0.0 and 1.0.
  bool regression() const;

 private:
  void add_label(const std::string& label, const std::string& place);

  bool fractions_ = false;
  bool beyond_binary_ = false;  // a number other than 0 and 1
  std::set<std::string, std::less<>> known_;
};

// The value of a label that is a finite number.
std::optional<double> number_of_label(const std::string& label);

}  // namespace bertune
