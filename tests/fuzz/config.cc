// SPDX-License-Identifier: Apache-2.0
// config.json: an accepted file has sizes that do not overflow, and keeps its meaning when it is
// written and read again.
#include "formats/huggingface/config.h"

#include "formats/model_files.h"
#include "fuzz/fuzz.h"
#include "model/heads/heads.h"
#include "model/params.h"

namespace bertune {

void fuzz(std::string_view input) {
  put_input("config.json", input);
  const BertConfig config = parse_config(JsonFile(scratch_folder() / "config.json"));
  const ParameterList list = list_parameters(config, HeadKind::kQuestionAnswering);
  CHECK(list.size > 0);
  for (const Parameter& parameter : list.parameters)
    CHECK(parameter.size() > 0 && parameter.offset + parameter.size() <= list.size);
  const std::string text = config_json(config, "BertForQuestionAnswering");
  put_input("config.json", text);
  CHECK(config_json(parse_config(JsonFile(scratch_folder() / "config.json")),
                    "BertForQuestionAnswering") == text);
}

}  // namespace bertune
