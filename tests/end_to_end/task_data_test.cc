// SPDX-License-Identifier: Apache-2.0
// Invalid data of text classification, token classification and masked language modelling: the
// program reports it with file and line, or counts it in a warning, but never ignores it silently.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "end_to_end/program_error.h"
#include "end_to_end/tiny_task.h"

namespace bertune {
namespace {

using nlohmann::json;

class TextData : public TinyTask {
 protected:
  TextData() : TinyTask("text_classification") {}
};
class TokenData : public TinyTask {
 protected:
  TokenData() : TinyTask("token_classification") {}
};
class MaskData : public TinyTask {
 protected:
  MaskData() : TinyTask("fill_mask") {}
};

// Text of the Basic Multilingual Plane below U+0800 as UTF-16, low byte first.
std::string utf16(const std::string& text) {
  std::string wide;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      wide += {text[i], '\0'};
      continue;
    }
    const int code = (byte & 0x1F) << 6 | (static_cast<unsigned char>(text[++i]) & 0x3F);
    wide += {static_cast<char>(code & 0xFF), static_cast<char>(code >> 8)};
  }
  return wide;
}

TEST_F(TextData, MissingColumnsAreNamed) {
  const std::string data = put("t.csv", kTexts);
  expect_error(train(data, {"--text-column", "body"}), 1, "t.csv', the header: there is no column");
  expect_error(train(data, {"--label-column", "lable"}), 1, "did you mean 'label'?");
  expect_error(train(data, {"--text-column", "1", "--label-column", "3"}), 1,
               "column 3 is needed, but the row has 2");
  expect_error(train(put("u.tsv", "review\tverdict\na\tyes\nb\tno\n")), 1, "--label-column");
  expect_error(train(put("k.jsonl", "{\"text\": \"a\", \"label\": \"x\"}\n{\"text\": \"b\"}\n")), 1,
               "k.jsonl', line 2: no column looks like a label");
  expect_error(train(put("l.csv", "text,label\na,yes\nb,\n")), 1,
               "l.csv', line 3: the row has no label");
}

TEST_F(TextData, RaggedRowsAreNamedByTheirLine) {
  expect_error(train(put("t.csv", "text,label\na,yes\nb\n")), 1,
               "t.csv', line 3: 1 fields, but the first row has 2");
  expect_error(train(put("t.tsv", "text\tlabel\na\tyes\nb\tno\tmore\n")), 1,
               "t.tsv', line 3: 3 fields, but the first row has 2");
  expect_error(train(put("q.csv", "text,label\n\"a,yes\nb,no\n")), 1,
               "q.csv', line 2: the quote that opens field 1 is never closed");
}

TEST_F(TextData, OneLabelIsNothingToLearn) {
  expect_error(train(put("t.csv", "text,label\na,yes\nb,yes\n")), 1,
               "all 2 examples have the label 'yes'");
  expect_error(train(put("t.csv", kTexts), {"--labels", "yes"}), 2, "at least two labels");
  expect_error(train(put("t.csv", kTexts), {"--labels", "yes,no,yes"}), 2, "comes twice");
}

TEST_F(TextData, LabelsThatTheModelLacksAreNamedByTheirLine) {
  const std::string data = put("t.csv", kTexts),
                    other = put("u.csv", "text,label\na,yes\nb,maybe\n");
  expect_error(train(data, {"--labels", "yes,never"}), 1,
               "t.csv', line 3: label 'no' is not one of yes, never");
  log_of_training(data, {"--epochs", "1"});
  expect_error(evaluate(other), 1, "u.csv', line 3: label 'maybe' is not one of no, yes");
  model_ = only_checkpoint().string();
  expect_error(train(other), 1, "u.csv', line 3: label 'maybe' is not one of no, yes");
}

TEST_F(TextData, LabelsOfATunedModelStay) {
  const std::string data = put("t.csv", kTexts);
  log_of_training(data, {"--epochs", "1"});
  for (const char* labels : {"no,yes,maybe", "bad,good"}) {
    const std::string message =
        std::string("--labels is ") + labels + ", but the model was tuned for no,yes";
    expect_error(evaluate(data, {"--labels", labels}), 2, message);
    model_ = (folder_ / "out/checkpoint-1").string();
    expect_error(train(data, {"--labels", labels}), 2, message);
  }
  const std::string log = log_of_training(data, {"--labels", "yes,no", "--epochs", "2"});
  expect_said(log, "the labels keep the order that the model learned: no,yes");
  EXPECT_EQ(config()["id2label"], json({{"0", "no"}, {"1", "yes"}}));
}

