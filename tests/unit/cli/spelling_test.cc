// SPDX-License-Identifier: Apache-2.0
// Options as flags, and the command that resumes a run.
#include "cli/spelling.h"

#include <gtest/gtest.h>

#include "bertune/error.h"
#include "cli/resume_command.h"

namespace bertune {
namespace {

TEST(Flag, SpellsAnOptionOrASetting) {
  EXPECT_EQ(flag("epochs"), "--epochs");
  EXPECT_EQ(flag("max_seq_length"), "--max-seq-length");
  EXPECT_EQ(flag("max_seq_length", "128"), "--max-seq-length 128");
  EXPECT_EQ(flag("resume", "true"), "--resume");
  EXPECT_EQ(flag("bias_correction", "false"), "--no-bias-correction");
}

TEST(Flag, SpellsTheOptionsOfAnError) {
  const Error error(ErrorKind::kUsage, option("doc_stride") + " is 25",
                    "set " + option("doc_stride", "4") + " or " + option("resume", "true"));
  EXPECT_EQ(error.message(flag), "--doc-stride is 25");
  EXPECT_EQ(error.hint(flag), "set --doc-stride 4 or --resume");
}

TEST(ResumeCommand, SaysResumeOnceAndQuotesForAShell) {
  EXPECT_EQ(resume_command({"bertune", "train", "--model", "my model", "--keep=1"}),
            "bertune train --model 'my model' --keep=1 --resume");
  EXPECT_EQ(resume_command({"bertune", "train", "--resume-from", "x", "--resume-anyway", "--resume",
                            "--no-resume", "--resume-from=y", "--labels", "it's"}),
            "bertune train --labels 'it'\\''s' --resume");
}

}  // namespace
}  // namespace bertune
