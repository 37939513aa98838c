// SPDX-License-Identifier: Apache-2.0
#include "model/head.h"

#include "base/check.h"
#include "model/question_answering_head.h"

namespace bertune {

Head head_of(HeadKind kind) {
  switch (kind) {
    case HeadKind::kNone:
      break;
    case HeadKind::kQuestionAnswering:
      return question_answering_head();
  }
  CHECK(!"a kind with a head");
  return {};
}

}  // namespace bertune
