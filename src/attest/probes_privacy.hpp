#pragma once

#include <functional>

#include "attest/cast.hpp"
#include "identity/address.hpp"
#include "web/request.hpp"

namespace probity::attest {

/// privacy.anonymous_answer_bare, privacy.undeclared_field_refused, privacy.inventory_complete: by
/// the front door and beneath the seal.
[[nodiscard]] Probes privacy_probes(const Ground& ground, const FindListener& find);

/// addresses.format_applied: the step every respondent's address goes through.
struct AddressSubject {
  std::function<web::Address(const web::Address&, identity::AddressFormat)> shorten;
};
[[nodiscard]] AddressSubject product_addresses();
[[nodiscard]] Probes address_probes(const Ground& ground, const FindListener& find,
                                    AddressSubject subject = product_addresses());

}  // namespace probity::attest
