package dev.howdah.host.cli;

import dev.howdah.host.catalog.PluginSource;
import dev.howdah.host.discovery.PluginInspection;
import dev.howdah.host.parameters.ParameterDescription;
import dev.howdah.host.parameters.RecordParameterBinder;
import dev.howdah.plugin.Parameter;
import dev.howdah.plugin.PluginManifest;
import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.registry.Capabilities;
import dev.howdah.plugin.registry.LifecycleCapability;
import dev.howdah.plugin.registry.RegisteredHooks;
import dev.howdah.plugin.registry.Side;
import java.lang.annotation.Annotation;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * All that can be said of a plugin that isn't started.
 *
 * @param facts who it is, by label
 * @param hooks what it registered
 * @param capabilities what it declares, by the host's mode
 * @param parameters what a Cluster can tell it
 * @param configuration what the host's configuration can tell it
 * @param problem why not all is known; empty if all is
 */
record PluginExplanation(
    Map<String, String> facts,
    List<String> hooks,
    Map<String, List<String>> capabilities,
    List<ParameterDescription> parameters,
    List<Key> configuration,
    String problem) {

  /**
   * A key of the configuration.
   *
   * @param key its whole name
   * @param type what to write
   * @param constraints what it must keep
   * @param description what it is for; may be empty
   */
  record Key(String key, String type, List<String> constraints, String description) {}

  static PluginExplanation of(
      PluginSource source, PluginManifest manifest, PluginInspection inspection) {
    Optional<RegisteredHooks> hooks = inspection.hooks();
    return new PluginExplanation(
        facts(source, manifest, inspection.metadata()),
        hooks.map(PluginExplanation::hooks).orElse(List.of()),
        hooks.map(PluginExplanation::capabilities).orElse(Map.of()),
        hooks
            .flatMap(RegisteredHooks::parameters)
            .map(type -> new RecordParameterBinder().describe(type))
            .orElse(List.of()),
        keys(manifest.id(), inspection.configuration()),
        inspection.problem().map(Object::toString).orElse(""));
  }

  private static Map<String, String> facts(
      PluginSource source, PluginManifest manifest, Optional<PluginMetadata> metadata) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("name", manifest.name());
    facts.put("id", manifest.id());
    facts.put("version", manifest.version());
    metadata.ifPresent(
        it -> {
          facts.put("display name", it.displayName());
          facts.put("description", it.description());
          facts.put("maturity", it.maturityName());
          facts.put("vendor", it.vendor());
          facts.put("license", it.license() + " " + it.licenseUrl());
          facts.put("project", it.projectUrl());
          facts.put("repository", it.repositoryUrl());
        });
    facts.put("class", manifest.pluginClass());
    facts.put("plugin API", manifest.api().toString());
    facts.put("found in", source.toString());
    facts.values().removeIf(String::isBlank);
    return facts;
  }

  private static List<String> hooks(RegisteredHooks hooks) {
    List<String> names = new ArrayList<>();
    hooks.parameters().ifPresent(type -> names.add("parameters"));
    hooks.validateCreate().ifPresent(hook -> names.add("validate create"));
    hooks.validateChange().ifPresent(hook -> names.add("validate change"));
    hooks.defaults().ifPresent(hook -> names.add("defaults"));
    hooks.status().ifPresent(hook -> names.add("status"));
    hooks.deregister().ifPresent(hook -> names.add("deregister"));
    hooks
        .lifecycle()
        .forEach(
            hook ->
                names.add(
                    "lifecycle of %s: %s".formatted(hook.type().kind(), lower(hook.operations()))));
    hooks
        .observers()
        .forEach(
            hook ->
                names.add(
                    "observes %s: %s".formatted(hook.type().kind(), lower(hook.operations()))));
    hooks.preReconcileCluster().ifPresent(hook -> names.add("before a Cluster's loop"));
    hooks.postReconcileCluster().ifPresent(hook -> names.add("after a Cluster's loop"));
    hooks.preReconcileBackup().ifPresent(hook -> names.add("before a Backup's loop"));
    hooks.postReconcileBackup().ifPresent(hook -> names.add("after a Backup's loop"));
    if (!hooks.reconcileObservers().isEmpty()) {
      names.add("observes loops");
    }
    hooks.archiveWal().ifPresent(hook -> names.add("archive WAL"));
    hooks.restoreWal().ifPresent(hook -> names.add("restore WAL"));
    hooks.walStatus().ifPresent(hook -> names.add("WAL status"));
    hooks.firstRequiredWal().ifPresent(hook -> names.add("first required WAL"));
    hooks.backup().ifPresent(hook -> names.add("backup"));
    hooks.restore().ifPresent(hook -> names.add("restore"));
    if (!hooks.enrichment().isEmpty()) {
      names.add("enrich configuration, revisions " + hooks.enrichment().keySet());
    }
    hooks
        .desiredParameters()
        .forEach(
            it -> names.add("desired parameters, " + it.layer().name().toLowerCase(Locale.ROOT)));
    hooks.metrics().ifPresent(hook -> names.add("metrics"));
    hooks.readiness().ifPresent(hook -> names.add("readiness"));
    return names;
  }

  private static Map<String, List<String>> capabilities(RegisteredHooks hooks) {
    Map<String, List<String>> bySide = new LinkedHashMap<>();
    for (Side side : Side.values()) {
      Capabilities declared = Capabilities.derive(hooks, side);
      List<String> lines = new ArrayList<>();
      add(lines, "services", declared.services());
      add(lines, "operator", declared.operator());
      declared.lifecycle().forEach(it -> lines.add(lifecycle(it)));
      add(lines, "wal", declared.wal());
      add(lines, "reconciler", declared.reconciler());
      bySide.put(side.name().toLowerCase(Locale.ROOT), lines);
    }
    return bySide;
  }

  private static String lifecycle(LifecycleCapability capability) {
    String group = capability.group().isEmpty() ? "" : "." + capability.group();
    return "lifecycle: %s%s %s".formatted(capability.kind(), group, join(capability.operations()));
  }

  private static void add(List<String> lines, String label, Collection<?> declared) {
    if (!declared.isEmpty()) {
      lines.add(label + ": " + join(declared));
    }
  }

  private static List<Key> keys(String id, List<Class<? extends Record>> types) {
    List<Key> keys = new ArrayList<>();
    types.forEach(type -> addKeys("howdah.plugins." + id, type, keys));
    return keys;
  }

  private static void addKeys(String prefix, Class<?> type, List<Key> keys) {
    for (RecordComponent component : type.getRecordComponents()) {
      String key = prefix + "." + kebab(component.getName());
      if (component.getType().isRecord()) {
        addKeys(key, component.getType(), keys);
      } else {
        Parameter described = component.getAnnotation(Parameter.class);
        keys.add(
            new Key(
                key,
                typeName(component.getGenericType()),
                constraints(component),
                described == null ? "" : described.description()));
      }
    }
  }

  private static List<String> constraints(RecordComponent component) {
    return Arrays.stream(component.getAccessor().getAnnotations())
        .filter(it -> it.annotationType().getName().startsWith("jakarta.validation.constraints."))
        .map(PluginExplanation::constraint)
        .toList();
  }

  private static String constraint(Annotation annotation) {
    String name = annotation.annotationType().getSimpleName();
    try {
      Object value = annotation.annotationType().getMethod("value").invoke(annotation);
      return name + " " + value;
    } catch (ReflectiveOperationException noValue) {
      return name;
    }
  }

  private static String typeName(Type type) {
    if (type instanceof Class<?> simple && simple.isEnum()) {
      return Arrays.stream(simple.getEnumConstants())
          .map(it -> it.toString().toLowerCase(Locale.ROOT).replace('_', '-'))
          .reduce((one, other) -> one + "|" + other)
          .orElse("");
    }
    return type.getTypeName().replaceAll("[a-z]\\w*\\.", "");
  }

  private static String kebab(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
  }

  private static String lower(Collection<? extends Enum<?>> values) {
    return join(values.stream().sorted().map(it -> it.name().toLowerCase(Locale.ROOT)).toList());
  }

  private static String join(Collection<?> values) {
    return String.join(", ", values.stream().map(String::valueOf).toList());
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("facts", facts);
    json.put("hooks", hooks);
    json.put("capabilities", capabilities);
    json.put("parameters", parameters);
    json.put("configuration", configuration);
    json.put("problem", problem);
    return json;
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    TextTable who = new TextTable();
    facts.forEach(who::row);
    lines.addAll(who.lines());
    if (!problem.isEmpty()) {
      lines.add("");
      lines.add("It can't be made, so the rest is what is known up to there. " + problem);
    }
    section(lines, "Hooks", hooks);
    for (Map.Entry<String, List<String>> side : capabilities.entrySet()) {
      section(lines, "Declares in mode " + side.getKey(), side.getValue());
    }
    section(lines, "Parameters, in a Cluster's spec.plugins[].parameters", parameterLines());
    section(lines, "Configuration of the host", keyLines());
    return lines;
  }

  private static void section(List<String> lines, String title, List<String> content) {
    if (!content.isEmpty()) {
      lines.add("");
      lines.add(title);
      content.forEach(line -> lines.add("  " + line));
    }
  }

  private List<String> parameterLines() {
    TextTable table = new TextTable();
    for (ParameterDescription parameter : parameters) {
      TreeSet<String> rules = new TreeSet<>(parameter.constraints());
      if (parameter.immutable()) {
        rules.add("immutable");
      }
      table.row(
          parameter.name(),
          parameter.type(),
          parameter
              .defaultValue()
              .map(value -> "default " + value)
              .orElse(parameter.required() ? "required" : "optional"),
          join(rules),
          parameter.description());
    }
    return table.lines();
  }

  private List<String> keyLines() {
    TextTable table = new TextTable();
    configuration.forEach(
        key -> table.row(key.key(), key.type(), join(key.constraints()), key.description()));
    return table.lines();
  }
}
