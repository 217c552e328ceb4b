// What comes from the disk: sealed values, wrapped keys and the key file. Nothing may open that was
// not sealed, and what parses must read back as it was.

#include <cstdlib>

#include "base/bytes.hpp"
#include "crypto/cipher.hpp"
#include "crypto/key_file.hpp"

namespace {

using namespace probity;
using crypto::Cipher;
using crypto::Key;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Two, since a fuzzer learns from the comparisons it sees: what one has sealed may come back as
/// input, and is then rightly opened by it.
const Cipher& cipher_of(int tenant) {
  static Cipher opening(Bytes(16, 1));
  static Cipher sealing(Bytes(16, 2));
  static const bool has_keys = (opening.add_key(1, *Key::from_bytes(Bytes(32, 7))),
                                sealing.add_key(1, *Key::from_bytes(Bytes(32, 8))), true);
  require(has_keys);
  return tenant == 1 ? opening : sealing;
}

/// Nobody made this one, so it may not open.
void open_as_it_is(BytesView data) {
  Bytes plain;
  require(!cipher_of(1).open_into("fuzz", {}, data, plain));
  require(plain.empty());
  const std::uint32_t number = Cipher::key_number_of(data);
  require(number == 0 || data.size() >= crypto::k_sealed_overhead);
}

/// A sealed value opens; with one byte of the input laid over one of its bytes it does not.
void open_changed(BytesView data) {
  if (data.size() < 2) return;
  const auto sealed = cipher_of(2).seal("fuzz", {}, data.subspan(2));
  require(sealed.has_value());
  const auto opened = cipher_of(2).open("fuzz", {}, *sealed);
  require(opened.has_value() && to_bytes(data.subspan(2)) == *opened);
  Bytes changed = *sealed;
  const std::size_t at = data[0] % changed.size();
  changed[at] = data[1];
  require(cipher_of(2).open("fuzz", {}, changed).has_value() == (changed == *sealed));
  changed = *sealed;
  changed.resize(at);
  require(!cipher_of(2).open("fuzz", {}, changed));
}

void read_key_file(BytesView data) {
  const auto keys = crypto::parse_key_file(as_text(data));
  if (!keys) {
    require(keys.error().code == Code::KeyUnavailable);
    return;
  }
  require(!keys->empty() && keys->size() <= crypto::k_key_file_keys_max);
  const auto text = crypto::format_key_file(*keys);
  const auto again = crypto::parse_key_file(text.expose_text());
  require(again.has_value() && again->size() == keys->size());
  for (std::size_t i = 0; i < keys->size(); ++i) {
    require((*again)[i].number == (*keys)[i].number);
    require(equal_constant_time((*again)[i].key.expose(), (*keys)[i].key.expose()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  open_as_it_is(input);
  open_changed(input);
  read_key_file(input);
  return 0;
}
