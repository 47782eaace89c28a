package dev.howdah.plugins.configuration.plan;

import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.postgres.FixedParameters;
import dev.howdah.plugin.postgres.ParameterLayer;
import dev.howdah.plugin.postgres.SpecParameters;
import dev.howdah.plugin.postgres.SpecParameters.Origin;
import dev.howdah.plugins.configuration.catalogue.Catalogue;
import dev.howdah.plugins.configuration.catalogue.Setting;
import dev.howdah.plugins.configuration.plan.PlannedParameter.Source;
import dev.howdah.plugins.configuration.policy.ParameterRule;
import dev.howdah.plugins.configuration.policy.Policies;
import dev.howdah.plugins.configuration.policy.Policy;
import dev.howdah.plugins.configuration.profile.Machine;
import dev.howdah.plugins.configuration.profile.Tuned;
import dev.howdah.plugins.configuration.profile.Tuning;
import dev.howdah.plugins.configuration.profile.Workload;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Makes plans: the user's word over policy over logging and auditing over profile. Thread-safe.
 *
 * <p>Nothing is ever planned for a parameter that CloudNativePG fixes. Values of plugins and
 * profiles are brought within the bounds of policies. The five parameters that standbys are
 * sensitive to are never lowered.
 */
public final class Planner {

  private static final BigDecimal MOST_CONNECTIONS = BigDecimal.valueOf(262_143);

  private final Policies policies;

  /**
   * Makes a planner.
   *
   * @param policies the platform team's
   */
  public Planner(Policies policies) {
    this.policies = policies;
  }

  /**
   * Plans for one Cluster.
   *
   * @param cluster the Cluster
   * @param tuning what it asks to be tuned for
   * @param others what other plugins want
   * @throws dev.howdah.plugin.PluginException of kind {@code INVALID} if the Cluster is malformed
   */
  public Plan plan(Cluster cluster, TuningWish tuning, Collection<Wish> others) {
    return new Making(cluster, tuning, others).plan();
  }

  /** The making of one plan. */
  private final class Making {

    private final Cluster cluster;
    private final TuningWish tuning;
    private final Collection<Wish> others;
    private final SpecParameters spec;
    private final Catalogue catalogue;
    private final List<Policy> applied;
    private final List<String> notes = new ArrayList<>();

    Making(Cluster cluster, TuningWish tuning, Collection<Wish> others) {
      this.cluster = cluster;
      this.tuning = tuning;
      this.others = others;
      this.spec = SpecParameters.of(cluster);
      this.catalogue = Catalogue.of(PostgresMajor.of(cluster));
      this.applied = policies.appliedTo(cluster);
    }

    Plan plan() {
      SortedMap<String, PlannedParameter> planned = new TreeMap<>();
      spec.entries().forEach((name, entry) -> planned.put(name, asWritten(name, entry)));
      List<Wish> wishes = new ArrayList<>(required());
      wishes.addAll(others);
      wishes.addAll(tuned());
      wishes.sort(
          Comparator.comparing(Wish::layer).thenComparing(Wish::by).thenComparing(Wish::name));
      SortedMap<String, Wish> winners = new TreeMap<>();
      for (Wish wish : wishes) {
        PlannedParameter written = planned.get(wish.name());
        boolean taken =
            written != null
                && (written.source() == Source.USER || written.source() == Source.FIXED);
        if (!taken && !FixedParameters.contains(wish.name())) {
          winners.putIfAbsent(wish.name(), wish);
        }
      }
      winners.values().forEach(wish -> within(wish).ifPresent(p -> planned.put(p.name(), p)));
      return new Plan(catalogue.major(), List.copyOf(planned.values()), notes);
    }

    private PlannedParameter asWritten(String name, SpecParameters.Entry entry) {
      Source source =
          switch (entry.origin()) {
            case USER -> Source.USER;
            case OPERATOR -> FixedParameters.contains(name) ? Source.FIXED : Source.OPERATOR;
            // What nobody wants any more is taken back by the host's next apply.
            case HOWDAH -> Source.PROFILE;
          };
      String rule =
          switch (entry.origin()) {
            case USER -> "written in the Cluster";
            case OPERATOR ->
                FixedParameters.contains(name)
                    ? "fixed by CloudNativePG"
                    : "default of CloudNativePG";
            case HOWDAH -> "set earlier; nobody wants it any more";
          };
      return new PlannedParameter(
          name,
          Optional.of(entry.value()),
          false,
          entry.value(),
          source,
          "",
          rule,
          false,
          needsRestart(name));
    }

    private List<Wish> required() {
      List<Wish> wishes = new ArrayList<>();
      for (Policy policy : applied) {
        for (ParameterRule rule : policy.parameters()) {
          String value = rule.required();
          if (value != null) {
            wishes.add(
                new Wish(
                    ParameterLayer.POLICY,
                    policy.name(),
                    rule.name(),
                    value,
                    "required by policy '%s'".formatted(policy.name())));
          }
        }
      }
      return wishes;
    }

