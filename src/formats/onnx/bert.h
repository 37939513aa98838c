// SPDX-License-Identifier: Apache-2.0
// Writes a BERT with its head as an ONNX file. The graph takes padded batches through the inputs
// input_ids, attention_mask and token_type_ids, and names its outputs as transformers' exports do.
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

// The caller owns everything here. It is only read.
struct OnnxContents {
  const BertConfig& config;
  const ParameterList& list;
  std::span<const float> values;  // [list.size]
};

// Whether the weights are too large for the ONNX file and need a data file next to it.
bool onnx_needs_data_file(const OnnxContents& contents);

// Writes `path`, and also `path` + ".data" when the weights exceed `max_bytes`. Not atomic. Throws
// Error{kSystem}.
void write_onnx(const std::filesystem::path& path, const OnnxContents& contents,
                uint64_t max_bytes = OnnxGraph::kMaxBytes);

}  // namespace bertune
