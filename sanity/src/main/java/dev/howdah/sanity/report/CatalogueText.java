package dev.howdah.sanity.report;

import dev.howdah.sanity.Area;
import dev.howdah.sanity.Check;
import dev.howdah.sanity.Level;
import dev.howdah.sanity.check.Need;
import java.util.List;
import java.util.Locale;

/** The catalogue of checks as a text. */
public final class CatalogueText {
  private CatalogueText() {}

  /**
   * One line for each check.
   *
   * @param checks what to list
   */
  public static String plain(List<Check> checks) {
    StringBuilder text = new StringBuilder();
    for (Check check : checks) {
      text.append(String.format("%-8s %-8s %s%n", check.id(), check.level(), check.requirement()));
    }
    return text.toString();
  }

  /**
   * The page of the documentation.
   *
   * @param checks what to list
   */
  public static String markdown(List<Check> checks) {
    StringBuilder text = new StringBuilder();
    text.append("# The catalogue of checks\n\n");
    text.append("Made by `howdah sanity list --format markdown`; don't edit. ");
    text.append(checks.size()).append(" checks:");
    for (Level level : Level.values()) {
      long count = checks.stream().filter(check -> check.level() == level).count();
      text.append(' ').append(count).append(' ').append(level);
      text.append(level == Level.ADVICE ? ".\n" : ",");
    }
    for (Area area : Area.values()) {
      List<Check> own = checks.stream().filter(check -> check.area() == area).toList();
      if (!own.isEmpty()) {
        text.append("\n## ").append(area.title()).append("\n\n");
        text.append("| id | level | requires | from | remedy |\n|---|---|---|---|---|\n");
        for (Check check : own) {
          text.append(
              String.format(
                  "| %s | %s | %s | %s | %s |%n",
                  check.id(),
                  check.level(),
                  cell(check.requirement()),
                  cell(check.citation()),
                  cell(check.remedy())));
        }
      }
    }
    return text.toString();
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }

  /**
   * All there is to know about one check.
   *
   * @param check which
   */
  public static String explain(Check check) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "%s  %s, %s%n%n  %s%n%n  from:    %s%n  remedy:  %s%n",
            check.id(),
            check.level(),
            check.area().title(),
            check.requirement(),
            check.citation(),
            check.remedy()));
    if (!check.since().isEmpty()) {
      text.append(String.format("  matters: from operator %s on%n", check.since()));
    }
    for (Need need : check.needs()) {
      text.append(String.format("  skipped when: %s%n", need.otherwise().toLowerCase(Locale.ROOT)));
    }
    return text.toString();
  }
}
