package dev.howdah.host.changes;

import dev.howdah.host.audit.AuditEntry;
import dev.howdah.host.audit.AuditReceipt;
import dev.howdah.host.audit.AuditTrail;
import dev.howdah.host.audit.Definitions;
import dev.howdah.host.audit.UnseenChangesSettings;
import dev.howdah.host.changes.FieldManagers.Manager;
import dev.howdah.host.changes.KnownChanges.Range;
import dev.howdah.host.kubernetes.ClusterPages;
import dev.howdah.host.kubernetes.KubernetesApi;
import dev.howdah.host.kubernetes.LeaderWork;
import dev.howdah.plugin.cluster.Cluster;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The leader's round that finds changes of Clusters' definitions which no admission webhook put
 * into the trail, since it was off or away or the change is older than it, and records them once:
 * the generation that nobody recorded, and what {@code managedFields} say of it. Those name
 * programs, so such a record names no user.
 *
 * <p>A change is left alone for a while first: another replica may have recorded it just now and
 * not have noted it yet.
 */
final class UnseenChanges implements LeaderWork {

  private static final Logger LOG = LoggerFactory.getLogger(UnseenChanges.class);
  private static final Duration DISK = Duration.ofSeconds(10);
  private static final String GROUP = "postgresql.cnpg.io";
  private static final String SOURCE = "managedFields";

  private final KubernetesApi api;
  private final Optional<AuditTrail> trail;
  private final RecordedChanges recorded;
  private final ChangeLedger ledger;
  private final UnseenChangesSettings settings;
  private final String mode;
  private final Clock clock;
  private final Counter counter;
  private final Map<String, Suspicion> suspicions = new HashMap<>();
  private final Map<String, Instant> missed = new HashMap<>();

  /**
   * A change that nobody seems to have recorded.
   *
   * @param generation the Cluster's when that was first seen
   * @param since when that was
   */
  private record Suspicion(long generation, Instant since) {}

  UnseenChanges(
      KubernetesApi api,
      Optional<AuditTrail> trail,
      RecordedChanges recorded,
      UnseenChangesSettings settings,
      String mode,
      Clock clock,
      MeterRegistry meters) {
    this.api = api;
    this.trail = trail;
    this.recorded = recorded;
    this.ledger = new ChangeLedger(api);
    this.settings = settings;
    this.mode = mode;
    this.clock = clock;
    this.counter =
        Counter.builder("howdah.audit.changes.unseen")
            .description("Changes of Clusters that no webhook saw, recorded from managedFields")
            .register(meters);
  }

  @Override
  public String name() {
    return "changes";
  }

  @Override
  public Duration interval() {
    return settings.interval();
  }

  @Override
  public boolean wanted() {
    return trail.isPresent() && api.available();
  }

