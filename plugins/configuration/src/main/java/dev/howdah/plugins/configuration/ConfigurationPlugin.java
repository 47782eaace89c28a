package dev.howdah.plugins.configuration;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Maturity;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginConfiguration;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.postgres.DesiredParametersHook;
import dev.howdah.plugin.postgres.ParameterLayer;
import dev.howdah.plugin.postgres.SpecParameters;
import dev.howdah.plugin.postgres.SpecParameters.Origin;
import dev.howdah.plugins.configuration.catalogue.Catalogue;
import dev.howdah.plugins.configuration.plan.Plan;
import dev.howdah.plugins.configuration.plan.PlannedParameter;
import dev.howdah.plugins.configuration.plan.PlannedParameter.Source;
import dev.howdah.plugins.configuration.plan.Planner;
import dev.howdah.plugins.configuration.plan.PostgresMajor;
import dev.howdah.plugins.configuration.policy.Policies;
import dev.howdah.plugins.configuration.policy.Policy;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tunes PostgreSQL, holds Clusters to policies and explains every parameter. */
public final class ConfigurationPlugin implements Plugin {

  /** The plugin's name, as in its manifest. */
  public static final String NAME = "configuration.howdah.dev";

  private static final Logger log = LoggerFactory.getLogger(ConfigurationPlugin.class);

  private final Policies policies;
  private final Planner planner;
  private final Clock clock;

  /**
   * Made by the host.
   *
   * @param configuration the plugin's part of the host's configuration: the policies
   * @param clock tells whether a maintenance window is open
   * @throws IllegalArgumentException if a policy can't hold
   */
  public ConfigurationPlugin(PluginConfiguration configuration, Clock clock) {
    this.policies = configuration.bind(ConfigurationSettings.class).checked();
    this.planner = new Planner(policies);
    this.clock = clock;
  }

  @Override
  public PluginMetadata metadata() {
    return PluginMetadata.of(ConfigurationPlugin.class)
        .displayName("Howdah Configuration")
        .description(
            "Tunes PostgreSQL by profile, holds Clusters to the platform team's policies and"
                + " explains every parameter.")
        .maturity(Maturity.ALPHA)
        .vendor("Howdah")
        .build();
  }

  @Override
  public void register(Hooks hooks) {
    hooks.parameters(ConfigurationParameters.class);
    hooks.validateCreate(
        context -> findings(context.cluster(), SpecValidation.of(context.cluster()), context));
    hooks.validateChange(
        (before, context) ->
            findings(context.cluster(), SpecValidation.of(before, context.cluster()), context));
    hooks.policy((before, context) -> check(before, context.cluster()));
    hooks.status(context -> Optional.of(status(context)));
    hooks.desiredParameters(ParameterLayer.POLICY, new Desired(Source.POLICY));
    hooks.desiredParameters(ParameterLayer.PROFILE, new Desired(Source.PROFILE));
  }

  private List<ValidationFinding> check(Optional<Cluster> before, Cluster cluster) {
    Catalogue catalogue = catalogue(cluster);
    policies.violations(cluster, catalogue).stream()
        .filter(violation -> violation.policy().action() == Policy.Action.REPORT)
        .forEach(
            violation ->
                log.atInfo()
                    .addKeyValue("cluster", cluster.qualifiedName())
                    .addKeyValue("policy", violation.policy().name())
                    .addKeyValue("path", String.join(".", violation.path()))
                    .log("A Cluster breaks a policy that only reports: {}.", violation.problem()));
    return policies.findings(before, cluster, catalogue);
  }

  private List<ValidationFinding> findings(
      Cluster cluster, List<ValidationFinding> ofSpec, HookContext context) {
    List<ValidationFinding> findings = new ArrayList<>(ofSpec);
    ConfigurationParameters parameters = context.parameters(ConfigurationParameters.class);
    List<String> path =
        new ArrayList<>(context.own().map(PluginUse.Own::path).orElse(List.of("spec", "plugins")));
    path.add("parameters");
    windowProblem(parameters)
        .ifPresent(
            problem ->
                findings.add(
                    ValidationFinding.error(
                        append(path, "window"), parameters.window().orElse(""), problem)));
    try {
      planner
          .plan(cluster, parameters.tuning(), List.of())
          .notes()
          .forEach(
              note -> findings.add(ValidationFinding.warning(append(path, "profile"), "", note)));
    } catch (PluginException e) {
      findings.add(
          ValidationFinding.error(
              path, "", Objects.requireNonNullElse(e.getMessage(), "the Cluster is malformed")));
    }
    return List.copyOf(findings);
  }

