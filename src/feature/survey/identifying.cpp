#include "feature/survey/identifying.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"
#include "form/answer_value.hpp"
#include "form/value.hpp"

namespace probity::survey {
namespace {

/// Headings of columns that hold names, in lower case.
constexpr std::array<std::string_view, 24> k_name_headings = {
    "name",      "full name",         "your name",          "first name",  "last name",
    "surname",   "family name",       "forename",           "vorname",     "nachname",
    "ihr name",  "vor- und nachname", "familienname",       "nom",         "prénom",
    "votre nom", "nom de famille",    "nom et prénom",      "nombre",      "apellido",
    "apellidos", "nombre completo",   "nombre y apellidos", "contact name"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_network(const std::string& cell) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, cell.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, cell.c_str(), bytes.data()) == 1;
}

/// "01.02.2026", "1/2/26": three groups, none longer than four digits.
bool is_date_like(std::string_view cell) {
  std::size_t groups = 1;
  std::size_t digits = 0;
  for (const char c : cell) {
    if (is_digit(c)) {
      if (++digits > 4) return false;
    } else {
      if (c != '.' && c != '/' && c != '-') return false;
      ++groups;
      digits = 0;
    }
  }
  return groups == 3;
}

/// As people write a number with its area or country: 7 to 15 digits (ITU-T E.164) that begin with
/// "+", "0" or "(", with something between them.
bool is_phone(std::string_view cell) {
  constexpr std::size_t k_digits_least = 7;
  constexpr std::size_t k_digits_most = 15;
  if (cell.empty() || (cell[0] != '+' && cell[0] != '0' && cell[0] != '(')) return false;
  const auto digits = static_cast<std::size_t>(std::ranges::count_if(cell, is_digit));
  if (digits < k_digits_least || digits > k_digits_most || digits == cell.size()) return false;
  const bool is_written_so = std::ranges::all_of(
      cell, [](char c) { return is_digit(c) || std::string_view("+ -/.()").contains(c); });
  return is_written_so && !is_date_like(cell) && !form::parse_number(cell);
}

}  // namespace

std::string_view text_of(Identifying what) {
  switch (what) {
    case Identifying::Nothing: return "";
    case Identifying::Email: return "email";
    case Identifying::Phone: return "phone";
    case Identifying::Network: return "network_address";
    case Identifying::Name: return "name";
  }
  return {};
}

void IdentifyingCells::add(std::string_view cell) {
  constexpr std::size_t k_longest = 254;  // Of an e-mail address.
  if (cell.size() > k_longest) return;
  if (cell.contains('@')) {
    emails_ += form::is_email(cell) ? 1U : 0U;
  } else if (is_phone(cell)) {
    ++phones_;
  } else if (cell.contains('.') || cell.contains(':')) {
    networks_ += is_network(std::string(cell)) ? 1U : 0U;
  }
}

Identifying IdentifyingCells::judge(std::string_view heading, std::size_t distinct,
                                    std::size_t filled) const {
  if (filled == 0) return Identifying::Nothing;
  if (emails_ * 2 >= filled) return Identifying::Email;
  if (phones_ * 2 >= filled) return Identifying::Phone;
  if (networks_ * 2 >= filled) return Identifying::Network;
  const auto folded = fold(heading);
  if (!folded || distinct * 2 <= filled) return Identifying::Nothing;
  std::string_view said = trim(*folded);
  while (!said.empty() && std::string_view("*:? ").contains(said.back()))
    said.remove_suffix(1);
  return std::ranges::find(k_name_headings, said) == k_name_headings.end() ? Identifying::Nothing
                                                                           : Identifying::Name;
}

}  // namespace probity::survey
