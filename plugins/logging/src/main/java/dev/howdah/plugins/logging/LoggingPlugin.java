package dev.howdah.plugins.logging;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Maturity;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.postgres.DesiredParametersHook;
import dev.howdah.plugin.postgres.ParameterLayer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Puts what PostgreSQL logs under management. */
public final class LoggingPlugin implements Plugin {

  /** The plugin's name, as in its manifest. */
  static final String NAME = "logging.howdah.dev";

  private static final Duration LONG_WINDOW = Duration.ofDays(7);

  private final Clock clock;

  /**
   * Made by the host.
   *
   * @param clock tells whether a verbose window is open
   */
  public LoggingPlugin(Clock clock) {
    this.clock = clock;
  }

  @Override
  public PluginMetadata metadata() {
    return PluginMetadata.of(LoggingPlugin.class)
        .displayName("Howdah Logging")
        .description(
            "Puts what PostgreSQL logs under management: presets, single settings and verbose"
                + " windows that end by themselves.")
        .maturity(Maturity.ALPHA)
        .vendor("Howdah")
        .build();
  }

  @Override
  public void register(Hooks hooks) {
    hooks.parameters(LoggingParameters.class);
    hooks.validateCreate(this::validate);
    hooks.validateChange((before, context) -> validate(context));
    hooks.status(context -> Optional.of(status(context)));
    hooks.desiredParameters(
        ParameterLayer.LOGGING,
        new DesiredParametersHook() {
          @Override
          public Map<String, String> desired(HookContext context) {
            return LoggingPlugin.this.desired(context);
          }

          @Override
          public Map<String, String> rules(HookContext context) {
            SortedMap<String, String> rules = new TreeMap<>();
            effective(context, Optional.of(clock.instant()))
                .forEach(setting -> rules.put(setting.name(), setting.source()));
            return rules;
          }
        });
  }

  private SortedMap<String, String> desired(HookContext context) {
    if (context.own().isEmpty()) {
      return new TreeMap<>();
    }
    return LoggingSettings.desired(effective(context, Optional.of(clock.instant())));
  }

  private LoggingStatus status(HookContext context) {
    LoggingParameters parameters = context.parameters(LoggingParameters.class);
    SortedMap<String, String> settings = new TreeMap<>();
    effective(context, Optional.empty())
        .forEach(
            setting ->
                settings.put(
                    setting.name(), "%s (%s)".formatted(setting.value(), setting.source())));
    return new LoggingStatus(
        parameters.preset().map(preset -> preset.name().toLowerCase(Locale.ROOT)).orElse("none"),
        parameters.verboseUntil().orElse(""),
        settings);
  }

  private static Collection<EffectiveSetting> effective(
      HookContext context, Optional<Instant> now) {
    LoggingParameters parameters = context.parameters(LoggingParameters.class);
    try {
      return LoggingSettings.effective(context.cluster(), parameters, now);
    } catch (IllegalArgumentException e) {
      throw new PluginException(
          PluginException.Kind.INVALID, Objects.requireNonNullElse(e.getMessage(), ""), e);
    }
  }

  private List<ValidationFinding> validate(HookContext context) {
    LoggingParameters parameters = context.parameters(LoggingParameters.class);
    List<ValidationFinding> findings = new ArrayList<>();
    windowFinding(context, parameters).ifPresent(findings::add);
    if (parameters.statementStatisticsMax().isPresent()
        && parameters.statementStatistics().orElse(StatisticsKind.OFF) == StatisticsKind.OFF) {
      findings.add(
          ValidationFinding.warning(
              path(context, "statementStatisticsMax"),
              parameters.statementStatisticsMax().get().toString(),
              "statementStatisticsMax does nothing while statementStatistics is off."));
    }
    return List.copyOf(findings);
  }

  private Optional<ValidationFinding> windowFinding(
      HookContext context, LoggingParameters parameters) {
    List<String> path = path(context, "verboseUntil");
    String text = parameters.verboseUntil().orElse("");
    try {
      Optional<Instant> end = LoggingSettings.windowEnd(parameters);
      Instant now = clock.instant();
      if (end.isPresent() && !now.isBefore(end.get())) {
        return Optional.of(
            ValidationFinding.warning(
                path, text, "verboseUntil lies in the past, so it does nothing; remove it."));
      }
      return end.filter(time -> now.plus(LONG_WINDOW).isBefore(time))
          .map(
              time ->
                  ValidationFinding.warning(
                      path,
                      text,
                      "verboseUntil is more than 7 days away; the log may fill its volume and cost"
                          + " more than it tells."));
    } catch (IllegalArgumentException e) {
      return Optional.of(
          ValidationFinding.error(path, text, Objects.requireNonNullElse(e.getMessage(), "wrong")));
    }
  }

  private static List<String> path(HookContext context, String parameter) {
    List<String> path =
        new ArrayList<>(context.own().map(PluginUse.Own::path).orElse(List.of("spec", "plugins")));
    path.add("parameters");
    path.add(parameter);
    return path;
  }
}
