#pragma once

#include <string>
#include <vector>

#include "attest/listener.hpp"
#include "attest/people.hpp"
#include "attest/probes.hpp"
#include "attest/visitor.hpp"

namespace probity::attest {

/// A scratch member that has come in by the front door.
struct Cast {
  store::TenantRecord tenant;
  ScratchMember member;
  std::string password;
  Visitor visitor;
};

/// A new member of a scratch organisation, logged in through the listener. Overloaded when nothing
/// listens, BadCredentials when the log-in fails: then nothing can be said.
[[nodiscard]] Result<Cast> cast_member(const Ground& ground, const FindListener& find,
                                       identity::Role role, Which which = Which::First);
/// Removes it again when the measurement ends, however it ends; one owner of a scratch organisation
/// always stays.
class Leaving {
 public:
  Leaving(const Ground& ground, const Cast& cast) : ground_(ground), member_(cast.member) {}
  ~Leaving();
  Leaving(const Leaving&) = delete;
  Leaving& operator=(const Leaving&) = delete;

 private:
  Ground ground_;
  ScratchMember member_;
};

/// A route as the server itself declares it.
struct DeclaredRoute {
  std::string method;
  std::string pattern;
  std::string access;      ///< "permission:surveys.read", "signed-in", "link", "everyone".
  bool is_common = false;  ///< What its path names is the program's own, the same for everybody.
};
/// From /api/openapi.json, without routes of test mode.
[[nodiscard]] Result<std::vector<DeclaredRoute>> declared_routes(Visitor& visitor);
/// The pattern with every `{name}` replaced.
[[nodiscard]] std::string filled(std::string_view pattern, std::string_view value);
/// Whether the route asks for a person.
[[nodiscard]] bool needs_person(const DeclaredRoute& route);

}  // namespace probity::attest
