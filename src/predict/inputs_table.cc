// SPDX-License-Identifier: Apache-2.0
#include "predict/inputs_table.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "bertune/error.h"
#include "model/heads/heads.h"

namespace bertune {
namespace {

bool reads_texts(const TaskDescription& task) {
  return task.head == HeadKind::kSequenceClassification ||
         task.head == HeadKind::kTokenClassification;
}

const std::string& require_texts(const std::string& file, const TaskDescription& task) {
  if (reads_texts(task)) return file;
  throw Error(ErrorKind::kUsage,
              fmt::format("'{}' is a table, but {} reads JSON lines only", file, task.name),
              "write one JSON string or object on each line of a file with another ending");
}

TextColumns kept_columns(const Reading& reading) {
  const DataOptions kept = with_kept_columns({}, reading.columns);
  return {.text = kept.text_column, .text_pair = kept.text_pair_column, .label = {}};
}

}  // namespace

InputRows::InputRows(const std::string& file, const Task& task, const Reading& reading)
    : task_(task),
      rows_(require_texts(file, task.description()), kept_columns(reading)),
      pairs_(rows_.pairs() && reading.text_pairs) {}

std::vector<Input> InputRows::next(size_t count) {
  std::vector<Input> inputs;
  while (inputs.size() < count) {
    std::optional<TextExample> row = rows_.next();
    if (!row) break;
    Input input = pairs_ ? Input(TextPair{std::move(row->text), std::move(row->text_pair)})
                         : Input(std::move(row->text));
    try {
      task_.check_input(input);
    } catch (const Error& error) {
      throw error.at(rows_.place());
    }
    inputs.push_back(std::move(input));
  }
  return inputs;
}

}  // namespace bertune
