package dev.howdah.sanity.report;

import dev.howdah.sanity.Area;
import dev.howdah.sanity.Report;
import dev.howdah.sanity.Result;
import dev.howdah.sanity.Status;
import java.util.List;
import java.util.Locale;

/**
 * One file without references, to be attached to a pull request: the verdict first, then what
 * failed with reason and remedy, then everything, folded.
 */
final class HtmlReport {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; --line: #8884; --ok: #1a7f37; --bad: #cf222e; --dim: #777; }
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
        padding: 0 1rem; }
      h1 { font-size: 1.5rem; margin-bottom: .2rem; }
      h2 { font-size: 1.15rem; margin-top: 2rem; }
      .dim { color: var(--dim); }
      .verdict { display: inline-block; padding: .15rem .7rem; border-radius: 1rem; color: #fff;
        font-weight: 600; }
      .passed { background: var(--ok); } .failed { background: var(--bad); }
      article { border: 1px solid var(--line); border-left: .3rem solid var(--bad);
        border-radius: .4rem; padding: .6rem 1rem; margin: .8rem 0; }
      article.known { border-left-color: #bf8700; } article.fixed { border-left-color: var(--ok); }
      article h3 { font-size: 1rem; margin: 0; }
      article p { margin: .3rem 0; } article ul { margin: .3rem 0; }
      code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
      table { border-collapse: collapse; width: 100%; font-size: .92rem; }
      td, th { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid var(--line);
        vertical-align: top; }
      td.n { text-align: right; white-space: nowrap; }
      summary { cursor: pointer; margin: .6rem 0; }
      .level { font-size: .75rem; border: 1px solid var(--line); border-radius: .3rem;
        padding: 0 .3rem; }
      """;

  private HtmlReport() {}

  static String print(List<Report> reports) {
    StringBuilder html = new StringBuilder();
    html.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.append("<meta name=\"viewport\" content=\"width=device-width\">\n");
    html.append("<title>CNPG-I conformance: ");
    html.append(Markup.escape(String.join(", ", reports.stream().map(Report::plugin).toList())));
    html.append("</title>\n<style>\n").append(STYLE).append("</style>\n</head>\n<body>\n");
    reports.forEach(report -> print(report, html));
    return html.append("</body>\n</html>\n").toString();
  }

  private static void print(Report report, StringBuilder html) {
    html.append(
        String.format(
            "<section>%n<h1>%s <span class=\"dim\">%s</span></h1>%n"
                + "<p class=\"dim\"><code>%s</code> · %s</p>%n",
            Markup.escape(report.plugin().isEmpty() ? "(nameless)" : report.plugin()),
            Markup.escape(report.version()),
            Markup.escape(report.target().display()),
            report.started()));
    html.append(
        String.format(
            Locale.ROOT,
            "<p><span class=\"verdict %s\">%s</span> %d passed, %d failed, %d known to fail, %d"
                + " fixed, %d skipped in %.1f s</p>%n",
            report.passed() ? "passed" : "failed",
            report.passed() ? "passed" : "failed",
            report.count(Status.PASSED),
            report.count(Status.FAILED),
            report.count(Status.KNOWN),
            report.count(Status.FIXED),
            report.count(Status.SKIPPED),
            report.duration().toMillis() / 1000.0));
    cards(report, Status.FAILED, "What failed", html);
    cards(report, Status.KNOWN, "Known to fail", html);
    cards(report, Status.FIXED, "Known to fail, but passes", html);
    html.append("<h2>Every check</h2>\n");
    for (Area area : Area.values()) {
      List<Result> results =
          report.results().stream().filter(result -> result.check().area() == area).toList();
      if (!results.isEmpty()) {
        table(area, results, html);
      }
    }
    html.append("</section>\n");
  }

  private static void cards(Report report, Status status, String title, StringBuilder html) {
    if (report.count(status) == 0) {
      return;
    }
    html.append("<h2>").append(title).append("</h2>\n");
    for (Result result : report.results()) {
      if (result.status() == status) {
        html.append(
            String.format(
                "<article class=\"%s\">%n<h3>%s <span class=\"level\">%s</span> %s</h3>%n<ul>",
                status.name().toLowerCase(Locale.ROOT),
                result.check().id(),
                result.check().level(),
                Markup.escape(result.check().requirement())));
        for (String finding : result.findings()) {
          html.append("<li><code>").append(Markup.escape(finding)).append("</code></li>");
        }
        html.append(
            String.format(
                "</ul>%n<p class=\"dim\">Why: %s</p>%n<p>Remedy: %s</p>%n</article>%n",
                Markup.escape(result.check().citation()), Markup.escape(result.check().remedy())));
      }
    }
  }

  private static void table(Area area, List<Result> results, StringBuilder html) {
    long passed = results.stream().filter(result -> result.status() == Status.PASSED).count();
    html.append(
        String.format(
            "<details><summary>%s <span class=\"dim\">%d of %d passed</span></summary>%n<table>%n",
            Markup.escape(area.title()), passed, results.size()));
    for (Result result : results) {
      String note = result.status() == Status.SKIPPED ? String.join("; ", result.findings()) : "";
      html.append(
          String.format(
              "<tr><td>%s</td><td>%s</td><td>%s<br><span class=\"dim\">%s</span></td>"
                  + "<td class=\"n\">%d ms</td></tr>%n",
              result.check().id(),
              result.status().name().toLowerCase(Locale.ROOT),
              Markup.escape(result.check().requirement()),
              Markup.escape(note),
              result.duration().toMillis()));
    }
    html.append("</table></details>\n");
  }
}
