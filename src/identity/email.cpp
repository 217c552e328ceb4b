#include "identity/email.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace probity::identity {
namespace {

std::unexpected<Error> refuse_email(std::string reason) {
  return refuse_field(Code::BadRequest, "/email", std::move(reason));
}

bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool may_stand_in_local(char c) {
  constexpr std::string_view k_atext_marks = "!#$%&'*+-/=?^_`{|}~";
  return is_letter_or_digit(c) || is_beyond_ascii(c) ||
         k_atext_marks.find(c) != std::string_view::npos;
}

bool is_dot_atom(std::string_view local) {
  return std::ranges::all_of(split(local, '.'), [](std::string_view atom) {
    return !atom.empty() && std::ranges::all_of(atom, may_stand_in_local);
  });
}

bool is_host_name(std::string_view domain) {
  return std::ranges::all_of(split(domain, '.'), [](std::string_view label) {
    return !label.empty() && label.size() <= k_email_label_bytes_max && label.front() != '-' &&
           label.back() != '-' && std::ranges::all_of(label, [](char c) {
             return is_letter_or_digit(c) || is_beyond_ascii(c) || c == '-';
           });
  });
}

/// Code points that are never part of an address but would pass as "beyond ASCII": controls,
/// spaces of other scripts and line separators.
bool has_hidden_white_space(std::string_view text) {
  for (const std::string_view mark :
       {"\xC2\x85", "\xE1\x9A\x80", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE3\x80\x80"}) {
    if (text.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

Result<std::string> check_email(std::string_view text) {
  // NFKC may make a text longer (18 times at worst), so the input is bounded as well.
  if (text.size() > k_email_bytes_max * 4) return refuse_email("At most 254 bytes.");
  auto normal = nfkc(trim(text));
  if (!normal) return refuse_email("Valid UTF-8 is needed.");
  std::string email = std::move(*normal);
  if (email.size() > k_email_bytes_max) return refuse_email("At most 254 bytes.");
  const auto at = email.rfind('@');
  if (at == std::string::npos) return refuse_email("An address of the form name@host is needed.");
  const std::string_view local = std::string_view(email).substr(0, at);
  const std::string_view domain = std::string_view(email).substr(at + 1);
  if (local.size() > k_email_local_bytes_max) return refuse_email("At most 64 bytes before the @.");
  if (local.empty() || !is_dot_atom(local) || has_hidden_white_space(email))
    return refuse_email("What stands before the @ is not the name of a mailbox.");
  if (domain.empty() || !is_host_name(domain))
    return refuse_email("What stands after the @ is not the name of a host.");
  return email;
}

Result<crypto::Digest> email_hash(const crypto::Cipher& cipher, std::string_view email) {
  PROBITY_TRY(folded, fold(trim(email)));
  return cipher.lookup_hash("user.email", as_bytes(folded));
}

}  // namespace probity::identity
