// SPDX-License-Identifier: Apache-2.0
// BERT with its head as an ONNX file, as other programs run it: padded, with inputs input_ids,
// attention_mask and token_type_ids, and outputs named as transformers' exports name them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "formats/onnx/graph.h"
#include "model/config.h"
#include "model/params.h"

namespace bertune {

// Everything is the caller's and only read.
struct OnnxContents {
  const BertConfig& config;
  const ParameterList& list;
  std::span<const float> values;  // [list.size]
};

// Whether the weights are too large for the file itself, and get one beside it.
bool onnx_needs_data_file(const OnnxContents& contents);

// Writes `path`, and `path` + ".data" where the weights pass `max_bytes`. Not atomic. Throws
// Error{kSystem}.
void write_onnx(const std::filesystem::path& path, const OnnxContents& contents,
                uint64_t max_bytes = OnnxGraph::kMaxBytes);

}  // namespace bertune
