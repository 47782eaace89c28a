package dev.howdah.sanity.report;

import dev.howdah.sanity.Area;
import dev.howdah.sanity.Report;
import dev.howdah.sanity.Result;
import dev.howdah.sanity.Status;
import java.util.List;
import java.util.Locale;

/** Lines for a terminal: a line for each area, and all there is to know about what failed. */
final class TextReport {
  private TextReport() {}

  static String print(List<Report> reports) {
    StringBuilder text = new StringBuilder();
    for (Report report : reports) {
      print(report, text);
    }
    return text.toString();
  }

  private static void print(Report report, StringBuilder text) {
    text.append(
        String.format(
            "%s %s (%s)%n%n",
            report.plugin().isEmpty() ? "?" : report.plugin(),
            report.version(),
            report.target().display()));
    for (Area area : Area.values()) {
      List<Result> results =
          report.results().stream().filter(result -> result.check().area() == area).toList();
      if (!results.isEmpty()) {
        text.append(
            String.format(
                "  %-24s %3d passed %3d failed %3d skipped%n",
                area.title(),
                count(results, Status.PASSED) + count(results, Status.FIXED),
                count(results, Status.FAILED) + count(results, Status.KNOWN),
                count(results, Status.SKIPPED)));
      }
    }
    for (Status status : List.of(Status.FAILED, Status.KNOWN, Status.FIXED)) {
      report.results().stream()
          .filter(result -> result.status() == status)
          .forEach(result -> print(result, text));
    }
    text.append(
        String.format(
            Locale.ROOT,
            "%n%s: %d passed, %d failed, %d known to fail, %d fixed, %d skipped in %.1f s%n",
            report.passed() ? "PASSED" : "FAILED",
            report.count(Status.PASSED),
            report.count(Status.FAILED),
            report.count(Status.KNOWN),
            report.count(Status.FIXED),
            report.count(Status.SKIPPED),
            report.duration().toMillis() / 1000.0));
  }

  private static long count(List<Result> results, Status status) {
    return results.stream().filter(result -> result.status() == status).count();
  }

  private static void print(Result result, StringBuilder text) {
    String mark =
        switch (result.status()) {
          case FAILED -> "FAILED";
          case KNOWN -> "known to fail";
          case FIXED -> "passes now; take it off the list of known failures";
          case PASSED, SKIPPED -> "";
        };
    text.append(
        String.format(
            "%n%s [%s] %s%n  %s%n",
            result.check().id(), result.check().level(), mark, result.check().requirement()));
    if (result.status() != Status.FIXED) {
      for (String finding : result.findings()) {
        text.append("  - ").append(finding).append(System.lineSeparator());
      }
      text.append(String.format("  why:    %s%n", result.check().citation()));
      text.append(String.format("  remedy: %s%n", result.check().remedy()));
    }
  }
}