// transformers' default names are LABEL_0 and LABEL_1.
TEST_F(TextData, LabelsWithoutNamesTakeThoseThatAreGiven) {
  const std::string data = put("t.csv", kTexts);
  log_of_training(data);
  json anonymous = config();
  anonymous["id2label"] = {{"0", "LABEL_0"}, {"1", "LABEL_1"}};
  put_file(only_checkpoint() / "config.json", anonymous.dump());
  expect_error(evaluate(data), 1, "label 'yes' is not one of 0, 1");
  EXPECT_EQ(metrics(data, {"--labels", "no,yes"})["accuracy"], 1.0);
}

TEST_F(TextData, AHeadOfAnotherTaskIsNotTaken) {
  task_ = "token_classification";
  log_of_training(put("t.conll", "a B-X\nb I-X\nc O\n"), {"--epochs", "1"});
  task_ = "text_classification";
  model_ = path("tagger");
  std::filesystem::rename(only_checkpoint(), model_);
  const std::string as_many_labels = put("t.csv", "text,label\na,x\nb,y\nc,z\n");
  for (const std::string& data : {as_many_labels, put("u.csv", kTexts)}) {
    expect_said(
        log_of_training(data, {"--epochs", "1"}),
        "no head for text_classification: bert.pooler.dense.weight, "
        "bert.pooler.dense.bias, classifier.weight, classifier.bias are initialised randomly");
  }
  expect_error(
      evaluate(put("t.csv", kTexts), {"--task", "text_classification", "--checkpoint", model_}), 1,
      "tuned for token_classification and not for text_classification");
}

TEST_F(TextData, EmptyTextsAreCounted) {
  const std::string data = put("t.csv", "text,label\na b,yes\n\"\",no\n \t,yes\ng h,no\n");
  expect_said(log_of_training(data, {"--epochs", "1"}),
              "t.csv': 2 texts are empty, the first at line 3");
  expect_said(evaluate(data).err, "t.csv': 2 texts are empty, the first at line 3");
  expect_error(predict({"--input", ""}), 2, "predict needs one input");
  EXPECT_EQ(predict({"--file", "-"}, "\"\"\n").exit_code, 0);  // an empty text has a label too
  expect_error(train(put("e.csv", "")), 1, "e.csv' holds no example");
  expect_error(train(put("e.csv", "text,label\n")), 1, "e.csv' holds no example");
}

TEST_F(TextData, OtherEncodingsAreRefusedOrCounted) {
  const std::string texts = "text,label\ncafé,yes\nb,no\n";
  expect_error(train(put("w.csv", "\xFF\xFE" + utf16(texts))), 1,
               "w.csv' is UTF-16 or UTF-32, not UTF-8");
  expect_error(train(put("w.csv", utf16(texts))), 1, "w.csv' has a NUL byte at byte 1");
  expect_said(log_of_training(put("l.csv", "text,label\ncaf\xE9,yes\nb,no\n"), {"--epochs", "1"}),
              "l.csv' is not valid UTF-8: 1 invalid parts were replaced by U+FFFD");
  expect_said(log_of_training(put("b.csv", "\xEF\xBB\xBF" + texts), {"--epochs", "1"}),
              "checkpoint saved");  // a byte order mark is not part of the header
}

TEST_F(TextData, AFileMayHaveANameInAnyEncoding) {
  const std::string data = put("caf\xE9.csv", kTexts);
  log_of_training(data, {"--eval-dataset", data, "--epochs", "1"});
  log_of_training(data, {"--eval-dataset", data, "--epochs", "1", "--resume"});
  EXPECT_EQ(evaluate(data).exit_code, 0);
  expect_error(train(data, {"--labels", "yes,no,caf\xE9"}), 2, "--labels is not valid UTF-8");
}

TEST_F(TextData, MetricsThatThereAreNotAreNamed) {
  const std::string data = put("t.csv", kTexts);
  const ProgramResult result =
      train(data, {"--eval-dataset", data, "--eval-epochs", "1", "--metric-for-best", "acuracy"});
  expect_error(result, 2, "--metric-for-best is 'acuracy'");
  expect_said(result.err, "accuracy, f1, f1_macro, matthews_correlation");
  EXPECT_FALSE(std::filesystem::exists(path("out")));  // the error is found before the first step
  expect_error(train(data, {"--metric-for-best", "f1"}), 2, "need evaluations during training");
  expect_error(train(data, {"--eval-epochs", "1"}), 2, "--eval-dataset is missing");
}

