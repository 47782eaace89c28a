package dev.howdah.plugins.configuration.policy;

import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.postgres.SpecParameters;
import dev.howdah.plugins.configuration.catalogue.Catalogue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** All policies of a host. Immutable and thread-safe. */
public final class Policies {

  private final List<Policy> policies;

  /**
   * Takes the policies.
   *
   * @throws IllegalArgumentException if two have the same name, or a rule can't hold for any
   *     PostgreSQL; the message names the policy
   */
  public Policies(List<Policy> policies) {
    this.policies = List.copyOf(policies);
    Set<String> names = new HashSet<>();
    for (Policy policy : policies) {
      if (!names.add(policy.name())) {
        throw new IllegalArgumentException(
            "Two policies have the name '%s'.".formatted(policy.name()));
      }
      policy.parameters().forEach(rule -> checkRule(policy, rule));
    }
  }

  private static void checkRule(Policy policy, ParameterRule rule) {
    Optional<String> problem = Optional.empty();
    for (int major = Catalogue.NEWEST; major >= Catalogue.OLDEST; major--) {
      problem = rule.problem(Catalogue.of(major));
      if (problem.isEmpty()) {
        return;
      }
    }
    String words = problem.orElse("");
    throw new IllegalArgumentException(
        "The policy '%s' has a rule that can't hold: %s.".formatted(policy.name(), words));
  }

  /** The policies that are for a Cluster, in the order of the configuration. */
  public List<Policy> appliedTo(Cluster cluster) {
    return policies.stream().filter(policy -> policy.appliesTo(cluster)).toList();
  }

  /** Everything that a Cluster breaks, in the order of the policies. */
  public List<Violation> violations(Cluster cluster, Catalogue catalogue) {
    List<Violation> violations = new ArrayList<>();
    for (Policy policy : appliedTo(cluster)) {
      policy.parameters().stream()
          .flatMap(rule -> violation(policy, rule, cluster, catalogue).stream())
          .forEach(violations::add);
      violations.addAll(new ClusterCheck(policy, cluster).violations());
    }
    return List.copyOf(violations);
  }

  /**
   * What to tell about a Cluster that is created or changed. A rule that was broken before in the
   * same way only warns: else the Cluster couldn't be changed in any other way.
   *
   * @param before the Cluster as it is; empty if it is created
   */
  public List<ValidationFinding> findings(
      Optional<Cluster> before, Cluster cluster, Catalogue catalogue) {
    List<Violation> known = before.map(earlier -> violations(earlier, catalogue)).orElse(List.of());
    List<ValidationFinding> findings = new ArrayList<>();
    for (Violation violation : violations(cluster, catalogue)) {
      boolean isNew = known.stream().noneMatch(violation::sameAs);
      switch (violation.policy().action()) {
        case DENY ->
            findings.add(
                isNew
                    ? ValidationFinding.error(
                        violation.path(), violation.value(), violation.message())
                    : ValidationFinding.warning(
                        violation.path(),
                        violation.value(),
                        violation.message() + " It was so before this change."));
        case WARN ->
            findings.add(
                ValidationFinding.warning(
                    violation.path(), violation.value(), violation.message()));
        case REPORT -> {}
      }
    }
    return List.copyOf(findings);
  }

  private static Optional<Violation> violation(
      Policy policy, ParameterRule rule, Cluster cluster, Catalogue catalogue) {
    // What the user left out is set by the policy itself, or is PostgreSQL's default.
    return SpecParameters.of(cluster)
        .entry(rule.name())
        .flatMap(
            entry ->
                rule.broken(entry.value(), catalogue)
                    .map(
                        problem ->
                            new Violation(
                                policy,
                                List.of("spec", "postgresql", "parameters", rule.name()),
                                entry.value(),
                                "%s %s".formatted(rule.name(), problem))));
  }
}
