package dev.howdah.host.delivery;

import dev.howdah.host.call.CallTracing;
import dev.howdah.host.call.CallTracing.CallSpan;
import dev.howdah.host.call.HookRunner;
import dev.howdah.host.call.Rpc;
import dev.howdah.host.catalog.HostedPlugin;
import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.compose.DesiredParameters;
import dev.howdah.host.compose.DesiredParametersMerge;
import dev.howdah.host.guard.ConfigurationGuard;
import dev.howdah.host.guard.GuardViolation;
import dev.howdah.host.guard.GuardViolations;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.cluster.PluginEntry;
import dev.howdah.plugin.postgres.ParameterLayer;
import dev.howdah.plugin.postgres.SpecParameters;
import dev.howdah.plugin.registry.DesiredParametersRegistration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the hosted plugins of a Cluster what they want, on their own threads. Thread-safe. */
final class Wishes {

  private static final Logger LOG = LoggerFactory.getLogger(Wishes.class);
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final PluginCatalog catalog;
  private final HookRunner hooks;
  private final GuardViolations violations;
  private final Optional<CallTracing> tracing;
  private final DesiredParametersMerge merge = new DesiredParametersMerge(new ConfigurationGuard());

  Wishes(
      PluginCatalog catalog,
      HookRunner hooks,
      GuardViolations violations,
      Optional<CallTracing> tracing) {
    this.catalog = catalog;
    this.hooks = hooks;
    this.violations = violations;
    this.tracing = tracing;
  }

  /**
   * It isn't known what is wanted, so nothing may be written: what a plugin can't say now must not
   * be taken for "nothing".
   */
  static final class Unknown extends Exception {
    private static final long serialVersionUID = 1;

    Unknown(String message, Throwable cause) {
      super(message, cause);
    }

    Unknown(String message) {
      super(message);
    }
  }

  /** The name of the hosted plugin that the operator calls last of those that may wish. */
  Optional<String> last(Cluster cluster) {
    return enabled(cluster).stream()
        .filter(
            name ->
                catalog
                    .find(name)
                    .flatMap(PluginHandle::serving)
                    .filter(plugin -> !plugin.hooks().desiredParameters().isEmpty())
                    .isPresent())
        .max(String::compareTo);
  }

  /**
   * What all of them want, merged.
   *
   * @throws Unknown if one of them can't say
   */
  DesiredParameters of(Cluster cluster) throws Unknown {
    try {
      List<DesiredParametersMerge.Wishes> wishes = new ArrayList<>();
      for (String name : enabled(cluster)) {
        for (PluginHandle handle : hosted(name)) {
          wishes.addAll(of(handle, cluster));
        }
      }
      return merge.merge(wishes, SpecParameters.of(cluster).userKeys());
    } catch (GuardViolation e) {
      violations.record(e);
      throw new Unknown(String.valueOf(e.getMessage()), e);
    } catch (PluginException e) {
      throw new Unknown("The Cluster is malformed: %s.".formatted(e.getMessage()), e);
    }
  }

  /**
   * One plugin's wish for one parameter.
   *
   * @param plugin the plugin's name
   * @param layer whose word it is
   * @param parameter the parameter, in lower case
   */
  record Wish(String plugin, ParameterLayer layer, String parameter) {}

  /** Why the plugins want what they want, as far as they say. */
  Map<Wish, String> rules(Cluster cluster) {
    Map<Wish, String> rules = new HashMap<>();
    for (String name : enabled(cluster)) {
      catalog
          .find(name)
          .ifPresent(
              handle -> handle.serving().ifPresent(it -> addRules(handle, it, cluster, rules)));
    }
    return rules;
  }

  private void addRules(
      PluginHandle handle, HostedPlugin plugin, Cluster cluster, Map<Wish, String> rules) {
    for (DesiredParametersRegistration one : plugin.hooks().desiredParameters()) {
      try {
        hooks
            .ask(handle, plugin, Rpc.PRE, LIMIT, call -> one.hook().rules(call.context(cluster)))
            .forEach(
                (parameter, rule) ->
                    rules.put(
                        new Wish(handle.name(), one.layer(), parameter.toLowerCase(Locale.ROOT)),
                        rule));
      } catch (PluginException e) {
        LOG.atDebug()
            .addKeyValue("plugin", handle.name())
            .addKeyValue("problem", e.getMessage())
            .log("A plugin can't say why it wants its parameters");
      }
    }
  }

  private List<PluginHandle> hosted(String name) {
    Optional<PluginHandle> addressed = catalog.find(name).filter(it -> it.name().equals(name));
    return addressed.isPresent()
        ? List.of(addressed.get())
        : catalog.all().stream().filter(handle -> handle.name().equals(name)).toList();
  }

  private List<DesiredParametersMerge.Wishes> of(PluginHandle handle, Cluster cluster)
      throws Unknown {
    HostedPlugin plugin =
        handle
            .serving()
            .orElseThrow(
                () ->
                    new Unknown(
                        "The plugin '%s', which the Cluster names, doesn't serve; see"
                                .formatted(handle.name())
                            + " /actuator/plugins."));
    List<DesiredParametersMerge.Wishes> wishes = new ArrayList<>();
    for (DesiredParametersRegistration registration : plugin.hooks().desiredParameters()) {
      CallSpan span =
          tracing
              .map(it -> it.begin(handle.name(), "delivery", "DesiredParameters"))
              .orElse(CallSpan.NONE);
      span.cluster(cluster.qualifiedName());
      try {
        Map<String, String> wanted =
            hooks.ask(
                handle,
                plugin,
                Rpc.PRE,
                LIMIT,
                call -> registration.hook().desired(call.context(cluster)));
        span.answered();
        wishes.add(new DesiredParametersMerge.Wishes(handle.name(), registration.layer(), wanted));
      } catch (PluginException e) {
        span.failed(String.valueOf(e.getMessage()));
        throw new Unknown(
            "The plugin '%s' can't say what it wants: %s.".formatted(handle.name(), e.getMessage()),
            e);
      }
    }
    return wishes;
  }

  private static Set<String> enabled(Cluster cluster) {
    return cluster.plugins().stream()
        .filter(PluginEntry::enabled)
        .map(PluginEntry::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
