package dev.howdah.plugins.configuration.policy;

import dev.howdah.plugin.cluster.Cluster;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Checks one Cluster against the rules of one policy for Clusters. */
final class ClusterCheck {

  private static final Set<String> ANY_ADDRESS = Set.of("all", "0.0.0.0/0", "::/0", "::0/0");

  private final Policy policy;
  private final Cluster cluster;
  private final List<Violation> violations = new ArrayList<>();

  ClusterCheck(Policy policy, Cluster cluster) {
    this.policy = policy;
    this.cluster = cluster;
  }

  List<Violation> violations() {
    ClusterRules rules = policy.cluster();
    instances(rules.instances());
    storage(rules.storage());
    images(rules.images());
    resources(rules.resources());
    labels(rules.labels());
    tls(rules.tls());
    pgHba(rules.pgHba());
    backup(rules.backup());
    superuserAccess(rules.superuserAccess());
    return violations;
  }

  private void instances(ClusterRules.@Nullable Instances rule) {
    if (rule == null) {
      return;
    }
    int instances = cluster.instances();
    if (rule.minimum() != null && instances < rule.minimum()) {
      broken("at least %d instances are needed".formatted(rule.minimum()), "spec", "instances");
    }
    if (rule.maximum() != null && instances > rule.maximum()) {
      broken("at most %d instances are allowed".formatted(rule.maximum()), "spec", "instances");
    }
  }

  private void storage(ClusterRules.@Nullable Storage rule) {
    if (rule == null) {
      return;
    }
    below(rule.minimumSize(), "the volume must have at least %s", "spec", "storage", "size");
    above(rule.maximumSize(), "the volume may have at most %s", "spec", "storage", "size");
    if (!rule.classes().isEmpty()) {
      storageClass(rule.classes(), "storage");
      if (cluster.at("spec", "walStorage").isObject()) {
        storageClass(rule.classes(), "walStorage");
      }
    }
    if (rule.separateWal() && !cluster.at("spec", "walStorage").isObject()) {
      broken("WAL needs a volume of its own", "spec", "walStorage");
    }
  }

  private void storageClass(List<String> classes, String part) {
    Optional<String> name =
        text("spec", part, "storageClass")
            .or(() -> text("spec", part, "pvcTemplate", "storageClassName"));
    if (name.isEmpty() || !classes.contains(name.get())) {
      broken(
          "the storage class must be one of %s".formatted(String.join(", ", classes)),
          "spec",
          part,
          "storageClass");
    }
  }

  private void images(List<String> patterns) {
    if (patterns.isEmpty()) {
      return;
    }
    Optional<String> image = cluster.imageName();
    if (image.isPresent()
        && patterns.stream().noneMatch(pattern -> Selector.matches(pattern, image.get()))) {
      broken(
          "the image must be one of %s".formatted(String.join(", ", patterns)),
          "spec",
          "imageName");
    }
  }

  private void resources(ClusterRules.@Nullable Resources rule) {
    if (rule == null) {
      return;
    }
    Optional<BigDecimal> request = quantity("spec", "resources", "requests", "memory");
    Optional<BigDecimal> limit = quantity("spec", "resources", "limits", "memory");
    if (rule.required()) {
      // A limit without a request is a request, too.
      required("a memory limit is needed", "limits", "memory");
      if (quantity("spec", "resources", "limits", "cpu").isEmpty()) {
        required("a CPU request is needed", "requests", "cpu");
      }
    }
    above(
        rule.maximumMemory(),
        "the memory limit may be at most %s",
        "spec",
        "resources",
        "limits",
        "memory");
    above(
        rule.maximumCpu(), "the CPU limit may be at most %s", "spec", "resources", "limits", "cpu");
    above(
        rule.maximumCpu(),
        "the CPU request may be at most %s",
        "spec",
        "resources",
        "requests",
        "cpu");
    if (rule.guaranteed()
        && (limit.isEmpty() || request.isPresent() && request.get().compareTo(limit.get()) != 0)) {
      broken("the memory request must equal the limit", "spec", "resources", "requests", "memory");
    }
  }

  private void required(String problem, String kind, String resource) {
    if (quantity("spec", "resources", kind, resource).isEmpty()) {
      broken(problem, "spec", "resources", kind, resource);
    }
  }

  private void labels(List<Selector.Label> labels) {
    Map<String, String> actual = cluster.labels();
    for (Selector.Label label : labels) {
      if (!label.on(actual)) {
        String wanted = label.value().equals("*") ? "" : " with the value " + label.value();
        broken(
            "the label %s%s is needed".formatted(label.name(), wanted),
            "metadata",
            "labels",
            label.name());
      }
    }
  }

