// SPDX-License-Identifier: Apache-2.0
// The YAML beside a MindSpore checkpoint.
#include "formats/mindspore/config.h"
#include "fuzz/fuzz.h"
#include "model/heads/heads.h"
#include "model/params.h"

namespace bertune {

void fuzz(std::string_view input) {
  put_input("model.yaml", input);
  const BertConfig config =
      read_mindspore_config(find_mindspore_config(scratch_folder() / "model.ckpt"));
  CHECK(list_parameters(config, HeadKind::kQuestionAnswering).size > 0);
}

}  // namespace bertune
