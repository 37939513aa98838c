// SPDX-License-Identifier: Apache-2.0
// A model hub defined by a text: libcurl's connections end in it instead of a network, so that a
// fuzz target controls every byte of every answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bertune {

struct HubExchange {
  std::string url;
  std::string sent;    // sent to the hub
  std::string answer;  // the part that was accepted
};

// The script consists of blocks that begin with a line "%% NAME". They are the answers, in order,
// to requests for URLs that end in /NAME; the last one repeats. A block without a name answers all
// URLs, and a URL without a block gets 404. In the headers $git, $sha256 and $size are replaced by
// the body's true values.
void put_hub_script(std::string_view script);

// The exchanges since the last put_hub_script.
std::vector<HubExchange> take_hub_exchanges();

}  // namespace bertune
