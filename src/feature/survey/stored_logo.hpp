#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.hpp"
#include "crypto/cipher.hpp"
#include "feature/survey/logo.hpp"
#include "feature/survey/survey.hpp"
#include "store/tx.hpp"
#include "web/route.hpp"

namespace probity::survey {

struct Services;

/// A logo as it is stored, bound to its survey.
struct SealedLogo {
  Bytes about;
  Bytes picture;
};
[[nodiscard]] Result<SealedLogo> seal_logo(const crypto::Cipher& cipher, const SurveyId& id,
                                           const Logo& logo);
/// IntegrityError for what was not sealed by seal_logo.
[[nodiscard]] Result<LogoFacts> open_logo_facts(const crypto::Cipher& cipher, const SurveyId& id,
                                                BytesView about);
/// As open_logo_facts; `picture` alone suffices: the facts are read from it.
[[nodiscard]] Result<Logo> open_logo(const crypto::Cipher& cipher, const SurveyId& id,
                                     BytesView picture);

/// Of a survey; nothing when it has none.
[[nodiscard]] Result<std::optional<LogoFacts>> load_logo_facts(store::Reader& reader,
                                                               const crypto::Cipher& cipher,
                                                               const SurveyId& id);
[[nodiscard]] Result<std::optional<Logo>> load_logo(store::Reader& reader,
                                                    const crypto::Cipher& cipher,
                                                    const SurveyId& id);
[[nodiscard]] Result<void> store_logo(store::Tx& tx, const SurveyId& id, const SealedLogo& logo);

/// {"path","type","width","height"}, for editors.
void write_logo(JsonWriter& json, const SurveyId& id, const LogoFacts& facts);
/// Where respondents' pages find it: "/s/TOKEN/logo/DIGEST.png".
[[nodiscard]] std::string logo_address(std::string_view token, const LogoFacts& facts);

/// PUT, GET and DELETE for editors, GET for whoever holds the link.
[[nodiscard]] std::vector<web::Route> logo_routes(Services& services);

}  // namespace probity::survey