// The error is reported before training, not after hours of it.
TEST_F(TextData, EvaluationDataAreReadBeforeTraining) {
  const std::string data = put("t.csv", kTexts);
  const auto train_for = [&](const std::string& evaluated) {
    return train(data, {"--eval-dataset", evaluated});
  };
  expect_error(train_for("/no/file"), 1, "/no/file");
  expect_error(train_for(put("u.csv", "text,label\na,yes\nb,maybe\n")), 1,
               "u.csv', line 3: label 'maybe' is not one of no, yes");
  expect_error(train_for(put("u.csv", "text,label\na,yes\nb\n")), 1, "u.csv', line 3");
  task_ = "question_answering";
  expect_error(train(put("q.jsonl", tiny_squad_lines()), {"--eval-dataset", "/no/file"}), 1,
               "/no/file");
  task_ = "fill_mask";
  expect_error(train(put("t.txt", kWords), {"--eval-dataset", "/no/file"}), 1, "/no/file");
  task_ = "token_classification";
  expect_error(train(put("t.conll", kTags), {"--eval-dataset", put("u.conll", "a O\nb\n")}), 1,
               "u.conll', line 2");
  EXPECT_FALSE(std::filesystem::exists(path("out")));
}

TEST_F(TokenData, ColumnsThatChangeAreNamedByTheirLine) {
  expect_error(train(put("t.conll", "a O\nb B-X\nc x O\n")), 1,
               "t.conll', line 3: 3 columns, but the lines before have 2");
  expect_error(train(put("t.conll", "a O\n\nb\tO\tB-X\n")), 1, "t.conll', line 3: 3 columns");
  expect_error(train(put("t.conll", "a\nb\n")), 1, "t.conll', line 1: there are 1 columns");
  expect_error(train(put("t.conll", kTags), {"--tag-column", "3"}), 1, "column 3 is needed");
  expect_error(train(put("t.conll", kTags), {"--word-column", "0"}), 2, "--word-column is 0");
}

TEST_F(TokenData, WordsThatAreNoTagsAreNamedByTheirLine) {
  expect_error(train(put("t.conll", "a B-X\nb NN\n")), 1,
               "t.conll', line 2: the tags 'NN' and 'B-X' cannot be mixed");
  expect_error(train(put("t.conll", kTags), {"--tag-scheme", "iob9"}), 2, "--tag-scheme is 'iob9'");
  expect_error(train(put("t.jsonl", "{\"words\": [\"a\", \"b\"], \"tags\": [\"O\"]}\n")), 1,
               "t.jsonl', line 1: 2 words, but 1 tags");
}

TEST_F(TokenData, TagsThatBreakTheSchemeAreCounted) {
  const std::string data = put("t.conll", "a B-X\nb O\nc I-X\n\nd I-Y\n");
  const std::string said =
      "t.conll': 2 tags break IOB2, at line 3 (c I-X), line 5 (d I-Y); entities are read as "
      "conlleval reads them";
  expect_said(log_of_training(data), said);
  const ProgramResult scored = evaluate(data, {"--json"});
  expect_said(scored.err, said);
  EXPECT_EQ(json::parse(scored.out).front()["X_support"], 2);
}

TEST_F(TokenData, WithoutEntitiesThereIsNothingToLearn) {
  expect_error(train(put("t.conll", "a O\nb O\n\nc O\n")), 1,
               "none of the 2 texts has an entity: every word is O");
  expect_error(train(put("t.conll", kTags), {"--labels", "B-X,I-X"}), 1,
               "the labels do not include O");
  expect_error(train(put("t.conll", "\n\n")), 1, "t.conll' holds no text");
}

TEST_F(TokenData, TypesThatTheModelLacksAreCounted) {
  log_of_training(put("t.conll", kTags), {"--epochs", "1"});
  const std::string other = put("u.conll", "a B-Z\nb O\n");
  const ProgramResult scored = evaluate(other);
  EXPECT_EQ(scored.exit_code, 0);
  expect_said(scored.err, "1 entities are of types that the model does not know (Z)");
  expect_error(evaluate(other, {"--labels", "O,B-Z,I-Z"}), 2, "but the model was tuned for O,B-X");
  model_ = only_checkpoint().string();
  expect_error(train(other, {"--labels", "O,B-Z,I-Z"}), 2, "but the model was tuned for O,B-X");
  const ProgramResult refused = train(other, {"--epochs", "1"});
  expect_error(refused, 1, "u.conll', text at line 1: the tag B-Z of 'a' is not one of O, B-X");
  expect_said(refused.err, "--new-head");
}

