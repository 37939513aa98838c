// SPDX-License-Identifier: Apache-2.0
// A model hub that is a text: connections of libcurl end in it instead of a network, so that a
// fuzz target decides every byte of every answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bertune {

struct HubExchange {
  std::string url;
  std::string sent;    // to the hub
  std::string answer;  // as far as it was taken
};

// Blocks that begin with a line "%% NAME": the answers, one after the other, to requests for URLs
// that end in /NAME, of which the last stays. Without a name it is for all URLs; where none fits,
// the answer is 404. In the headers $git, $sha256 and $size stand for what is true of the body.
void put_hub_script(std::string_view script);

// What has happened since the script was put.
std::vector<HubExchange> take_hub_exchanges();

}  // namespace bertune
