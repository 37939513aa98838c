// SPDX-License-Identifier: Apache-2.0
// Mapping the labels of a dataset to a classifier's labels and to targets.
#include <gtest/gtest.h>

#include "datasets/table/reader.h"
#include "expect_error.h"
#include "tasks/text_classification/windows.h"
#include "temporary_folder.h"
#include "text/utf8.h"

namespace bertune {
namespace {

TextStream::Whole read(const std::string& content) {
  const TemporaryFolder folder;
  return TextStream(put_file(folder / "a.csv", content), Split::kTrain).read_all();
}

TEST(TextLabels, AreThoseOfTheDataSorted) {
  EXPECT_EQ(find_labels(read("text,label\na,pos\nb,neg\nc,pos\n").info), (Labels{"neg", "pos"}));
  EXPECT_EQ(find_labels(read("text,label\na,10\nb,9\nc,1\n").info), (Labels{"1", "9", "10"}));
  expect_error(ErrorKind::kInput, {"all 2 examples have the label 'x'"},
               [] { find_labels(read("text,label\na,x\nb,x\n").info); });
}

TEST(TextLabels, MayBeTooManyForAClassifier) {
  TextInfo info;
  info.labels.resize(TextInfo::kMostLabels);
  expect_error(ErrorKind::kInput, {"65536 different labels or more"}, [&] { find_labels(info); });
}

TEST(TextLabels, AreShortInErrors) {
  const std::string many(5000, 'x');
  const std::optional<Error> error =
      error_of([&] { find_labels(read("text,label\na," + many + "\n").info); });
  ASSERT_TRUE(error.has_value());
  EXPECT_LT(error->message().size() + error->hint().size(), 1000u);
  EXPECT_TRUE(is_valid_utf8(error->message())) << error->message();
}

TEST(TextLabels, BecomeTargets) {
  const auto [data, info] = read("text,label\na,pos\nb,neg\n");
  EXPECT_EQ(class_targets(data, {"neg", "pos"}), (std::vector<int32_t>{1, 0}));
  const std::initializer_list<std::string> parts{"line 3", "label 'neg' is not one of pos, other"};
  const Labels labels{"pos", "other"};
  expect_error(ErrorKind::kInput, parts, [&, &data = data] { class_targets(data, labels); });
  expect_error(ErrorKind::kInput, parts, [&, &info = info] { check_classes(info, labels); });
  check_classes(info, {"pos", "neg", "other"});
}

TEST(TextLabels, MayBeNumbers) {
  const auto [data, info] = read("text,label\na,1.5\nb,5\n");
  EXPECT_TRUE(info.regression());
  EXPECT_EQ(number_targets(data), (std::vector<double>{1.5, 5.0}));
  check_numbers(info);
  const auto [other, found] = read("text,label\na,x\n");
  expect_error(ErrorKind::kInput, {"line 2", "'x' is not a number"},
               [&other = other] { number_targets(other); });
  expect_error(ErrorKind::kInput, {"line 2", "'x' is not a number"},
               [&found = found] { check_numbers(found); });
}

}  // namespace
}  // namespace bertune
