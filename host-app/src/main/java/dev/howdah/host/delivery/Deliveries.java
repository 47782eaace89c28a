package dev.howdah.host.delivery;

import dev.howdah.host.compose.DesiredParameters;
import dev.howdah.host.delivery.DeliveryReport.Outcome;
import dev.howdah.host.delivery.LedgerEntry.TakenBack;
import dev.howdah.host.delivery.Wishes.Unknown;
import dev.howdah.host.kubernetes.KubernetesApi;
import dev.howdah.plugin.cluster.Cluster;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the parameters that plugins want into Clusters' specs, one Cluster at a time.
 *
 * <p>A call only {@linkplain #offer offers} its Cluster and goes on at once: neither a slow API
 * server nor a plugin that thinks for long changes what the operator is answered. What is decided
 * from the Cluster of a call is never written; before a write the Cluster and the ledger are read
 * anew, since the operator's copy may be older than the last write. Thread-safe.
 */
public final class Deliveries implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Deliveries.class);

  private static final int ATTEMPTS = 3;
  private static final int MOST_REPORTS = 1_000;
  private static final Duration REST_AFTER_FAILURE = Duration.ofSeconds(30);

  private final KubernetesApi api;
  private final boolean active;
  private final Wishes wishes;
  private final Ledger ledger;
  private final Clock clock;
  private final MeterRegistry meters;
  private final Consumer<Applied> audit;
  private final WaitingClusters waiting =
      new WaitingClusters(
          cluster -> {
            var unused = deliver(cluster);
          });
  private final ReentrantLock oneAtATime = new ReentrantLock();
  private final Map<String, DeliveryReport> reports =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, DeliveryReport> eldest) {
          return size() > MOST_REPORTS;
        }
      };
  private volatile Instant notBefore = Instant.MIN;

  /**
   * One set that was applied.
   *
   * @param cluster the Cluster before
   * @param parameters the set, and where each comes from
   * @param set what was applied, without what was left to others
   * @param digest the set's digest
   * @param rules why, as far as the plugins say
   */
  record Applied(
      Cluster cluster,
      DesiredParameters parameters,
      SortedMap<String, String> set,
      String digest,
      Map<Wishes.Wish, String> rules) {}

  Deliveries(
      KubernetesApi api,
      boolean active,
      Wishes wishes,
      Clock clock,
      MeterRegistry meters,
      Consumer<Applied> audit) {
    this.api = api;
    this.active = active && api.available();
    this.wishes = wishes;
    this.ledger = new Ledger(api);
    this.clock = clock;
    this.meters = meters;
    this.audit = audit;
    Gauge.builder("howdah.delivery.waiting", this, Deliveries::waiting)
        .description("Clusters that wait for their wishes to be looked at")
        .register(meters);
  }

  /** Whether anything is ever written. */
  public boolean active() {
    return active;
  }

  /** Clusters that wait or are being looked at. */
  public int waiting() {
    return waiting.size();
  }

  /** What became of each Cluster that had wishes, the one looked at last at the end. */
  public Collection<DeliveryReport> reports() {
    synchronized (reports) {
      return List.copyOf(reports.values());
    }
  }

  /**
   * A Pre call of a plugin has been answered: its Cluster is looked at some time later, once for
   * all its plugins, when the last of them is called. Returns at once.
   */
  public void offer(String plugin, Cluster cluster) {
    if (!active || wishes.last(cluster).filter(plugin::equals).isEmpty()) {
      return;
    }
    // Of those that find no place the leader's watch comes by.
    waiting.add(cluster);
  }

  /**
   * Looks at one Cluster now.
   *
   * @param seen the Cluster as somebody saw it
   * @return what became of it; empty if there is nothing to wish for and nothing to give back, or
   *     the API server has just failed
   */
  Optional<DeliveryReport> deliver(Cluster seen) {
    if (!active || seen.deleting() || clock.instant().isBefore(notBefore)) {
      return Optional.empty();
    }
    oneAtATime.lock();
    try {
      Optional<DeliveryReport> report = look(api.client().orElseThrow(), seen);
      synchronized (reports) {
        reports.remove(seen.qualifiedName());
        report.ifPresent(it -> reports.put(seen.qualifiedName(), it));
      }
      return report;
    } finally {
      oneAtATime.unlock();
    }
  }

  private Optional<DeliveryReport> look(KubernetesClient client, Cluster seen) {
    DesiredParameters wanted;
    try {
      wanted = wishes.of(seen);
    } catch (Unknown e) {
      return Optional.of(unknown(seen, e));
    }
    if (wanted.chosen().isEmpty() && FieldOwners.of(seen).held().isEmpty()) {
      return Optional.empty();
    }
    Decision decision = null;
    try {
      LedgerEntry remembered = ledger.remembered(client, seen);
      decision = Decision.of(seen, wanted.values(), remembered, clock.instant());
      return switch (decision.step()) {
        case Decision.Step.Rest rest ->
            decision.changes(remembered)
                ? lookAnew(client, seen)
                : Optional.of(report(seen, decision, Outcome.AT_REST, ""));
        case Decision.Step.Wait wait ->
            Optional.of(report(seen, decision, Outcome.WAITING, waiting(wait)));
        case Decision.Step.Write write -> lookAnew(client, seen);
      };
    } catch (KubernetesClientException e) {
      return Optional.of(failed(seen, decision, e));
    }
  }

  /** What was seen asks for a change; whether it is still so, the API server knows. */
  private Optional<DeliveryReport> lookAnew(KubernetesClient client, Cluster seen) {
    Decision decision = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<Cluster> live = ClusterApi.get(client, seen);
      if (live.isEmpty() || live.get().deleting()) {
        return Optional.empty();
      }
      try {
        DesiredParameters wanted = wishes.of(live.get());
        LedgerEntry before = ledger.read(client, live.get());
        decision = Decision.of(live.get(), wanted.values(), before, clock.instant());
        Optional<DeliveryReport> done = carryOut(client, live.get(), wanted, before, decision);
        if (done.isPresent()) {
          return done;
        }
      } catch (Unknown e) {
        return Optional.of(unknown(live.get(), e));
      } catch (Ledger.Overtaken e) {
        LOG.atDebug()
            .addKeyValue("cluster", seen.qualifiedName())
            .log("Another replica looks after this Cluster just now");
      }
    }
    return Optional.of(
        report(
            seen,
            decision,
            Outcome.FAILED,
            "The Cluster or the ledger changed each time before the write."));
  }

  /** Empty if the Cluster changed before the write, so that all has to be decided anew. */
  private Optional<DeliveryReport> carryOut(
      KubernetesClient client,
      Cluster live,
      DesiredParameters wanted,
      LedgerEntry before,
      Decision decision)
      throws Ledger.Overtaken {
    return switch (decision.step()) {
      case Decision.Step.Wait wait ->
          Optional.of(report(live, decision, Outcome.WAITING, waiting(wait)));
      case Decision.Step.Rest rest -> {
        if (decision.changes(before)) {
          ledger.write(client, live, before, decision.entry());
          tellWhatIsLeft(live, decision, before);
        }
        yield Optional.of(report(live, decision, Outcome.AT_REST, ""));
      }
      case Decision.Step.Write write -> write(client, live, wanted, before, decision);
    };
  }

  private Optional<DeliveryReport> write(
      KubernetesClient client,
      Cluster live,
      DesiredParameters wanted,
      LedgerEntry before,
      Decision decision)
      throws Ledger.Overtaken {
    // Noted before it is done: a write that nobody remembers would be done again and again.
    LedgerEntry noted = decision.entry().withWrite(clock.instant());
    ledger.write(client, live, before, noted);
    tellWhatIsLeft(live, decision, before);
    try {
      ClusterApi.apply(client, live, decision.set());
    } catch (KubernetesClientException e) {
      return notWritten(client, live, decision, noted, e);
    }
    count("applied");
    String digest = DeliveryReport.digest(decision.set());
    LOG.atInfo()
        .addKeyValue("cluster", live.qualifiedName())
        .addKeyValue("parameters", decision.set().keySet())
        .addKeyValue("digest", digest)
        .log("Desired parameters were applied");
    audit.accept(new Applied(live, wanted, decision.set(), digest, wishes.rules(live)));
    ledger.write(client, live, noted, noted.withApplied(decision.set()));
    return Optional.of(report(live, decision, Outcome.APPLIED, ""));
  }

  private Optional<DeliveryReport> notWritten(
      KubernetesClient client,
      Cluster live,
      Decision decision,
      LedgerEntry noted,
      KubernetesClientException e)
      throws Ledger.Overtaken {
    if (e.getCode() == 409) {
      count("conflict");
      ledger.write(client, live, noted, decision.entry());
      return Optional.empty();
    }
    if (e.getCode() < 400 || e.getCode() >= 500 || e.getCode() == 429) {
      throw e;
    }
    // The note stays, so that a refusal isn't asked for in every loop.
    count("refused");
    String why = Optional.ofNullable(e.getMessage()).orElse("no reason given");
    LOG.atWarn()
        .addKeyValue("cluster", live.qualifiedName())
        .addKeyValue("parameters", decision.set().keySet())
        .addKeyValue("problem", why)
        .log("The API server refused desired parameters; see the admission policies");
    return Optional.of(report(live, decision, Outcome.REFUSED, why));
  }

  private DeliveryReport failed(Cluster seen, @Nullable Decision decision, Exception e) {
    count("failed");
    notBefore = clock.instant().plus(REST_AFTER_FAILURE);
    String why = Optional.ofNullable(e.getMessage()).orElse("no answer in time");
    LOG.atWarn()
        .addKeyValue("cluster", seen.qualifiedName())
        .addKeyValue("problem", why)
        .log(
            "The API server failed; desired parameters rest for {} s",
            REST_AFTER_FAILURE.toSeconds());
    return report(seen, decision, Outcome.FAILED, why);
  }

  private DeliveryReport unknown(Cluster seen, Unknown e) {
    String why = String.valueOf(e.getMessage());
    LOG.atDebug()
        .addKeyValue("cluster", seen.qualifiedName())
        .addKeyValue("problem", why)
        .log("Desired parameters are left as they are");
    return report(seen, null, Outcome.UNKNOWN, why);
  }

  private static void tellWhatIsLeft(Cluster live, Decision decision, LedgerEntry before) {
    SortedMap<String, String> newly = new TreeMap<>();
    decision
        .left()
        .forEach(
            (name, one) -> {
              TakenBack known = before.takenBack().get(name);
              if (known == null || known.times() != one.times()) {
                newly.put(name, one.by());
              }
            });
    if (!newly.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("cluster", live.qualifiedName())
          .addKeyValue("parameters", newly)
          .log(
              "Desired parameters were taken back twice, by the managers named, and are left alone"
                  + " from now on; no longer ask for them, or let these managers ignore them");
    }
  }

  private DeliveryReport report(
      Cluster cluster, @Nullable Decision decision, Outcome outcome, String detail) {
    return DeliveryReport.of(cluster, clock.instant(), outcome, decision, detail);
  }

  private static String waiting(Decision.Step.Wait wait) {
    return "%d writes within an hour are the most; the next one may be at %s."
        .formatted(Decision.WRITES, wait.until());
  }

  private void count(String outcome) {
    meters.counter("howdah.delivery.writes", "outcome", outcome).increment();
  }

  /** Forgets what concerns Clusters that are gone. */
  void prune(Set<String> uids) {
    oneAtATime.lock();
    try {
      ledger.prune(api.client().orElseThrow(), uids);
    } finally {
      oneAtATime.unlock();
    }
  }

  @Override
  public void close() {
    waiting.close();
  }
}
