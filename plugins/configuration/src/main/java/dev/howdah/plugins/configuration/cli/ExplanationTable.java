package dev.howdah.plugins.configuration.cli;

import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugins.configuration.plan.PlannedParameter;
import dev.howdah.plugins.configuration.plan.PlannedParameter.Source;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Prints explanations for people. */
final class ExplanationTable {

  private static final Set<Source> OPERATORS = Set.of(Source.FIXED, Source.OPERATOR);

  private final PrintWriter out;
  private final boolean all;

  /**
   * Makes a printer.
   *
   * @param all whether to print what CloudNativePG set, too
   */
  ExplanationTable(PrintWriter out, boolean all) {
    this.out = out;
    this.all = all;
  }

  void print(Explanation explanation) {
    out.printf(
        "%s (PostgreSQL %d), plan %s%n",
        explanation.cluster(), explanation.plan().major(), explanation.plan().digest());
    boolean live = !explanation.live().isEmpty();
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        live
            ? List.of("PARAMETER", "OLD", "NEW", "LIVE", "SOURCE", "RESTART", "RULE")
            : List.of("PARAMETER", "OLD", "NEW", "SOURCE", "RESTART", "RULE"));
    explanation.plan().parameters().stream()
        .filter(parameter -> all || !OPERATORS.contains(parameter.source()))
        .forEach(parameter -> rows.add(row(explanation, parameter, live)));
    align(rows);
    if (!explanation.drift().isEmpty()) {
      out.printf(
          "drift: the Cluster doesn't have what is wanted of %s%n",
          String.join(", ", explanation.drift()));
    }
    explanation.notes().forEach(note -> out.printf("note: %s%n", note));
    for (ValidationFinding finding : explanation.findings()) {
      out.printf(
          "%s: %s: %s%n",
          lower(finding.severity()), String.join(".", finding.path()), finding.message());
    }
    out.println();
  }

  private static List<String> row(
      Explanation explanation, PlannedParameter parameter, boolean live) {
    List<String> row = new ArrayList<>();
    row.add(parameter.name());
    String before = parameter.before().orElse("-");
    row.add(parameter.beforeIsDefault() ? "(" + before + ")" : before);
    row.add(parameter.changes() ? parameter.value() : "=");
    if (live) {
      row.add(live(explanation, parameter));
    }
    row.add(
        parameter.by().isEmpty()
            ? lower(parameter.source())
            : "%s %s".formatted(lower(parameter.source()), parameter.by()));
    row.add(parameter.restart() && parameter.changes() ? "yes" : "no");
    row.add(parameter.rule());
    return row;
  }

  private static String live(Explanation explanation, PlannedParameter parameter) {
    LiveSetting setting = explanation.live().get(parameter.name());
    if (setting == null) {
      return "-";
    }
    String differs = explanation.drifted(parameter) ? " (differs)" : "";
    String pending = setting.pendingRestart() ? " (restart pending)" : "";
    return setting.value() + differs + pending;
  }

  private void align(List<List<String>> rows) {
    int columns = rows.getFirst().size();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        int at = column;
        int width = rows.stream().mapToInt(other -> other.get(at).length()).max().orElse(0);
        line.append(row.get(column));
        if (column < columns - 1) {
          line.repeat(' ', width - row.get(column).length() + 2);
        }
      }
      out.println(line.toString().stripTrailing());
    }
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
