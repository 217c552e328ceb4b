#pragma once

#include <array>
#include <string_view>

namespace probity::audit {

/// Something that can stand in the audit log.
struct Action {
  std::string_view name;      ///< "room.verb", at most 40 characters, stable for good.
  std::string_view sentence;  ///< What a reader of the log is told, without a full stop.
};

/// Every action there is, in order of name. An entry with any other fails its whole group: what the
/// catalogue does not know cannot happen (fail closed). Add new ones here, in order, with what
/// writes them: an action that nothing writes fails the tests.
inline constexpr auto k_actions = std::to_array<Action>({
    {"access.refused", "a call without the permission, or without its CSRF token, was refused"},
    {"approval.ask", "something that takes a second person's approval was asked for"},
    {"approval.give", "a second person approved what was asked for"},
    {"approval.refuse", "a second person refused what was asked for"},
    {"approval.sweep", "requests for approval that ended long ago were forgotten"},
    {"approval.withdraw", "what was asked for was withdrawn by whoever asked"},
    {"audit.read", "entries of the audit log were read"},
    {"backup.make", "a backup was made"},
    {"backup.restore", "a backup was restored"},
    {"evidence.delete", "an evidence record was deleted"},
    {"evidence.file", "an evidence record was filed"},
    {"evidence.read", "evidence records were read"},
    {"factor.enrol", "a member set up a second factor"},
    {"factor.remove", "a member removed a second factor"},
    {"factor.renew_codes", "a member made new recovery codes"},
    {"factor.reset", "a member's second factors were taken away by somebody else"},
    {"identity.sweep", "expired sessions, links and attempt counters were removed"},
    {"key.rewrap", "stored keys were wrapped under a newer master key"},
    {"key.rotate", "a new sealing key was made"},
    {"link.issue", "a set-up or invitation link was issued"},
    {"link.redeem", "a set-up or invitation link was redeemed"},
    {"password.change", "a member changed the password"},
    {"report.read", "a report was read"},
    {"report.share", "a link to a report was made"},
    {"report.unshare", "a link to a report was taken away"},
    {"response.erase", "a response was erased"},
    {"response.export", "responses were exported"},
    {"response.read", "single responses were read"},
    {"response.submit", "a response was received"},
    {"retention.run", "what was past its retention was erased"},
    {"session.login", "a member logged in"},
    {"session.logout", "a member logged out"},
    {"session.revoke", "a session was ended"},
    {"session.revoke_all", "all sessions of an account were ended"},
    {"settings.change", "settings of the tenant were changed"},
    {"statement.make", "a security statement was made and signed"},
    {"storage.refuse", "what somebody wanted to store beyond their quota was refused"},
    {"survey.close", "a survey was closed"},
    {"survey.create", "a survey was created"},
    {"survey.delete", "a survey was deleted"},
    {"survey.import", "a survey was imported"},
    {"survey.publish", "a survey was published"},
    {"survey.reopen", "a survey was opened again"},
    {"survey.sweep", "what was left of a deleted survey was erased"},
    {"survey.update", "a survey was changed"},
    {"tenant.create", "the tenant was created"},
    {"tenant.destroy", "the tenant was destroyed with its keys"},
    {"tenant.discard", "a tenant that never came into use was taken back"},
    {"tenant.export", "everything of the tenant was exported"},
    {"tenant.import", "an archive of a tenant was imported"},
    {"tenant.rename", "the tenant got another name"},
    {"token.create", "an API token was made"},
    {"token.revoke", "an API token was revoked"},
    {"upload.refuse", "a file in which a scanner found something harmful was refused"},
    {"user.change", "a member's role or state was changed"},
    {"user.create", "a member was added"},
    {"user.delete", "a member was deleted"},
    {"user.read", "the list of members was read"},
});

/// What a reader of the log is told of an action; its name where the catalogue does not hold it.
[[nodiscard]] std::string_view sentence_of(std::string_view name);

/// Whether the catalogue holds this action.
[[nodiscard]] bool is_action(std::string_view name);

}  // namespace probity::audit
