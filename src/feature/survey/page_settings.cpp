#include "feature/survey/page_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>

#include "base/json.hpp"
#include "base/text.hpp"
#include "feature/survey/limits.hpp"
#include "form/contrast.hpp"
#include "sql/survey.hpp"
#include "web/body.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;

constexpr crypto::Purpose k_settings_purpose = "survey.page.settings";

struct Truth {
  std::string_view name;
  bool PageSettings::* member;
};
constexpr std::array k_truths{
    Truth{"review", &PageSettings::reviews},
    Truth{"receipt", &PageSettings::shows_receipt},
    Truth{"keep_locally", &PageSettings::keeps_locally},
    Truth{"trap", &PageSettings::has_trap},
    Truth{"kiosk", &PageSettings::is_kiosk},
};

struct Number {
  std::string_view name;
  std::int64_t PageSettings::* member;
  std::int64_t least;
  std::int64_t most;
};
constexpr std::array k_numbers{
    Number{"seconds_min", &PageSettings::seconds_min, 0, k_page_seconds_max},
    Number{"per_minute", &PageSettings::per_minute, 0, k_page_per_minute_max},
    Number{"kiosk_idle_s", &PageSettings::idle_s, k_page_idle_least_s, k_page_idle_max_s},
};

/// What is wrong with a text, or empty.
using Check = std::string (*)(std::string_view);

bool is_odd(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x7F || (byte < 0x20 && c != '\n' && c != '\t');
}

std::string check_words(std::string_view text) {
  return std::ranges::any_of(text, is_odd) ? "Text without control characters." : "";
}

std::string check_https(std::string_view text) {
  return https_host(text) ? "" : "An address such as https://example.org/thanks.";
}

std::string check_origin(std::string_view text) {
  const auto host = https_host(text);
  const bool is_origin = host && text.size() == host->size() + std::string_view("https://").size();
  return is_origin ? ""
                   : "An origin such as https://example.org, without anything behind the host.";
}

/// Refused with the ratio and the nearest colour that passes.
std::string check_colour(std::string_view text) {
  const auto colour = form::parse_colour(text);
  if (!colour) return "Six digits such as #1f4f8f.";
  const double ratio = form::contrast_of(*colour, form::k_light_paper);
  if (ratio >= form::k_contrast_min) return "";
  return fmt::format(
      "Its contrast with the page is {:.2f}; {} is needed. The nearest colour that passes is {}.",
      std::floor(ratio * 100) / 100, form::k_contrast_min,
      form::colour_text(form::readable_on(*colour, form::k_light_paper)));
}

struct Words {
  std::string_view name;
  std::string PageSettings::* member;
  std::size_t bytes_max;
  Check check;
};
constexpr std::array k_words{
    Words{"thanks", &PageSettings::thanks, k_page_text_max_bytes, check_words},
    Words{"closed", &PageSettings::closed, k_page_text_max_bytes, check_words},
    Words{"colour", &PageSettings::colour, k_page_address_max_bytes, check_colour},
    Words{"logo_alt", &PageSettings::logo_alt, k_logo_alt_max_bytes, check_words},
    Words{"imprint", &PageSettings::imprint, k_imprint_max_bytes, check_words},
    Words{"imprint_url", &PageSettings::imprint_url, k_page_address_max_bytes, check_https},
    Words{"frame_origin", &PageSettings::frame_origin, k_page_address_max_bytes, check_origin},
    Words{"redirect", &PageSettings::redirect, k_page_address_max_bytes, check_https},
};

/// The body being read; a member that is null takes its default.
struct Body {
  web::Fields& fields;
  const boost::json::value& json;
  PageSettings& settings;

  [[nodiscard]] const boost::json::value* take(std::string_view name) const {
    static_cast<void>(fields.any(name));
    return json.is_object() ? json.get_object().if_contains(name) : nullptr;
  }

  void read(const Truth& truth) const {
    const boost::json::value* value = take(truth.name);
    if (value == nullptr) return;
    if (value->is_bool())
      settings.*truth.member = value->get_bool();
    else if (value->is_null())
      settings.*truth.member = PageSettings().*truth.member;
    else
      fields.refuse(truth.name, "true, false, or null for the default.");
  }

  void read(const Number& number) const {
    const boost::json::value* value = take(number.name);
    if (value == nullptr) return;
    if (value->is_null()) {
      settings.*number.member = PageSettings().*number.member;
      return;
    }
    const bool is_within = value->is_int64() && value->get_int64() >= number.least &&
                           value->get_int64() <= number.most;
    if (!is_within) {
      return fields.refuse(number.name, fmt::format("A whole number from {} to {}, or null for the "
                                                    "default.",
                                                    number.least, number.most));
    }
    settings.*number.member = value->get_int64();
  }

  void read(const Words& words) const {
    const boost::json::value* value = take(words.name);
    if (value == nullptr) return;
    if (value->is_null()) {
      settings.*words.member = PageSettings().*words.member;
      return;
    }
    if (!value->is_string()) return fields.refuse(words.name, "A text, or null for none.");
    const std::string_view text = trim(std::string_view(value->get_string()));
    if (text.size() > words.bytes_max) {
      return fields.refuse(
          words.name, fmt::format("At most {} bytes; this has {}.", words.bytes_max, text.size()));
    }
    const std::string wrong = text.empty() ? std::string() : words.check(text);
    if (!wrong.empty()) return fields.refuse(words.name, wrong);
    settings.*words.member = text;
  }
};

}  // namespace

