#include "feature/survey/report_page.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "embedded/report_css.hpp"
#include "picture/label.hpp"
#include "picture/svg.hpp"

namespace probity::survey {
namespace {

std::string shown(std::string_view text) {
  return html_escape(picture::plain_text(text, picture::k_shown_characters_max));
}

std::string table_html(const picture::Table& table, std::string_view title) {
  if (table.headings.empty()) return {};
  std::string out = fmt::format(
      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Numbers: {}\">"
      "<table class=\"numbers\"><thead><tr>",
      title);
  for (const std::string& heading : table.headings)
    out += fmt::format("<th scope=\"col\">{}</th>", shown(heading));
  out += "</tr></thead>\n<tbody>";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string text = shown(picture::cell_text(row[i]));
      out += i == 0 ? fmt::format("<th scope=\"row\">{}</th>", text)
                    : fmt::format("<td{}>{}</td>",
                                  row[i].kind == picture::Cell::Kind::Words ? "" : " class=\"n\"",
                                  text);
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string section_html(const picture::Section& section) {
  const std::string title = shown(section.title);
  std::string out = fmt::format("<section>\n<h2>{}</h2>\n", title);
  // One of the two is shown, by the width of the screen.
  if (section.picture)
    out += "<div class=\"wide\">" + picture::svg_of(*section.picture) + "</div>\n";
  if (section.narrow)
    out += "<div class=\"narrow\">" + picture::svg_of(*section.narrow) + "</div>\n";
  out += "<ul class=\"notes\">";
  for (const std::string& note : section.notes)
    out += fmt::format("<li>{}</li>", shown(note));
  out += "</ul>\n";
  return out + table_html(section.table, title) + "</section>\n";
}

}  // namespace

std::string report_page(const picture::Document& document) {
  web::PageParts parts;
  parts.title = picture::plain_text(document.title, picture::k_shown_characters_max);
  parts.organisation = picture::plain_text(document.organisation, picture::k_shown_characters_max);
  parts.stylesheets.emplace_back(report_stylesheet().path);
  std::string& html = parts.main_html;
  html = web::heading(parts.title) + "<dl class=\"facts\">\n";
  for (const auto& [name, value] : document.facts)
    html += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", shown(name), shown(value));
  html += "</dl>\n";
  for (const std::string& note : document.notes)
    html += fmt::format("<p class=\"notice\">{}</p>\n", shown(note));
  for (const picture::Section& section : document.sections)
    html += section_html(section);
  return web::page(parts);
}

web::Asset report_stylesheet() {
  return {"/assets/report.css", "text/css; charset=utf-8", embedded::report_css};
}

}  // namespace probity::survey
