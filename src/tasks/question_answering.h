// SPDX-License-Identifier: Apache-2.0
// The task of finding the answer to a question in a context, whole: data, windows, answers, metrics
// and files, in the order in which they follow each other. The head and its loss are in model/.
#pragma once

#include "datasets/squad/squad.h"
#include "tasks/context_question.h"
#include "tasks/question_answering/decode.h"
#include "tasks/question_answering/metrics.h"
#include "tasks/question_answering/prediction_files.h"
#include "tasks/question_answering/windows.h"