  @Override
  public void run() throws InterruptedException {
    KubernetesClient client = api.client().orElseThrow();
    Map<String, KnownChanges> lines = ledger.all(client);
    Set<String> present = new HashSet<>();
    String next = "";
    do {
      ClusterPages.Page page = ClusterPages.list(client, next);
      for (Cluster cluster : page.clusters()) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        if (!cluster.uid().isEmpty() && cluster.generation() > 0) {
          present.add(cluster.uid());
          look(client, cluster, lines.getOrDefault(cluster.uid(), none(cluster)));
        }
      }
      next = page.next();
    } while (!next.isEmpty());
    Set<String> gone = new HashSet<>(lines.keySet());
    gone.removeAll(present);
    for (String uid : gone) {
      lookAfter(client, lines.getOrDefault(uid, KnownChanges.none("", "", uid)));
    }
    suspicions.keySet().retainAll(present);
    missed.keySet().retainAll(gone);
  }

  @Override
  public void ended() {
    suspicions.clear();
    missed.clear();
  }

  private static KnownChanges none(Cluster cluster) {
    return KnownChanges.none(cluster.namespace(), cluster.name(), cluster.uid());
  }

  private void look(KubernetesClient client, Cluster cluster, KnownChanges known)
      throws InterruptedException {
    if (known.missing(cluster.generation(), digest(cluster)).isEmpty()) {
      suspicions.remove(cluster.uid());
      if (!known.there()) {
        ledger.update(client, none(cluster), KnownChanges::withThere);
      }
      return;
    }
    Suspicion suspicion =
        suspicions.computeIfAbsent(
            cluster.uid(), it -> new Suspicion(cluster.generation(), clock.instant()));
    if (ripe(cluster.uid(), suspicion.since())) {
      record(client, cluster, suspicion.generation());
    }
  }

  /** Whether the time is over for others, and nothing is on its way to the ledger. */
  private boolean ripe(String uid, Instant since) {
    return !since.plus(settings.grace()).isAfter(clock.instant()) && !recorded.waiting(uid);
  }

  private void record(KubernetesClient client, Cluster cluster, long generation)
      throws InterruptedException {
    KnownChanges known = ledger.get(client, none(cluster));
    // What has come since it was first looked at has its own time.
    String digest = generation == cluster.generation() ? digest(cluster) : "";
    List<Range> missing = known.missing(generation, digest);
    List<Manager> managers = FieldManagers.of(cluster);
    if (!missing.isEmpty() && !byScale(cluster, known, managers)) {
      List<Manager> likely = FieldManagers.since(known.since(), managers);
      if (!record(entry(cluster, known, missing, generation, digest, likely))) {
        return;
      }
      LOG.atInfo()
          .addKeyValue("cluster", cluster.qualifiedName())
          .addKeyValue("generations", KnownChanges.text(missing))
          .addKeyValue("managers", names(likely))
          .log("A change that no admission webhook saw was recorded from managedFields");
    }
    String latest = managers.isEmpty() ? "" : managers.getLast().time();
    ledger.update(client, none(cluster), it -> it.withAll(generation, digest, latest));
    suspicions.remove(cluster.uid());
  }

  /** Whether it is what a recorded review of {@code clusters/scale} brought. */
  private static boolean byScale(Cluster cluster, KnownChanges known, List<Manager> managers) {
    return known.scaled().contains(cluster.instances())
        && FieldManagers.since(known.since(), managers).stream()
            .allMatch(manager -> manager.subresource().equals("scale"));
  }

  private AuditEntry entry(
      Cluster cluster,
      KnownChanges known,
      List<Range> missing,
      long generation,
      String digest,
      List<Manager> managers) {
    boolean created = generation == 1 && known.upTo() == 0;
    AuditEntry.Builder entry =
        about(AuditEntry.foundChange(created ? "CREATE" : "UPDATE"), none(cluster))
            .actor(new AuditEntry.Actor("", "", List.of(), SOURCE))
            .key(
                "%s/%s/%d/%s"
                    .formatted(SOURCE, cluster.uid(), generation, KnownChanges.brief(digest)))
            .detail("generations", KnownChanges.text(missing))
            .detail("managers", names(managers))
            .detail("user", "unknown: no admission webhook saw this change")
            .request(() -> content(managers));
    if (!digest.isEmpty()) {
      entry.detail("definition", digest);
    }
    if (!managers.isEmpty()) {
      Instant time = KnownChanges.instant(managers.getLast().time());
      if (!time.equals(Instant.MIN)) {
        entry.time(time);
      }
    }
    return entry.build();
  }

  private AuditEntry.Builder about(AuditEntry.Builder entry, KnownChanges cluster) {
    return entry
        .time(clock.instant())
        .mode(mode)
        .cluster(cluster.namespace(), cluster.name(), cluster.uid())
        .object(GROUP, "Cluster", cluster.namespace(), cluster.name());
  }

  private static String names(List<Manager> managers) {
    return managers.stream().map(Manager::name).distinct().collect(Collectors.joining(", "));
  }

  private static JsonNode content(List<Manager> managers) {
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    ArrayNode all = content.putArray("managers");
    managers.forEach(manager -> all.add(manager.json()));
    return content;
  }

  /** A Cluster that is no more, though the ledger has it. */
  private void lookAfter(KubernetesClient client, KnownChanges known) throws InterruptedException {
    Instant since = missed.computeIfAbsent(known.uid(), it -> clock.instant());
    if (!ripe(known.uid(), since)) {
      return;
    }
    KnownChanges latest = ledger.get(client, known);
    // One that never was there was refused in the end.
    if (latest.there() && !latest.deleted()) {
      AuditEntry.Builder entry =
          about(AuditEntry.foundChange("DELETE"), latest)
              .key(SOURCE + "/" + latest.uid() + "/deleted")
              .detail("user", "unknown: no admission webhook saw this change");
      if (!record(entry.build())) {
        return;
      }
      LOG.atInfo()
          .addKeyValue("cluster", latest.namespace() + "/" + latest.name())
          .log("A deletion that no admission webhook saw was recorded");
    }
    ledger.remove(client, latest.uid());
    missed.remove(latest.uid());
  }

  /** Whether the trail has it now, or no rule wants it. */
  private boolean record(AuditEntry entry) throws InterruptedException {
    AuditReceipt receipt = trail.orElseThrow().record(entry);
    try {
      receipt.answerable().toCompletableFuture().get(DISK.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.atWarn()
          .addKeyValue("problem", String.valueOf(e.getMessage()))
          .log("A change that no admission webhook saw can't be recorded; it is tried again");
      return false;
    }
    if (receipt.kept()) {
      counter.increment();
    }
    return true;
  }

  private static String digest(Cluster cluster) {
    ObjectNode definition = JsonNodeFactory.instance.objectNode();
    definition.set("spec", cluster.at("spec"));
    return Definitions.digest(definition);
  }
}
