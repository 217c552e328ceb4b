// Rows of an archive as somebody may have changed them, links and receipts as anybody may send
// them: read or refused, and a link that was read is written the same.
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/text.hpp"
#include "crypto/cipher.hpp"
#include "feature/survey/archive.hpp"
#include "feature/survey/token.hpp"

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

void read_rows(std::string_view text) {
  static const std::vector<module::ExportTable> k_tables = survey::survey_archive();
  const TenantId tenant;
  for (const std::string_view line : split(text, '\n')) {
    const auto json = parse_json(line, {64, 1U << 16U});
    if (!json || !json->is_object()) continue;
    for (const module::ExportTable& table : k_tables)
      if (table.read != nullptr)
        static_cast<void>(table.read({json->get_object(), line}, {tenant, cipher()}));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_rows(text);
  if (const auto token = survey::LinkToken::parse(text)) require(token->text() == text);
  require(!survey::open_receipt(cipher(), SurveyId(), text));
  return 0;
}
