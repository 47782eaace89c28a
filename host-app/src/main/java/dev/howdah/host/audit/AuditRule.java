package dev.howdah.host.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Says how much to keep of the entries it matches. Each list holds alternatives, in which {@code *}
 * stands for any text; an empty list matches all.
 *
 * @param kinds {@code call}, {@code change}, {@code event}
 * @param plugins plugins' names
 * @param services gRPC services by full or last name, or {@code admission}
 * @param methods methods, or actions of events
 * @param operations operations on objects, such as {@code CREATE}
 * @param objects kinds of Kubernetes objects
 * @param namespaces namespaces of Clusters
 * @param clusters names of Clusters
 * @param outcomes names of status codes, or {@code error} for all but {@code OK}
 * @param level how much to keep
 * @param durable whether the caller is answered only once the record is on disk
 */
public record AuditRule(
    List<String> kinds,
    List<String> plugins,
    List<String> services,
    List<String> methods,
    List<String> operations,
    List<String> objects,
    List<String> namespaces,
    List<String> clusters,
    List<String> outcomes,
    AuditLevel level,
    boolean durable) {

  /** Copies the lists. */
  public AuditRule {
    kinds = List.copyOf(kinds);
    plugins = List.copyOf(plugins);
    services = List.copyOf(services);
    methods = List.copyOf(methods);
    operations = List.copyOf(operations);
    objects = List.copyOf(objects);
    namespaces = List.copyOf(namespaces);
    clusters = List.copyOf(clusters);
    outcomes = List.copyOf(outcomes);
    if (durable && level == AuditLevel.NONE) {
      throw new IllegalArgumentException(
          "An audit rule has 'durable: true' and 'level: none'; nothing can't be kept durably.");
    }
  }

  /** Starts a rule that matches everything. */
  public static Builder at(AuditLevel level) {
    return new Builder(level);
  }

  boolean matches(AuditEntry entry) {
    return any(kinds, entry.kind().name().toLowerCase(Locale.ROOT))
        && any(plugins, entry.plugin())
        && (any(services, entry.service()) || any(services, lastName(entry.service())))
        && any(methods, entry.method())
        && any(operations, entry.operation())
        && any(objects, entry.object().map(AuditEntry.ObjectRef::kind).orElse(""))
        && any(namespaces, entry.cluster().map(AuditEntry.ClusterRef::namespace).orElse(""))
        && any(clusters, entry.cluster().map(AuditEntry.ClusterRef::name).orElse(""))
        && (any(outcomes, entry.outcome()) || (!entry.ok() && outcomes.contains("error")));
  }

  private static boolean any(List<String> patterns, String value) {
    return patterns.isEmpty() || patterns.stream().anyMatch(pattern -> glob(pattern, value));
  }

  private static boolean glob(String pattern, String value) {
    if (pattern.indexOf('*') < 0) {
      return pattern.equals(value);
    }
    List<String> quoted = new ArrayList<>();
    for (String part : pattern.split("\\*", -1)) {
      quoted.add(Pattern.quote(part));
    }
    return Pattern.compile(String.join(".*", quoted), Pattern.DOTALL).matcher(value).matches();
  }

  private static String lastName(String service) {
    return service.substring(service.lastIndexOf('.') + 1);
  }

  /** Collects a rule. Not thread-safe. */
  public static final class Builder {
    private final AuditLevel level;
    private List<String> kinds = List.of();
    private List<String> plugins = List.of();
    private List<String> services = List.of();
    private List<String> methods = List.of();
    private List<String> operations = List.of();
    private List<String> objects = List.of();
    private List<String> namespaces = List.of();
    private List<String> clusters = List.of();
    private List<String> outcomes = List.of();
    private boolean durable;

    private Builder(AuditLevel level) {
      this.level = level;
    }

    /** Matches these kinds of entries. */
    public Builder kinds(String... kinds) {
      this.kinds = List.of(kinds);
      return this;
    }

    /** Matches these plugins. */
    public Builder plugins(String... plugins) {
      this.plugins = List.of(plugins);
      return this;
    }

    /** Matches these services. */
    public Builder services(String... services) {
      this.services = List.of(services);
      return this;
    }

    /** Matches these methods. */
    public Builder methods(String... methods) {
      this.methods = List.of(methods);
      return this;
    }

    /** Matches these operations. */
    public Builder operations(String... operations) {
      this.operations = List.of(operations);
      return this;
    }

    /** Matches these kinds of objects. */
    public Builder objects(String... objects) {
      this.objects = List.of(objects);
      return this;
    }

    /** Matches Clusters of these namespaces. */
    public Builder namespaces(String... namespaces) {
      this.namespaces = List.of(namespaces);
      return this;
    }

    /** Matches these Clusters. */
    public Builder clusters(String... clusters) {
      this.clusters = List.of(clusters);
      return this;
    }

    /** Matches these outcomes. */
    public Builder outcomes(String... outcomes) {
      this.outcomes = List.of(outcomes);
      return this;
    }

    /** Answers only once the record is on disk. */
    public Builder durable() {
      this.durable = true;
      return this;
    }

    /** Builds the rule. */
    public AuditRule build() {
      return new AuditRule(
          kinds,
          plugins,
          services,
          methods,
          operations,
          objects,
          namespaces,
          clusters,
          outcomes,
          level,
          durable);
    }
  }
}
