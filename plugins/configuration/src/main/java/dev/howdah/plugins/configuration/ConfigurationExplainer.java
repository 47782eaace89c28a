package dev.howdah.plugins.configuration;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.PluginConfiguration;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugins.configuration.catalogue.Catalogue;
import dev.howdah.plugins.configuration.offline.OfflineContext;
import dev.howdah.plugins.configuration.plan.Plan;
import dev.howdah.plugins.configuration.plan.Planner;
import dev.howdah.plugins.configuration.plan.PostgresMajor;
import dev.howdah.plugins.configuration.plan.TuningWish;
import dev.howdah.plugins.configuration.plan.Wish;
import dev.howdah.plugins.configuration.policy.Policies;
import dev.howdah.plugins.configuration.policy.Policy;
import dev.howdah.plugins.configuration.policy.Violation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Explains Clusters without a host. Thread-safe. */
public final class ConfigurationExplainer {

  private static final List<String> PLUGINS = List.of("spec", "plugins");

  private final Policies policies;
  private final Planner planner;

  /**
   * Makes an explainer.
   *
   * @param configuration the plugin's part of the host's configuration
   * @throws IllegalArgumentException if it can't be bound or a policy can't hold
   */
  public ConfigurationExplainer(PluginConfiguration configuration) {
    this.policies = configuration.bind(ConfigurationSettings.class).checked();
    this.planner = new Planner(policies);
  }

  /**
   * What there is to say about a Cluster.
   *
   * @param plan what becomes of its parameters
   * @param findings what is wrong with it, what policies only report among the warnings
   */
  public record Explained(Plan plan, List<ValidationFinding> findings) {}

  /**
   * Explains a Cluster.
   *
   * @param cluster the Cluster
   * @param others what other plugins want
   * @throws PluginException of kind {@code INVALID} if the Cluster is malformed
   */
  public Explained explain(Cluster cluster, Collection<Wish> others) {
    List<ValidationFinding> findings = new ArrayList<>();
    Plan plan = planner.plan(cluster, tuning(cluster, findings), others);
    findings.addAll(SpecValidation.of(cluster));
    Catalogue catalogue = Catalogue.of(PostgresMajor.of(cluster));
    findings.addAll(policies.findings(Optional.empty(), cluster, catalogue));
    policies.violations(cluster, catalogue).stream()
        .filter(violation -> violation.policy().action() == Policy.Action.REPORT)
        .map(ConfigurationExplainer::reported)
        .forEach(findings::add);
    return new Explained(plan, List.copyOf(findings));
  }

  private static TuningWish tuning(Cluster cluster, List<ValidationFinding> findings) {
    HookContext context = new OfflineContext(cluster, ConfigurationPlugin.NAME);
    try {
      ConfigurationParameters parameters = context.parameters(ConfigurationParameters.class);
      ConfigurationPlugin.windowProblem(parameters)
          .ifPresent(
              problem ->
                  findings.add(
                      ValidationFinding.error(PLUGINS, parameters.window().orElse(""), problem)));
      return context.own().isPresent() ? parameters.tuning() : TuningWish.NONE;
    } catch (PluginException e) {
      findings.add(
          ValidationFinding.error(
              PLUGINS, "", Objects.requireNonNullElse(e.getMessage(), "parameters are wrong")));
      return TuningWish.NONE;
    }
  }

  private static ValidationFinding reported(Violation violation) {
    return ValidationFinding.warning(violation.path(), violation.value(), violation.message());
  }
}
