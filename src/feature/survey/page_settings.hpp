#pragma once

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/json_writer.hpp"
#include "crypto/cipher.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/survey.hpp"
#include "form/render.hpp"
#include "store/tx.hpp"

namespace probity::survey {

/// What an editor decides about the pages of one survey. Texts are plain, as typed; empty means
/// "ours".
struct PageSettings {
  bool reviews = false;       ///< All answers are shown once more before they are sent.
  bool shows_receipt = true;  ///< On the page of thanks.
  bool keeps_locally = true;  ///< Answers are kept in the browser until they are sent.
  std::string thanks;         ///< Instead of the questionnaire's completedHtml.
  std::string closed;         ///< Said on the page of a closed survey.
  bool has_trap = true;       ///< A field only programs fill in; their answers are asked again.
  bool is_kiosk = false;      ///< Nothing is kept in the browser; begins anew after sending.
  std::int64_t seconds_min = k_page_seconds_default;  ///< From opening to sending; 0: any.
  std::int64_t per_minute = 0;                        ///< Responses of the link; 0: any number.
  std::int64_t idle_s = k_page_idle_default_s;        ///< A kiosk begins anew after that.
  std::string colour;        ///< "#1f4f8f", readable on the light page; empty: ours.
  std::string logo_alt;      ///< What the logo says to those who do not see it; empty: nothing.
  std::string imprint;       ///< Below every page.
  std::string imprint_url;   ///< An https address it leads to.
  std::string frame_origin;  ///< "https://example.org": may show the pages in a frame.
  std::string redirect;      ///< An https address the page of thanks leads on to.

  bool operator==(const PageSettings&) const = default;
};

/// Changes what `json` names; null takes a setting back to its default. BadRequest, UnknownField or
/// LimitExceeded with the fields ("/pages/redirect"); `settings` is then as before.
[[nodiscard]] Result<void> change_page_settings(const boost::json::value& json,
                                                PageSettings& settings);
/// As one JSON object with every setting.
void write_page_settings(JsonWriter& json, const PageSettings& settings);

/// The host an https address leads to ("example.org", with its port if it names one); nothing when
/// it is no such address, or has a user name, spaces or characters outside of ASCII.
[[nodiscard]] std::optional<std::string_view> https_host(std::string_view url);

/// What the page of thanks says: the settings' words, the receipt where it is shown, the way on.
[[nodiscard]] form::Thanks thanks_of(const PageSettings& settings, const std::string& receipt);

[[nodiscard]] Result<Bytes> seal_page_settings(const crypto::Cipher& cipher, const SurveyId& id,
                                               const PageSettings& settings);
[[nodiscard]] Result<PageSettings> open_page_settings(const crypto::Cipher& cipher,
                                                      const SurveyId& id, BytesView sealed);
/// The stored settings of a survey, or the defaults.
[[nodiscard]] Result<PageSettings> load_page_settings(store::Reader& reader,
                                                      const crypto::Cipher& cipher,
                                                      const SurveyId& id);
[[nodiscard]] Result<void> store_page_settings(store::Tx& tx, const crypto::Cipher& cipher,
                                               const SurveyId& id, const PageSettings& settings);

/// JSON Schema of write_page_settings, for the OpenAPI document.
extern const std::string_view k_page_settings_schema;

}  // namespace probity::survey
