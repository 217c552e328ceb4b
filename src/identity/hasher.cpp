#include "identity/hasher.hpp"

#include "base/text.hpp"

namespace probity::identity {

Result<SecretBytes> normal_password(std::string_view password) {
  if (password.size() > crypto::k_password_bytes_max)
    return refuse_field(Code::LimitExceeded, "/password", "At most 4096 bytes.");
  PROBITY_TRY(normal, nfkc(password));
  SecretBytes secret(to_bytes(as_bytes(normal)));
  wipe(normal.data(), normal.size());
  return secret;
}

}  // namespace probity::identity