  static Optional<String> windowProblem(ConfigurationParameters parameters) {
    if (parameters.window().isEmpty()) {
      return parameters.applyRestart() == ApplyRestart.WINDOW
          ? Optional.of(
              "applyRestart is 'window', so there must be a window, such as 'Sun 02:00-04:00'.")
          : Optional.empty();
    }
    try {
      MaintenanceWindow.parse(parameters.window().get());
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.ofNullable(e.getMessage());
    }
  }

  private ConfigurationStatus status(HookContext context) {
    ConfigurationParameters parameters = context.parameters(ConfigurationParameters.class);
    Plan plan = planner.plan(context.cluster(), parameters.tuning(), List.of());
    return new ConfigurationStatus(
        parameters.profile().map(profile -> lower(profile)).orElse("none"),
        lower(parameters.delivery()),
        plan.digest());
  }

  /** What one source wants, and why. */
  private final class Desired implements DesiredParametersHook {

    private final Source source;

    Desired(Source source) {
      this.source = source;
    }

    @Override
    public Map<String, String> desired(HookContext context) {
      return ConfigurationPlugin.this.desired(source, context);
    }

    @Override
    public Map<String, String> rules(HookContext context) {
      ConfigurationParameters parameters = context.parameters(ConfigurationParameters.class);
      SortedMap<String, String> rules = new TreeMap<>();
      planner
          .plan(context.cluster(), parameters.tuning(), List.of())
          .from(source)
          .forEach((name, planned) -> rules.put(name, planned.rule()));
      return rules;
    }
  }

  private SortedMap<String, String> desired(Source source, HookContext context) {
    ConfigurationParameters parameters = context.parameters(ConfigurationParameters.class);
    if (context.own().isEmpty() || parameters.delivery() == Delivery.REPORT) {
      return new TreeMap<>();
    }
    Cluster cluster = context.cluster();
    boolean mayRestart = mayRestart(cluster, parameters);
    Map<String, String> held = SpecParameters.of(cluster).of(Origin.HOWDAH);
    SortedMap<String, String> desired = new TreeMap<>();
    planner.plan(cluster, parameters.tuning(), List.of()).from(source).values().stream()
        .filter(parameter -> !parameter.by().isEmpty())
        .forEach(
            parameter ->
                withheld(parameter, mayRestart, held)
                    .ifPresent(value -> desired.put(parameter.name(), value)));
    return desired;
  }

  /**
   * What to ask for just now: while a restart isn't allowed that is what was written before, if
   * anything was, since leaving it out would take it back, with a restart.
   */
  private static Optional<String> withheld(
      PlannedParameter parameter, boolean mayRestart, Map<String, String> held) {
    boolean wait = parameter.restart() && parameter.changes() && !mayRestart;
    return wait ? Optional.ofNullable(held.get(parameter.name())) : Optional.of(parameter.value());
  }

  private boolean mayRestart(Cluster cluster, ConfigurationParameters parameters) {
    // Before there is an instance, nothing has to restart.
    if (cluster.instanceNames().isEmpty() && cluster.currentPrimary().isEmpty()) {
      return true;
    }
    return switch (parameters.applyRestart()) {
      case NEVER -> false;
      case NOW -> true;
      case WINDOW ->
          windowProblem(parameters).isEmpty()
              && parameters
                  .window()
                  .map(text -> MaintenanceWindow.parse(text).contains(clock.instant()))
                  .orElse(false);
    };
  }

  private static Catalogue catalogue(Cluster cluster) {
    return Catalogue.of(PostgresMajor.of(cluster));
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static List<String> append(List<String> path, String step) {
    List<String> longer = new ArrayList<>(path);
    longer.add(step);
    return longer;
  }
}
