// E-mail addresses: what is taken is taken again unchanged, and two spellings of one are one.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.hpp"
#include "identity/address.hpp"
#include "identity/email.hpp"
#include "identity/permission.hpp"

namespace {

using namespace probity;

void require(bool holds) {
  if (!holds) std::abort();
}

const crypto::Cipher& cipher() {
  static crypto::Cipher made(Bytes(16, 1));
  static const bool has_key = (made.add_key(1, *crypto::Key::from_bytes(Bytes(32, 7))), true);
  require(has_key);
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto role = identity::parse_role(text)) require(identity::text_of(*role) == text);
  if (const auto one = identity::parse_permission(text)) require(identity::text_of(*one) == text);
  if (const auto format = identity::parse_address_format(text))
    require(identity::text_of(*format) == text);
  const auto email = identity::check_email(text);
  if (!email) {
    require(email.error().code == Code::BadRequest && !email.error().fields.empty());
    return 0;
  }
  require(is_utf8(*email) && email->size() <= identity::k_email_bytes_max);
  require(std::ranges::none_of(
      *email, [](char c) { return (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F); }));
  require(identity::check_email(*email) == *email);
  require(*identity::email_hash(cipher(), *email) == *identity::email_hash(cipher(), text));
  return 0;
}