TEST_F(TokenData, ANewHeadTakesTheTagsOfTheData) {
  log_of_training(put("t.conll", kTags), {"--epochs", "1"});
  model_ = only_checkpoint().string();
  const std::string other = put("u.conll", "a B-Z\nb O\n");
  const std::string log = log_of_training(other, {"--new-head"});
  expect_said(log, "the head is new (new_head): classifier.weight, classifier.bias");
  EXPECT_EQ(config()["id2label"], json({{"0", "O"}, {"1", "B-Z"}, {"2", "I-Z"}}));
  EXPECT_EQ(metrics(other)["f1"], 1.0);
}

TEST_F(TokenData, OtherEncodingsAreRefusedOrCounted) {
  expect_error(train(put("w.conll", "\xFF\xFE" + utf16("café B-X\n"))), 1,
               "w.conll' is UTF-16 or UTF-32, not UTF-8");
  expect_said(log_of_training(put("l.conll", "caf\xE9 B-X\nb O\n"), {"--epochs", "1"}),
              "l.conll' is not valid UTF-8: 1 invalid parts");
}

TEST_F(TokenData, AnEmptyTextHasNoEntities) {
  log_of_training(put("t.conll", kTags), {"--epochs", "1"});
  const ProgramResult answer = predict({"--file", "-"}, "\"\"\n\" \"\n");
  EXPECT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_EQ(json::parse(answer.out), json::parse("[[], []]"));
}

TEST_F(TokenData, FilesThatTheTaskDoesNotWriteAreRefused) {
  const std::string data = put("t.conll", kTags);
  log_of_training(data, {"--epochs", "1"});
  expect_error(evaluate(data, {"--confusion", path("c.json")}), 2, "--confusion is");
  EXPECT_FALSE(std::filesystem::exists(path("c.json")));
}

TEST_F(MaskData, ATextWithoutMaskIsNamed) {
  log_of_training(put("t.txt", kWords), {"--epochs", "1"});
  expect_error(predict({"--input", "a b c"}), 1, "the text has no [MASK]");
  expect_error(predict({"--input", "a [mask] c"}), 1, "the text has no [MASK]");
  expect_error(predict({"--context", "a [MASK]", "--question", "b"}), 1, "two texts");
  const std::string lines = put("in.jsonl", "\"a [MASK]\"\n\"b c\"\n");
  expect_error(predict({"--file", lines}), 1, "in.jsonl' line 2: the text has no [MASK]");
}

TEST_F(MaskData, OtherEncodingsAreRefusedOrCounted) {
  expect_error(train(put("w.txt", "\xFF\xFE" + utf16("café\n"))), 1,
               "w.txt' is UTF-16 or UTF-32, not UTF-8");
  // Chinese in UTF-16 has no NUL bytes.
  expect_error(train(put("c.txt", "\xFF\xFE\x2D\x4E\x87\x65")), 1, "c.txt' is UTF-16 or UTF-32");
  expect_error(train(put("w.txt", utf16("café\n"))), 1, "w.txt', line 1 has a NUL byte");
  expect_said(log_of_training(put("l.txt", "a b\ncaf\xE9\n"), {"--epochs", "1"}),
              "l.txt': 1 lines are not valid UTF-8, the first is line 2");
}

TEST_F(MaskData, WithoutTextThereIsNothingToLearn) {
  expect_error(train(put("t.txt", "\n \n")), 1, "t.txt' holds no text");
  expect_error(train(put("t.jsonl", "{\"body\": \"a\"}\n")), 1, "t.jsonl', line 1");
  const std::string data = put("t.txt", kWords);
  expect_error(train(data, {"--mask-probability", "0"}), 2, "--mask-probability is 0");
  log_of_training(data, {"--epochs", "1"});
  expect_error(evaluate(data, {"--confusion", path("c.json")}), 2, "--confusion");
  expect_error(evaluate(data, {"--mask-probability", "0.001"}), 2, "--mask-probability");
  json state = json::parse(get_file(only_checkpoint() / "training_state.json"));
  state["options"]["mask_probability"] = 0.001;
  put_file(only_checkpoint() / "training_state.json", state.dump());
  expect_error(evaluate(put("u.txt", "a\n")), 1, "no word of the evaluation data is hidden");
}

}  // namespace
}  // namespace bertune
