// The task of finding the answer to a question in a context, whole: data, windows, answers, metrics
// and files, in the order in which they follow each other. The head and its loss are in model/.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tasks/context_question.h"
#include "tasks/qa_decode.h"
#include "tasks/qa_files.h"
#include "tasks/qa_windows.h"
#include "tasks/squad.h"
#include "tasks/squad_metrics.h"
