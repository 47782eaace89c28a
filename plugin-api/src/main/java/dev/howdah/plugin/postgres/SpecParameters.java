package dev.howdah.plugin.postgres;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.cluster.Cluster;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * The entries of a Cluster's {@code spec.postgresql.parameters}, each with whom it comes from.
 *
 * <p>The spec doesn't say: CloudNativePG's webhook writes its own defaults there when a Cluster is
 * created, and the API server books these on whoever sent the Cluster; Howdah's own wishes are
 * there too. So an entry is told apart by, in this order:
 *
 * <ol>
 *   <li>a fixed parameter is the operator's;
 *   <li>what {@code kubectl.kubernetes.io/last-applied-configuration} holds is the user's;
 *   <li>what a server-side apply of anybody but Howdah holds in {@code managedFields} is the
 *       user's;
 *   <li>what only Howdah's manager holds is Howdah's;
 *   <li>what equals the operator's default is the operator's;
 *   <li>anything else is the user's.
 * </ol>
 *
 * <p>A default that a user wrote out, without applying, looks like the operator's and is taken for
 * it. Immutable and thread-safe.
 */
public final class SpecParameters {

  /** The field manager under which Howdah applies what plugins want. */
  public static final String MANAGER = "howdah";

  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  private static final Map<String, String> OPERATOR_DEFAULTS =
      Map.ofEntries(
          Map.entry("archive_timeout", "5min"),
          Map.entry("dynamic_shared_memory_type", "posix"),
          Map.entry("full_page_writes", "on"),
          Map.entry("logging_collector", "on"),
          Map.entry("log_destination", "csvlog"),
          Map.entry("log_directory", "/controller/log"),
          Map.entry("log_filename", "postgres"),
          Map.entry("log_rotation_age", "0"),
          Map.entry("log_rotation_size", "0"),
          Map.entry("log_truncate_on_rotation", "false"),
          Map.entry("max_parallel_workers", "32"),
          Map.entry("max_replication_slots", "32"),
          Map.entry("max_worker_processes", "32"),
          Map.entry("shared_memory_type", "mmap"),
          Map.entry("shared_preload_libraries", ""),
          Map.entry("ssl_max_protocol_version", "TLSv1.3"),
          Map.entry("ssl_min_protocol_version", "TLSv1.3"),
          Map.entry("wal_keep_size", "512MB"),
          Map.entry("wal_level", "logical"),
          Map.entry("wal_log_hints", "on"),
          Map.entry("wal_receiver_timeout", "5s"),
          Map.entry("wal_sender_timeout", "5s"));

  /** Whom an entry comes from. */
  public enum Origin {
    /** The user, or a tool of the user's such as a GitOps controller. */
    USER,
    /** CloudNativePG: a default of its own, or a parameter it fixes. */
    OPERATOR,
    /** Howdah, for a plugin that wanted it. */
    HOWDAH
  }

  /**
   * One entry.
   *
   * @param value the value as written
   * @param origin whom it comes from
   */
  public record Entry(String value, Origin origin) {}

  private final SortedMap<String, Entry> entries;

  private SpecParameters(SortedMap<String, Entry> entries) {
    this.entries = Collections.unmodifiableSortedMap(entries);
  }

  /**
   * Reads a Cluster.
   *
   * @throws PluginException of kind {@code INVALID} if {@code spec.postgresql.parameters} isn't a
   *     map of texts
   */
  public static SpecParameters of(Cluster cluster) {
    Set<String> applied = lastApplied(cluster);
    FieldOwners owners = FieldOwners.of(cluster);
    SortedMap<String, Entry> entries = new TreeMap<>();
    cluster
        .postgresqlParameters()
        .forEach(
            (name, value) ->
                entries.put(name, new Entry(value, origin(name, value, applied, owners))));
    return new SpecParameters(entries);
  }

  /**
   * CloudNativePG's defaults, which its webhook writes into the spec (release 1.30, PostgreSQL 14
   * and newer).
   */
  public static Map<String, String> operatorDefaults() {
    return OPERATOR_DEFAULTS;
  }

  private static Origin origin(String name, String value, Set<String> applied, FieldOwners owners) {
    if (FixedParameters.contains(name)) {
      return Origin.OPERATOR;
    }
    if (applied.contains(name) || owners.appliedByOthers().contains(name)) {
      return Origin.USER;
    }
    if (owners.onlyHowdah(name)) {
      return Origin.HOWDAH;
    }
    return value.equals(OPERATOR_DEFAULTS.get(name)) ? Origin.OPERATOR : Origin.USER;
  }

  private static Set<String> lastApplied(Cluster cluster) {
    String text = cluster.annotations().get(LAST_APPLIED);
    if (text == null || text.isBlank()) {
      return Set.of();
    }
    try {
      // The annotation is the user's to break; without it the other signs still tell.
      return Cluster.decode(text.getBytes(StandardCharsets.UTF_8)).postgresqlParameters().keySet();
    } catch (PluginException e) {
      return Set.of();
    }
  }

  /** All entries, by name. */
  public SortedMap<String, Entry> entries() {
    return entries;
  }

  /** One entry. */
  public Optional<Entry> entry(String name) {
    return Optional.ofNullable(entries.get(name));
  }

  /** The entries of one origin: names and values, by name. */
  public SortedMap<String, String> of(Origin origin) {
    return entries.entrySet().stream()
        .filter(entry -> entry.getValue().origin() == origin)
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                entry -> entry.getValue().value(),
                (one, other) -> one,
                TreeMap::new));
  }

  /** Names of the parameters that the user set, which no plugin may change; sorted. */
  public SortedSet<String> userKeys() {
    return new TreeSet<>(of(Origin.USER).keySet());
  }

  /** Who holds which parameter, by the Cluster's {@code managedFields}. */
  private record FieldOwners(
      Set<String> appliedByOthers, Set<String> heldByOthers, Set<String> heldByHowdah) {

    static FieldOwners of(Cluster cluster) {
      Set<String> applied = new TreeSet<>();
      Set<String> others = new TreeSet<>();
      Set<String> howdah = new TreeSet<>();
      for (JsonNode entry : cluster.at("metadata", "managedFields")) {
        Set<String> names = parameters(entry);
        if (entry.path("manager").asString("").equals(MANAGER)) {
          howdah.addAll(names);
        } else {
          others.addAll(names);
          if (entry.path("operation").asString("").equals("Apply")) {
            applied.addAll(names);
          }
        }
      }
      return new FieldOwners(applied, others, howdah);
    }

    boolean onlyHowdah(String name) {
      return heldByHowdah.contains(name) && !heldByOthers.contains(name);
    }

    private static Set<String> parameters(JsonNode entry) {
      Set<String> names = new TreeSet<>();
      JsonNode parameters =
          entry.path("fieldsV1").path("f:spec").path("f:postgresql").path("f:parameters");
      for (String field : parameters.propertyNames()) {
        if (field.startsWith("f:")) {
          names.add(field.substring("f:".length()));
        }
      }
      return names;
    }
  }
}