const std::string_view k_page_settings_schema =
    R"({"type":"object","additionalProperties":false,"properties":{)"
    R"("review":{"type":["boolean","null"]},"receipt":{"type":["boolean","null"]},)"
    R"("keep_locally":{"type":["boolean","null"]},"trap":{"type":["boolean","null"]},)"
    R"("kiosk":{"type":["boolean","null"]},)"
    R"("seconds_min":{"type":["integer","null"],"minimum":0,"maximum":60},)"
    R"("per_minute":{"type":["integer","null"],"minimum":0,"maximum":100000},)"
    R"("kiosk_idle_s":{"type":["integer","null"],"minimum":15,"maximum":3600},)"
    R"("colour":{"type":["string","null"],"pattern":"^#[0-9a-fA-F]{6}$"},)"
    R"("logo_alt":{"type":["string","null"],"maxLength":300},)"
    R"("imprint":{"type":["string","null"],"maxLength":500},)"
    R"("imprint_url":{"type":["string","null"],"maxLength":1000},)"
    R"("frame_origin":{"type":["string","null"],"maxLength":1000},)"
    R"("thanks":{"type":["string","null"],"maxLength":2000},)"
    R"("closed":{"type":["string","null"],"maxLength":2000},)"
    R"("redirect":{"type":["string","null"],"maxLength":1000}}})";

std::optional<std::string_view> https_host(std::string_view url) {
  constexpr std::string_view k_scheme = "https://";
  const auto is_plain = [](char c) { return c > ' ' && c < 0x7F && c != '\\' && c != '"'; };
  if (!url.starts_with(k_scheme) || !std::ranges::all_of(url, is_plain)) return {};
  std::string_view host = url.substr(k_scheme.size());
  host = host.substr(0, host.find_first_of("/?#"));
  const std::string_view name = host.substr(0, host.find(':'));
  const auto is_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-';
  };
  if (name.empty() || !std::ranges::all_of(name, is_name)) return {};
  if (name.front() == '.' || name.front() == '-' || name.find("..") != std::string_view::npos)
    return {};
  if (name.size() != host.size()) {
    const auto port = parse_int(host.substr(name.size() + 1));
    if (!port || *port < 1 || *port > 65'535) return {};
  }
  return host;
}

Result<void> change_page_settings(const boost::json::value& json, PageSettings& settings) {
  web::Fields fields(json);
  PageSettings changed = settings;
  const Body body{fields, json, changed};
  for (const Truth& truth : k_truths)
    body.read(truth);
  for (const Number& number : k_numbers)
    body.read(number);
  for (const Words& words : k_words)
    body.read(words);
  auto finished = fields.finish();
  if (!finished) {
    for (FieldError& field : finished.error().fields)
      field.field.insert(0, "/pages");
    return finished;
  }
  settings = std::move(changed);
  return {};
}

void write_page_settings(JsonWriter& json, const PageSettings& settings) {
  json.begin_object();
  for (const Truth& truth : k_truths)
    json.field(truth.name, settings.*truth.member);
  for (const Number& number : k_numbers)
    json.field(number.name, settings.*number.member);
  for (const Words& words : k_words) {
    const std::string& text = settings.*words.member;
    json.key(words.name);
    text.empty() ? json.null() : json.value(text);
  }
  json.end_object();
}

form::Thanks thanks_of(const PageSettings& settings, const std::string& receipt) {
  form::Thanks thanks;
  thanks.words = settings.thanks;
  if (settings.shows_receipt) thanks.receipt = receipt;
  if (const auto host = https_host(settings.redirect)) {
    thanks.onward = settings.redirect;
    thanks.onward_host = *host;
  }
  return thanks;
}

Result<Bytes> seal_page_settings(const crypto::Cipher& cipher, const SurveyId& id,
                                 const PageSettings& settings) {
  JsonWriter json;
  write_page_settings(json, settings);
  return cipher.seal(k_settings_purpose, id.bytes(), as_bytes(json.text()));
}

Result<PageSettings> open_page_settings(const crypto::Cipher& cipher, const SurveyId& id,
                                        BytesView sealed) {
  PROBITY_TRY(plain, cipher.open(k_settings_purpose, id.bytes(), sealed));
  const auto json = parse_json(as_text(plain), {});
  PageSettings settings;
  if (!json || !change_page_settings(*json, settings))
    return fail(Code::IntegrityError, "stored settings of pages are not understood");
  return settings;
}

Result<PageSettings> load_page_settings(store::Reader& reader, const crypto::Cipher& cipher,
                                        const SurveyId& id) {
  PROBITY_TRY(sealed, reader.first(q::page_settings, {reader.space().tenant(), id},
                                   [](const store::Row& row) { return to_bytes(row.bytes(0)); }));
  if (!sealed) return PageSettings();
  return open_page_settings(cipher, id, *sealed);
}

Result<void> store_page_settings(store::Tx& tx, const crypto::Cipher& cipher, const SurveyId& id,
                                 const PageSettings& settings) {
  PROBITY_TRY(sealed, seal_page_settings(cipher, id, settings));
  PROBITY_CHECK(tx.run(q::put_page_settings, {tx.space().tenant(), id, sealed}));
  return {};
}

}  // namespace probity::survey
