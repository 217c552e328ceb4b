#pragma once

#include <memory>

#include "module/module.hpp"
#include "web/file_scanner.hpp"

namespace probity::identity {
class Authenticator;
}

namespace probity::survey {

class IdempotencyLedger;
struct Amount;
struct Services;

/// Surveys: questionnaires and their versions, public pages, responses, reports, exports, imports.
class SurveyModule final : public module::Module {
 public:
  /// All references must outlive the module. `ledger`: the one the engine's SubmissionRedoer works
  /// with; null when it has none.
  SurveyModule(store::Engine& engine, const Clock& clock, Log& log,
               std::shared_ptr<IdempotencyLedger> ledger = nullptr);
  ~SurveyModule() override;
  /// Lets the forms of signed-in members carry their token (the preview); before any request.
  /// `authenticator` outlives the module.
  void sign_forms_with(identity::Authenticator& authenticator);

  /// Where people reach the server ("https://ask.example"), for what leads here from paper; before
  /// any request. Empty: as each request names it.
  void show_links_at(std::string public_url);

  /// Looks into every file that somebody hands in; before any request. `scanner` outlives the
  /// module; null: nobody looks.
  void scan_files_with(web::FileScanner* scanner);

  /// What each member may store in all; before any request. k_member_quota if not called.
  void bound_storage(const Amount& of_member);

  [[nodiscard]] std::string_view name() const override { return "survey"; }
  [[nodiscard]] store::Grant grant() const override;
  [[nodiscard]] std::vector<web::Route> routes() override;
  [[nodiscard]] std::vector<module::PersonalColumn> personal_columns() const override;
  [[nodiscard]] std::vector<module::ExportTable> exports() const override;
  [[nodiscard]] std::vector<jobs::Job> jobs() override;
  [[nodiscard]] std::vector<module::Approvable> approvables() override;

 private:
  std::unique_ptr<Services> services_;
};

}  // namespace probity::survey
