package dev.howdah.sanity.report;

import dev.howdah.sanity.Report;
import dev.howdah.sanity.Result;
import dev.howdah.sanity.Status;
import java.util.List;
import java.util.Locale;

/** The XML that build servers read; a check is a test case, its area the class. */
final class JunitReport {
  private JunitReport() {}

  static String print(List<Report> reports) {
    StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.append("<testsuites name=\"howdah sanity\">\n");
    for (Report report : reports) {
      xml.append(
          String.format(
              Locale.ROOT,
              "  <testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"%d\""
                  + " time=\"%.3f\" timestamp=\"%s\">%n",
              Markup.escape(report.plugin() + " at " + report.target().display()),
              report.results().size(),
              report.count(Status.FAILED),
              report.count(Status.SKIPPED) + report.count(Status.KNOWN),
              report.duration().toMillis() / 1000.0,
              report.started()));
      report.results().forEach(result -> print(result, xml));
      xml.append("  </testsuite>\n");
    }
    return xml.append("</testsuites>\n").toString();
  }

  private static void print(Result result, StringBuilder xml) {
    xml.append(
        String.format(
            Locale.ROOT,
            "    <testcase classname=\"%s\" name=\"%s\" time=\"%.3f\">",
            Markup.escape(result.check().area().title()),
            Markup.escape(result.check().id() + " " + result.check().requirement()),
            result.duration().toMillis() / 1000.0));
    String findings = Markup.escape(String.join("\n", result.findings()));
    switch (result.status()) {
      case PASSED -> {}
      case FAILED ->
          xml.append(
              String.format(
                  "%n      <failure type=\"%s\" message=\"%s\">%s%nwhy: %s%nremedy: %s</failure>%n"
                      + "    ",
                  result.check().level(),
                  Markup.escape(result.findings().getFirst()),
                  findings,
                  Markup.escape(result.check().citation()),
                  Markup.escape(result.check().remedy())));
      case SKIPPED -> xml.append(String.format("<skipped message=\"%s\"/>", findings));
      case KNOWN -> xml.append(String.format("<skipped message=\"known to fail: %s\"/>", findings));
      case FIXED -> xml.append("<system-out>passes now, though known to fail</system-out>");
    }
    xml.append("</testcase>\n");
  }
}