    private List<Wish> tuned() {
      if (tuning.workload().isEmpty()) {
        return List.of();
      }
      Workload workload = tuning.workload().get();
      Optional<Machine> machine = new ClusterMachine(cluster).read(tuning);
      if (machine.isEmpty()) {
        notes.add(
            "Nothing is tuned: the Cluster has neither a memory limit nor a memory request. Set"
                + " spec.resources.limits.memory, or the plugin's parameter memory.");
        return List.of();
      }
      String profile = workload.name().toLowerCase(Locale.ROOT);
      List<Wish> wishes = new ArrayList<>();
      for (Tuned one :
          Tuning.of(workload, machine.get(), tuning.dataSize(), connections(), catalogue.major())) {
        if (!FixedParameters.contains(one.name())) {
          wishes.add(
              new Wish(ParameterLayer.PROFILE, profile, one.name(), one.value(), one.rule()));
        }
      }
      return wishes;
    }

    /** Tuning reckons with the connections that there will be, whoever says so. */
    private OptionalInt connections() {
      Optional<Integer> written =
          Optional.ofNullable(spec.of(Origin.USER).get("max_connections"))
              .or(
                  () ->
                      required().stream()
                          .filter(wish -> wish.name().equals("max_connections"))
                          .map(Wish::value)
                          .findFirst())
              .flatMap(text -> number("max_connections", text))
              .filter(number -> number.signum() > 0 && number.compareTo(MOST_CONNECTIONS) <= 0)
              .map(BigDecimal::intValue)
              .or(tuning::maxConnections);
      return written.isPresent() ? OptionalInt.of(written.get()) : OptionalInt.empty();
    }

    /** A wish within policies and not below what standbys need; empty if policies forbid it. */
    private Optional<PlannedParameter> within(Wish wish) {
      String value = wish.value();
      String rule = wish.rule();
      if (wish.layer() != ParameterLayer.POLICY) {
        for (Policy policy : applied) {
          for (ParameterRule bound : policy.parameters()) {
            if (bound.name().equalsIgnoreCase(wish.name())) {
              Optional<String> bounded = bound.bounded(value, catalogue);
              if (bounded.isEmpty()) {
                notes.add(
                    "%s is not set to %s: policy '%s' doesn't allow it."
                        .formatted(wish.name(), value, policy.name()));
                return Optional.empty();
              }
              if (!bounded.get().equals(value)) {
                rule = "%s; bounded by policy '%s'".formatted(rule, policy.name());
                value = bounded.get();
              }
            }
          }
        }
      }
      String kept = notLowered(wish.name(), value);
      if (!kept.equals(value)) {
        rule = rule + "; not lowered, a standby needs what its primary had";
        value = kept;
      }
      return Optional.of(planned(wish, value, rule));
    }

    private PlannedParameter planned(Wish wish, String value, String rule) {
      Optional<String> written = spec.entry(wish.name()).map(SpecParameters.Entry::value);
      Optional<String> before =
          written
              // CloudNativePG writes these when the Cluster is created.
              .or(() -> Optional.ofNullable(SpecParameters.operatorDefaults().get(wish.name())))
              .or(() -> catalogue.find(wish.name()).map(Planner::bootValue));
      Source source =
          switch (wish.layer()) {
            case POLICY -> Source.POLICY;
            case LOGGING -> Source.LOGGING;
            case PROFILE -> Source.PROFILE;
          };
      return new PlannedParameter(
          wish.name(),
          before,
          written.isEmpty(),
          value,
          source,
          wish.by(),
          rule,
          before.isEmpty() || !same(wish.name(), before.get(), value),
          needsRestart(wish.name()));
    }

    private String notLowered(String name, String value) {
      OptionalLong lowest = StandbySensitive.lowest(name);
      Optional<BigDecimal> wanted = number(name, value);
      if (lowest.isEmpty() || wanted.isEmpty()) {
        return value;
      }
      String keep = value;
      BigDecimal most = wanted.get();
      if (BigDecimal.valueOf(lowest.getAsLong()).compareTo(most) > 0) {
        keep = Long.toString(lowest.getAsLong());
        most = BigDecimal.valueOf(lowest.getAsLong());
      }
      Optional<String> current = spec.entry(name).map(SpecParameters.Entry::value);
      if (current.flatMap(text -> number(name, text)).orElse(BigDecimal.ZERO).compareTo(most) > 0) {
        keep = current.orElse(keep);
      }
      return keep;
    }

    private Optional<BigDecimal> number(String name, String text) {
      return catalogue.find(name).flatMap(setting -> setting.number(text));
    }

    private boolean same(String name, String one, String other) {
      Optional<Setting> setting = catalogue.find(name);
      Optional<String> left = setting.flatMap(found -> found.canonical(one));
      Optional<String> right = setting.flatMap(found -> found.canonical(other));
      return left.isPresent() && right.isPresent() ? left.equals(right) : one.equals(other);
    }

    private boolean needsRestart(String name) {
      return catalogue.find(name).map(Setting::needsRestart).orElse(false);
    }
  }

  private static String bootValue(Setting setting) {
    return setting
        .number(setting.bootValue())
        .filter(number -> number.stripTrailingZeros().scale() <= 0)
        .map(number -> setting.written(number.longValueExact()))
        .orElse(setting.bootValue());
  }
}
