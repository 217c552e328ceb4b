#include "feature/survey/lime_tables.hpp"

#include <expat.h>
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "base/text.hpp"
#include "feature/survey/limits.hpp"

namespace probity::survey {
namespace {

/// Builds the tables from the parser's events: document / table / rows / row / field.
class TableBuilder {
 public:
  explicit TableBuilder(XML_Parser parser) : parser_(parser) {}

  static void on_start(void* self, const XML_Char* name, const XML_Char**) {
    static_cast<TableBuilder*>(self)->start(name);
  }
  static void on_end(void* self, const XML_Char*) { static_cast<TableBuilder*>(self)->end(); }
  static void on_text(void* self, const XML_Char* text, int size) {
    auto& builder = *static_cast<TableBuilder*>(self);
    if (builder.is_taking_) builder.text_.append(text, static_cast<std::size_t>(size));
  }
  static void on_doctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    static_cast<TableBuilder*>(self)->stop(Code::BadRequest,
                                           "A document type declaration is not taken.");
  }

  [[nodiscard]] Result<LimeTables> take() {
    if (refusal_) return std::unexpected(std::move(*refusal_));
    return std::move(out_);
  }
  [[nodiscard]] bool has_refusal() const { return refusal_.has_value(); }

 private:
  void stop(Code code, std::string hint) {
    if (!refusal_) refusal_ = refuse(code, std::move(hint)).error();
    XML_StopParser(parser_, XML_FALSE);
  }

  void start(std::string_view name) {
    path_.emplace_back(name);
    if (path_.size() > k_lime_depth_max) {
      return stop(Code::LimitExceeded,
                  fmt::format("Elements lie more than {} deep.", k_lime_depth_max));
    }
    if (path_.size() == 1 && name != "document")
      return stop(Code::BadRequest, "The file is no LimeSurvey structure: no element document.");
    text_.clear();
    const bool is_row = path_.size() >= 4 && path_[2] == "rows";
    if (is_row && path_.size() == 4) {
      if (++rows_ > k_lime_rows_max) {
        return stop(Code::LimitExceeded,
                    fmt::format("The file has more than {} rows.", k_lime_rows_max));
      }
      out_.tables[path_[1]].emplace_back();
    }
    is_taking_ = (is_row && path_.size() == 5) || path_.size() == 2;
  }

  void end() {
    if (is_taking_ && path_.size() == 5) out_.tables[path_[1]].back()[path_[4]] = text_;
    if (is_taking_ && path_.size() == 2 && path_[1] == "LimeSurveyDocType")
      out_.document_type = trim(text_);
    is_taking_ = false;
    path_.pop_back();
  }

  XML_Parser parser_;
  std::vector<std::string> path_;
  std::string text_;
  bool is_taking_ = false;
  std::size_t rows_ = 0;
  LimeTables out_;
  std::optional<Error> refusal_;
};

struct ParserEnd {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

}  // namespace

const std::vector<LimeRow>& LimeTables::rows(std::string_view table) const {
  static const std::vector<LimeRow> none;
  const auto found = tables.find(table);
  return found == tables.end() ? none : found->second;
}

std::string_view lime_field(const LimeRow& row, std::string_view name) {
  const auto found = row.find(name);
  return found == row.end() ? std::string_view() : std::string_view(found->second);
}

Result<LimeTables> read_lime_tables(std::string_view xml) {
  if (xml.size() > k_lime_max_bytes) {
    return refuse(Code::LimitExceeded,
                  fmt::format("A LimeSurvey structure has at most {} bytes.", k_lime_max_bytes));
  }
  const std::unique_ptr<XML_ParserStruct, ParserEnd> parser(XML_ParserCreate(nullptr));
  if (!parser) return fail(Code::Overloaded, "no memory to read XML");
  TableBuilder builder(parser.get());
  XML_SetUserData(parser.get(), &builder);
  XML_SetElementHandler(parser.get(), TableBuilder::on_start, TableBuilder::on_end);
  XML_SetCharacterDataHandler(parser.get(), TableBuilder::on_text);
  XML_SetStartDoctypeDeclHandler(parser.get(), TableBuilder::on_doctype);
  const auto status = XML_Parse(parser.get(), xml.data(), static_cast<int>(xml.size()), XML_TRUE);
  if (builder.has_refusal()) return builder.take();
  if (status != XML_STATUS_OK) {
    return refuse(Code::BadRequest, fmt::format("Line {}: the XML is not well-formed ({}).",
                                                XML_GetCurrentLineNumber(parser.get()),
                                                XML_ErrorString(XML_GetErrorCode(parser.get()))));
  }
  return builder.take();
}

}  // namespace probity::survey
