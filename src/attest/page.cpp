#include "attest/page.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/text.hpp"
#include "web/page.hpp"

namespace probity::attest {
namespace {

namespace json = boost::json;

std::string_view class_of(Status status) {
  return status == Status::NotBuilt ? "not-built" : text_of(status);
}

std::string_view words_of(Method method) {
  switch (method) {
    case Method::Live: return "measured on the running server";
    case Method::Drill: return "drilled on an isolated copy";
    case Method::Test: return "tested when the program was built";
    case Method::Evidence: return "by a document filed as evidence";
  }
  return "";
}

/// "2026-01-31 08:15 UTC"; the full time stands in the attribute.
std::string time_html(Instant at) {
  const std::string text = to_rfc3339(at);
  return fmt::format("<time datetime=\"{}\">{} {} UTC</time>", text, text.substr(0, 10),
                     text.substr(11, 5));
}

std::string value_text(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (!value.is_array()) return canonical_json(value);
  std::string text;
  for (const json::value& item : value.get_array())
    text += (text.empty() ? "" : "; ") + value_text(item);
  return text;
}

std::string label_of(std::string_view key) {
  std::string label(key);
  std::ranges::replace(label, '_', ' ');
  return label;
}

/// Rows of a description list, one for each member.
std::string evidence_rows(const std::string& evidence_json) {
  auto parsed = parse_json(evidence_json);
  if (!parsed || !parsed->is_object()) return {};
  std::string rows;
  for (const auto& member : parsed->get_object())
    rows += fmt::format("<dt>{}<dd>{}", html_escape(label_of(member.key())),
                        html_escape(value_text(member.value())));
  return rows;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string text;
  for (const std::string& item : texts)
    text += (text.empty() ? "" : ", ") + item;
  return text;
}

std::string item_html(const Standing& standing) {
  const Promise& promise = *standing.promise;
  std::string checked;
  if (standing.checked_at) checked = "Checked " + time_html(*standing.checked_at);
  if (standing.checked_at && standing.next_due)
    checked += ", next due " + time_html(*standing.next_due);
  if (checked.empty()) checked = "Not checked";
  return fmt::format(
      "<li id=\"{}\"><p><span class=\"{}\">{}</span> {}</p>"
      "<details><summary>{}</summary><dl>{}<dt>method<dd>{}: {}<dt>clauses<dd>{}"
      "<dt>does not see<dd>{}</dl></details></li>\n",
      html_escape(promise.id), class_of(standing.status), words_of(standing.status),
      html_escape(promise.sentence), checked, evidence_rows(standing.evidence_json),
      text_of(promise.method), words_of(promise.method), html_escape(joined(promise.clauses)),
      html_escape(promise.sees_not));
}

std::string limits_html(const StatementParts& parts) {
  std::string html =
      "<section aria-labelledby=\"limits\"><h2 id=\"limits\">What is not "
      "guaranteed</h2>\n<ul class=\"notice\">\n";
  for (const std::string& limit : limits_of(parts))
    html += fmt::format("<li>{}</li>\n", html_escape(limit));
  return html + "</ul></section>\n";
}

std::string counts_html(const StatementParts& parts) {
  const Counts counts = count(parts.standings);
  const auto row = [](Status status, int number) {
    return fmt::format("<tr><th scope=\"row\"><span class=\"{}\">{}</span></th><td>{}</td></tr>\n",
                       class_of(status), words_of(status), number);
  };
  return "<table><caption>Sentences of this statement, by status</caption>\n" +
         row(Status::Held, counts.held) + row(Status::Broken, counts.broken) +
         row(Status::Unknown, counts.unknown) + row(Status::Off, counts.off) +
         row(Status::NotBuilt, counts.not_built) + "</table>\n";
}

std::string chapters_html(const StatementParts& parts) {
  std::string html;
  for (const Chapter& chapter : parts.catalogue.chapters) {
    html += fmt::format("<section aria-labelledby=\"c-{0}\"><h2 id=\"c-{0}\">{1}</h2>\n<ul>\n",
                        html_escape(chapter.id), html_escape(chapter.title));
    for (const Standing& standing : parts.standings)
      if (standing.promise->chapter == chapter.id) html += item_html(standing);
    html += "</ul></section>\n";
  }
  return html;
}

std::string contents_html(const Catalogue& catalogue) {
  std::string html = "<nav aria-label=\"Chapters\"><ul>\n";
  for (const Chapter& chapter : catalogue.chapters)
    html += fmt::format("<li><a href=\"#c-{}\">{}</a></li>\n", html_escape(chapter.id),
                        html_escape(chapter.title));
  return html + "</ul></nav>\n";
}

std::string change_html(const Difference& change) {
  const std::string promise = html_escape(change.promise);
  const std::string before = html_escape(label_of(change.before));
  const std::string after = html_escape(label_of(change.after));
  switch (change.kind) {
    case Difference::Kind::Added: return fmt::format("<li>{}: new, {}</li>\n", promise, after);
    case Difference::Kind::Removed:
      return fmt::format("<li>{}: taken out, was {}</li>\n", promise, before);
    case Difference::Kind::Reworded:
      return fmt::format("<li>{}: reworded. Before: {} Now: {}</li>\n", promise,
                         html_escape(change.before), html_escape(change.after));
    case Difference::Kind::Moved:
      return fmt::format("<li>{}: was {}, now {}</li>\n", promise, before, after);
  }
  return {};
}

}  // namespace

std::string_view words_of(Status status) {
  switch (status) {
    case Status::Held: return "✓ held";
    case Status::Broken: return "✗ broken";
    case Status::Unknown: return "? unknown";
    case Status::Off: return "○ off";
    case Status::NotBuilt: return "– not built";
  }
  return "";
}

std::string statement_page(const StatementParts& parts) {
  std::string main = "<h1>Security statement</h1>\n";
  main += fmt::format(
      "<p>Last updated {}. Version {} (<a href=\"/security/versions\">all versions</a>). "
      "Signed: <a href=\"/.well-known/probity-statement.json\">the same as a document</a>, "
      "<a href=\"/.well-known/probity-keys.json\">public keys</a>.</p>\n",
      time_html(parts.now), parts.version);
  main += limits_html(parts);
  main += counts_html(parts);
  main += contents_html(parts.catalogue);
  main += chapters_html(parts);
  return web::page(
      {.title = "Security statement", .organisation = {}, .main_html = main, .stylesheets = {}});
}

std::string versions_page(const std::vector<VersionLine>& versions) {
  std::string main = "<h1>Versions of the security statement</h1>\n";
  if (versions.empty()) main += web::paragraph("No version has been published yet.");
  main += "<ul>\n";
  for (auto line = versions.rbegin(); line != versions.rend(); ++line)
    main += fmt::format(
        "<li><a href=\"/security/versions/{0}\">Version {0}</a>, in effect from {1} "
        "(<a href=\"/security/versions/{0}.json\">signed document</a>)</li>\n",
        line->number, time_html(line->effective_at));
  main += "</ul>\n<p><a href=\"/security\">The statement now</a></p>\n";
  return web::page({.title = "Versions of the security statement",
                    .organisation = {},
                    .main_html = main,
                    .stylesheets = {}});
}

std::string version_page(const StoredVersion& version) {
  const std::string title = fmt::format("Security statement, version {}", version.line.number);
  std::string main = fmt::format(
      "<h1>{}</h1>\n<p>In effect from {}. <a href=\"/security/versions/{}.json\">The signed "
      "document</a>; its SHA-256 is <span class=\"code\">{}</span>.</p>\n",
      title, time_html(version.line.effective_at), version.line.number,
      to_hex(version.line.digest));
  main += "<h2>What changed</h2>\n";
  if (version.changes.empty()) main += web::paragraph("This is the first version.");
  main += "<ul>\n";
  for (const Difference& change : version.changes)
    main += change_html(change);
  main += "</ul>\n<p><a href=\"/security/versions\">All versions</a></p>\n";
  return web::page({.title = title, .organisation = {}, .main_html = main, .stylesheets = {}});
}

}  // namespace probity::attest