  private void tls(ClusterRules.@Nullable Tls rule) {
    if (rule == null) {
      return;
    }
    // Left out, CloudNativePG makes it TLSv1.3.
    String version =
        cluster.postgresqlParameters().getOrDefault("ssl_min_protocol_version", "TLSv1.3");
    if (rule.minimumVersion() != null
        && ClusterRules.Tls.VERSIONS.indexOf(version)
            < ClusterRules.Tls.VERSIONS.indexOf(rule.minimumVersion())) {
      broken(
          "connections need at least %s".formatted(rule.minimumVersion()),
          "spec",
          "postgresql",
          "parameters",
          "ssl_min_protocol_version");
    }
    if (rule.ownCertificates() && text("spec", "certificates", "serverTLSSecret").isEmpty()) {
      broken(
          "a server certificate of your own is needed", "spec", "certificates", "serverTLSSecret");
    }
  }

  private void pgHba(ClusterRules.@Nullable PgHba rule) {
    if (rule == null) {
      return;
    }
    JsonNode lines = cluster.at("spec", "postgresql", "pg_hba");
    for (int i = 0; i < lines.size(); i++) {
      String[] path = {"spec", "postgresql", "pg_hba", Integer.toString(i)};
      HbaLine line = HbaLine.parse(lines.path(i).asString(""));
      if (line.method().equals("reject")) {
        continue;
      }
      if (rule.forbiddenMethods().contains(line.method())) {
        broken("the authentication method %s is forbidden".formatted(line.method()), path);
      }
      if (rule.requireTls() && Set.of("host", "hostnossl").contains(line.type())) {
        broken("only encrypted connections are allowed; write hostssl", path);
      }
      if (rule.forbidAnyAddress() && ANY_ADDRESS.contains(line.address())) {
        broken("a rule for every address is forbidden", path);
      }
    }
  }

  private void backup(ClusterRules.@Nullable Backup rule) {
    if (rule == null || !rule.required()) {
      return;
    }
    boolean archives =
        cluster.plugins().stream().anyMatch(plugin -> plugin.enabled() && plugin.walArchiver());
    boolean inTree =
        cluster.at("spec", "backup", "barmanObjectStore").isObject()
            || cluster.at("spec", "backup", "volumeSnapshot").isObject();
    if (!archives && !inTree) {
      broken(
          "a backup must be configured: spec.backup, or a plugin with isWALArchiver",
          "spec",
          "backup");
    }
  }

  private void superuserAccess(@Nullable Boolean allowed) {
    if (Boolean.FALSE.equals(allowed)
        && cluster.at("spec", "enableSuperuserAccess").asBoolean(false)) {
      broken("the superuser may not log in", "spec", "enableSuperuserAccess");
    }
  }

  private void below(@Nullable String bound, String problem, String... path) {
    Optional<BigDecimal> actual = quantity(path);
    if (bound != null && actual.isPresent() && actual.get().compareTo(amount(bound)) < 0) {
      broken(problem.formatted(bound), path);
    }
  }

  private void above(@Nullable String bound, String problem, String... path) {
    Optional<BigDecimal> actual = quantity(path);
    if (bound != null && actual.isPresent() && actual.get().compareTo(amount(bound)) > 0) {
      broken(problem.formatted(bound), path);
    }
  }

  private void broken(String problem, String... path) {
    JsonNode node = cluster.at(path);
    String value = node.isValueNode() ? node.asString("") : "";
    violations.add(new Violation(policy, List.of(path), value, problem));
  }

  private Optional<String> text(String... path) {
    return Optional.of(cluster.at(path).asString("")).filter(text -> !text.isEmpty());
  }

  private Optional<BigDecimal> quantity(String... path) {
    return text(path).map(ClusterCheck::amount);
  }

  private static BigDecimal amount(String quantity) {
    return Quantity.getAmountInBytes(new Quantity(quantity));
  }

  /**
   * A line of {@code pg_hba.conf}, as far as the rules look at it.
   *
   * @param type {@code local}, {@code host}, {@code hostssl}…
   * @param address empty for {@code local}
   * @param method the authentication method
   */
  private record HbaLine(String type, String address, String method) {

    static HbaLine parse(String line) {
      String[] words = line.strip().split("\\s+");
      String type = words[0].toLowerCase(Locale.ROOT);
      int methodAt = type.equals("local") ? 3 : 4;
      // An address may be followed by a mask of its own.
      if (words.length > 5 && words[4].matches("[0-9.:a-fA-F]*[.:][0-9.:a-fA-F]*")) {
        methodAt = 5;
      }
      return new HbaLine(
          type,
          type.equals("local") || words.length < 4 ? "" : words[3],
          words.length > methodAt ? words[methodAt].toLowerCase(Locale.ROOT) : "");
    }
  }
}
