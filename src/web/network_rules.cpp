#include "web/network_rules.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "identity/settings.hpp"

namespace probity::web {
namespace {

/// Whether the client lies in one of the blocks; `otherwise` for a line that is none.
bool is_among(std::string_view list, const Address& client, bool otherwise) {
  if (list.empty()) return false;
  const auto lines = split(list, '\n');
  return std::ranges::any_of(lines, [&](std::string_view line) {
    const auto block = parse_block(line);
    return block ? block->has(client) : otherwise;
  });
}

std::string text_of(const Block& block) {
  const int most = block.first.is_v6 ? 128 : 32;
  const std::string address = address_text(block.first);
  return block.prefix_bits == most ? address : fmt::format("{}/{}", address, block.prefix_bits);
}

}  // namespace

bool lets_in(const identity::NetworkRules& rules, const Address& client) {
  if (is_among(rules.deny, client, true)) return false;
  return rules.allow.empty() || is_among(rules.allow, client, false);
}

Result<std::string> network_list(std::string_view field, const std::vector<std::string>& blocks) {
  std::vector<std::string> lines;
  for (const std::string& text : blocks) {
    const auto block = parse_block(trim(text));
    if (!block) {
      return refuse_field(Code::BadRequest, fmt::format("/{}", field),
                          fmt::format("\"{}\" is no address and no block such as 203.0.113.0/24 "
                                      "or 2001:db8::/32.",
                                      is_utf8(text) ? text : std::string("?")));
    }
    std::string line = text_of(*block);
    if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
  }
  std::string list;
  for (const std::string& line : lines)
    list += (list.empty() ? "" : "\n") + line;
  return list;
}

}  // namespace probity::web
