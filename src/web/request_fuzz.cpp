// What a request says beyond its framing: target, cookies, JSON members, addresses. Nothing that
// was taken can name two things, and what is stored is what was declared.
#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/text.hpp"
#include "web/address.hpp"
#include "web/body.hpp"
#include "web/request.hpp"

namespace {

using namespace probity;

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_clean(std::string_view text) {
  return is_utf8(text) && std::ranges::none_of(text, [](char c) {
           return (static_cast<unsigned char>(c) < 0x20 || c == 0x7F);
         });
}

void read_target(std::string_view text) {
  web::Request request;
  if (!web::set_target(request, text)) return;
  require(request.path.starts_with('/') && is_clean(request.path));
  std::string joined;
  for (const std::string& segment : request.segments) {
    require(segment != "." && segment != ".." && segment.find('/') == std::string::npos);
    joined += '/' + segment;
  }
  require(request.segments.empty() ? request.path == "/" : request.path == joined);
  for (const auto& [name, value] : request.query) {
    require(is_clean(name) && is_clean(value));
    require(request.param(name).has_value() && !request.params(name).empty());
  }
}

void read_cookies(std::string_view text) {
  web::Request request;
  const std::size_t cut = text.size() / 2;
  request.headers = {{"cookie", std::string(text.substr(0, cut))},
                     {"cookie", std::string(text.substr(cut))}};
  const auto value = request.cookie("a");
  if (!value) return;
  require(value->find(';') == std::string_view::npos);
  // A second one of that name makes both worthless.
  request.headers.push_back({"cookie", "a=planted"});
  require(!request.cookie("a"));
}

void read_members(std::string_view text) {
  const auto json = parse_json(text);
  if (!json) return;
  web::Fields fields(*json);
  const std::string required = fields.text("t", {.bytes_max = 8});
  const auto list = fields.texts("l", {.bytes_max = 4, .items_max = 3});
  const auto number = fields.maybe_integer("n", -5, 5);
  static_cast<void>(fields.maybe_truth("b"));
  const auto* any = fields.any("v");
  if (!fields.finish()) return;
  require(!required.empty() && required.size() <= 8 && list.size() <= 3);
  require(!number || (*number >= -5 && *number <= 5));
  require(any == nullptr || !any->is_null());
  for (const auto& member : json->as_object())
    require(std::string_view("tlnbv").find(std::string_view(member.key())) != std::string::npos &&
            member.key().size() == 1);
}

void read_address(std::string_view text) {
  const auto address = web::parse_address(text);
  if (!address) return;
  require(web::parse_address(web::address_text(*address)) == address);
  // A shortened address can not be shortened further.
  const auto shorter = web::anonymise_address(*address, identity::AddressFormat{});
  require(web::anonymise_address(shorter, identity::AddressFormat{}) == shorter);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_target(text);
  read_cookies(text);
  read_members(text);
  read_address(text);
  return 0;
}
