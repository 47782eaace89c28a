package dev.howdah.plugins.configuration;

import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.postgres.FixedParameters;
import dev.howdah.plugin.postgres.SpecParameters;
import dev.howdah.plugins.configuration.catalogue.Catalogue;
import dev.howdah.plugins.configuration.plan.PostgresMajor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Checks names and values of {@code spec.postgresql.parameters} before PostgreSQL has to: with a
 * wrong one it doesn't start, or goes on with the old configuration and says so in its log only.
 */
public final class SpecValidation {

  private static final List<String> PARAMETERS = List.of("spec", "postgresql", "parameters");

  private SpecValidation() {}

  /**
   * Checks all parameters of a Cluster.
   *
   * @return what is wrong, by parameter
   */
  public static List<ValidationFinding> of(Cluster cluster) {
    Catalogue catalogue = Catalogue.of(PostgresMajor.of(cluster));
    List<ValidationFinding> findings = new ArrayList<>();
    SpecParameters.of(cluster)
        .entries()
        .forEach(
            (name, entry) ->
                problem(catalogue, name, entry.value())
                    .ifPresent(
                        problem ->
                            findings.add(
                                ValidationFinding.error(path(name), entry.value(), problem))));
    return List.copyOf(findings);
  }

  /**
   * Checks what a change brings in: what was wrong before in the same way only warns.
   *
   * @param before the Cluster as it is
   */
  public static List<ValidationFinding> of(Cluster before, Cluster cluster) {
    boolean sameMajor = PostgresMajor.of(before) == PostgresMajor.of(cluster);
    Map<String, String> known = before.postgresqlParameters();
    return of(cluster).stream()
        .map(
            finding ->
                sameMajor && finding.value().equals(known.get(finding.path().getLast()))
                    ? ValidationFinding.warning(finding.path(), finding.value(), finding.message())
                    : finding)
        .toList();
  }

  private static Optional<String> problem(Catalogue catalogue, String name, String value) {
    if (FixedParameters.contains(name)) {
      return fixedProblem(name, value);
    }
    return catalogue.problem(name, value).map(problem -> problem + ".");
  }

  private static Optional<String> fixedProblem(String name, String value) {
    // The operator writes these itself: archive_mode depends on the kind of Cluster.
    boolean byOperator =
        value.equals(SpecParameters.operatorDefaults().get(name)) || name.equals("archive_mode");
    return byOperator
        ? Optional.empty()
        : Optional.of("CloudNativePG fixes %s; remove it from the Cluster.".formatted(name));
  }

  private static List<String> path(String name) {
    List<String> path = new ArrayList<>(PARAMETERS);
    path.add(name);
    return path;
  }
}
