package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.reconcile.Reconcile;
import dev.howdah.plugins.objectstore.config.ObjectStoreApi;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a Cluster's instances read the ObjectStores that the Cluster names, and write their status;
 * these and no others, and nothing else. A Role and a RoleBinding, which go with the Cluster, say
 * so. Without Kubernetes it does nothing. Thread-safe.
 */
final class InstanceRights {

  private static final Logger log = LoggerFactory.getLogger(InstanceRights.class);
  private static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  private static final String MANAGER = "howdah";
  private static final String CLUSTER = "cnpg.io/cluster";
  private static final String RBAC = "rbac.authorization.k8s.io";
  private static final int FORBIDDEN = 403;
  // A loop comes every few seconds; who deletes a Role by hand waits for this long.
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(5);

  private final Optional<KubernetesClient> client;
  private final Clock clock;
  private final Map<String, Granted> granted = new ConcurrentHashMap<>();

  InstanceRights(Optional<KubernetesClient> client, Clock clock) {
    this.client = client;
    this.clock = clock;
  }

  private record Granted(String uid, SortedSet<String> stores, Instant until) {}

  /** The name of a Cluster's Role and RoleBinding. */
  static String name(Cluster cluster) {
    return cluster.name() + "-howdah-object-store";
  }

  /**
   * Grants them before a loop of the Cluster.
   *
   * @throws PluginException of kind {@code PRECONDITION} if the host may not, of kind {@code
   *     UNAVAILABLE} if it can't just now
   */
  Reconcile grant(HookContext context) {
    Cluster cluster = context.cluster();
    if (client.isEmpty()) {
      return Reconcile.proceed();
    }
    if (cluster.deleting()) {
      granted.remove(cluster.qualifiedName());
      return Reconcile.proceed();
    }
    SortedSet<String> stores = ReferencedStores.of(context);
    Granted before = granted.get(cluster.qualifiedName());
    if (before == null
        || !before.uid().equals(cluster.uid())
        || !before.stores().equals(stores)
        || before.until().isBefore(clock.instant())) {
      grant(client.get(), cluster, stores);
      granted.put(
          cluster.qualifiedName(),
          new Granted(cluster.uid(), stores, clock.instant().plus(LOOK_AGAIN)));
    }
    return Reconcile.proceed();
  }

  private static void grant(KubernetesClient client, Cluster cluster, SortedSet<String> stores) {
    try {
      grantRole(client, cluster, stores);
      grantBinding(client, cluster, stores);
    } catch (KubernetesClientException e) {
      throw e.getCode() == FORBIDDEN
          ? new PluginException(
              PluginException.Kind.PRECONDITION,
              ("the host may not make Roles and RoleBindings in namespace '%s', which let the"
                      + " instances read their ObjectStores; grant it the feature object-store of"
                      + " its rights, or make them by hand")
                  .formatted(cluster.namespace()),
              e)
          : new PluginException(
              PluginException.Kind.UNAVAILABLE,
              "the instances' rights on their ObjectStores can't be kept now: the Kubernetes API"
                  + " can't be reached or refuses",
              e);
    }
  }

  private static void grantRole(
      KubernetesClient client, Cluster cluster, SortedSet<String> stores) {
    var roles = client.rbac().roles().inNamespace(cluster.namespace());
    @Nullable Role present = roles.withName(name(cluster)).get();
    List<PolicyRule> rules = rules(stores);
    if (present == null && stores.isEmpty()) {
      return;
    }
    if (present == null) {
      roles
          .resource(new RoleBuilder().withMetadata(metadata(cluster)).withRules(rules).build())
          .create();
      noteWritten(cluster, "Role", stores);
    } else if (isOurs(cluster, present) && !rules.equals(present.getRules())) {
      roles.resource(new RoleBuilder(present).withRules(rules).build()).update();
      noteWritten(cluster, "Role", stores);
    }
  }

  private static void grantBinding(
      KubernetesClient client, Cluster cluster, SortedSet<String> stores) {
    var bindings = client.rbac().roleBindings().inNamespace(cluster.namespace());
    @Nullable RoleBinding present = bindings.withName(name(cluster)).get();
    if (present == null && stores.isEmpty()) {
      return;
    }
    // The operator gives the instances a ServiceAccount of the Cluster's name.
    RoleBinding wanted =
        new RoleBindingBuilder()
            .withMetadata(metadata(cluster))
            .withNewRoleRef(RBAC, "Role", name(cluster))
            .addNewSubject()
            .withKind("ServiceAccount")
            .withName(cluster.name())
            .withNamespace(cluster.namespace())
            .endSubject()
            .build();
    if (present == null) {
      bindings.resource(wanted).create();
      noteWritten(cluster, "RoleBinding", stores);
    } else if (isOurs(cluster, present)
        && !Objects.equals(wanted.getSubjects(), present.getSubjects())) {
      bindings
          .resource(new RoleBindingBuilder(present).withSubjects(wanted.getSubjects()).build())
          .update();
      noteWritten(cluster, "RoleBinding", stores);
    }
  }

  private static List<PolicyRule> rules(SortedSet<String> stores) {
    if (stores.isEmpty()) {
      // A rule without names would allow all of them.
      return List.of();
    }
    return List.of(
        rule("objectstores", "get", stores), rule("objectstores/status", "patch", stores));
  }

  private static PolicyRule rule(String resource, String verb, SortedSet<String> stores) {
    return new PolicyRuleBuilder()
        .withApiGroups(ObjectStoreApi.DEFINITION.getGroup())
        .withResources(resource)
        .withVerbs(verb)
        .withResourceNames(List.copyOf(stores))
        .build();
  }

  private static ObjectMeta metadata(Cluster cluster) {
    return new ObjectMetaBuilder()
        .withName(name(cluster))
        .withNamespace(cluster.namespace())
        .addToLabels(MANAGED_BY, MANAGER)
        .addToLabels(CLUSTER, cluster.name())
        .addNewOwnerReference()
        .withApiVersion("postgresql.cnpg.io/v1")
        .withKind("Cluster")
        .withName(cluster.name())
        .withUid(cluster.uid())
        .endOwnerReference()
        .build();
  }

  private static boolean isOurs(Cluster cluster, HasMetadata present) {
    Map<String, String> labels = present.getMetadata().getLabels();
    boolean ours = labels != null && MANAGER.equals(labels.get(MANAGED_BY));
    if (!ours) {
      log.atWarn()
          .addKeyValue("cluster", cluster.qualifiedName())
          .addKeyValue("kind", present.getKind())
          .addKeyValue("name", name(cluster))
          .log("Somebody else's object has the name of ours; it is left alone");
    }
    return ours;
  }

  private static void noteWritten(Cluster cluster, String kind, SortedSet<String> stores) {
    log.atInfo()
        .addKeyValue("cluster", cluster.qualifiedName())
        .addKeyValue("kind", kind)
        .addKeyValue("objectStores", stores)
        .log("The instances' rights on their ObjectStores were written");
  }
}
