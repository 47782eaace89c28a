package dev.howdah.host.kubernetes;

import dev.howdah.host.kubernetes.KubernetesApi.HostPlace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Elects one replica by a Lease and has it do the {@link LeaderWork}. Serving calls doesn't depend
 * on it. Without an API, or without any work, nothing is elected.
 *
 * <p>A replica that was paused for longer than the lease may believe for a moment that it still
 * leads; so two may work at the same time, and the work itself has to bear that. A replica that
 * stops gives the lease back, so that the next one need not wait for its end.
 */
public final class LeaderElection implements SmartLifecycle {

  private static final Logger LOG = LoggerFactory.getLogger(LeaderElection.class);

  private static final Duration LONGEST_RETRY = Duration.ofSeconds(2);

  private final KubernetesApi api;
  private final Duration leaseDuration;
  private final List<LeaderWork> work;
  private final MeterRegistry meters;
  private final String lease;
  private volatile boolean leader;
  private volatile String holder = "";
  private volatile @Nullable Running running;

  private static final class Running {
    final KubernetesClient client;
    final ScheduledExecutorService timer;
    @Nullable LeaderElector elector;
    @Nullable CompletableFuture<?> election;
    @Nullable ExecutorService worker;

    Running(KubernetesClient client, ScheduledExecutorService timer) {
      this.client = client;
      this.timer = timer;
    }
  }

  /**
   * Prepares an election.
   *
   * @param api where the Lease is
   * @param leaseDuration how long a leader that fell silent is waited for
   * @param work what the leader does
   * @param meters takes {@code howdah.leader}
   */
  LeaderElection(
      KubernetesApi api, Duration leaseDuration, List<LeaderWork> work, MeterRegistry meters) {
    this.api = api;
    this.leaseDuration = leaseDuration;
    this.work = work.stream().filter(LeaderWork::wanted).toList();
    this.meters = meters;
    this.lease = api.place().name() + "-leader";
    Gauge.builder("howdah.leader", this, it -> it.leader ? 1 : 0)
        .description("1 for the replica that does the scheduled work")
        .register(meters);
  }

  /** Whether this replica is the leader now. */
  public boolean leader() {
    return leader;
  }

  /** The identity of the leader, this replica's or another's, as far as it is known. */
  public Optional<String> holder() {
    return Optional.of(holder).filter(it -> !it.isEmpty());
  }

  /** Name of the Lease. */
  public String lease() {
    return lease;
  }

  @Override
  public synchronized void start() {
    Optional<KubernetesClient> client = work.isEmpty() ? Optional.empty() : api.client();
    if (client.isEmpty() || running != null) {
      return;
    }
    Running now =
        new Running(
            client.get(), Executors.newSingleThreadScheduledExecutor(daemon("howdah-election")));
    running = now;
    elect(now);
  }

  private LeaderElectionConfig config() {
    HostPlace place = api.place();
    return new LeaderElectionConfigBuilder()
        .withName(lease)
        .withLock(new LeaseLock(place.namespace(), lease, place.identity()))
        .withLeaseDuration(leaseDuration)
        .withRenewDeadline(leaseDuration.multipliedBy(2).dividedBy(3))
        .withRetryPeriod(retryPeriod())
        .withReleaseOnCancel(false)
        .withLeaderCallbacks(new LeaderCallbacks(this::lead, this::follow, this::learn))
        .build();
  }

  private Duration retryPeriod() {
    Duration eighth = leaseDuration.dividedBy(8);
    return eighth.compareTo(LONGEST_RETRY) < 0 ? eighth : LONGEST_RETRY;
  }

  /** An election ends when leadership is lost; then this replica runs for it again. */
  private synchronized void elect(Running now) {
    if (running != now) {
      return;
    }
    // One that ended can't be started again.
    LeaderElector elector = new LeaderElector(now.client, config(), now.timer);
    now.elector = elector;
    CompletableFuture<?> election = elector.start();
    now.election = election;
    var unused =
        election.whenComplete(
            (done, thrown) -> {
              if (running == now) {
                now.timer.schedule(
                    () -> elect(now), retryPeriod().toMillis(), TimeUnit.MILLISECONDS);
              }
            });
  }

  private synchronized void lead() {
    Running now = running;
    if (now == null) {
      return;
    }
    leader = true;
    LOG.atInfo()
        .addKeyValue("lease", lease)
        .addKeyValue("identity", api.place().identity())
        .log("This replica does the scheduled work now");
    ScheduledExecutorService worker =
        Executors.newSingleThreadScheduledExecutor(daemon("howdah-leader"));
    now.worker = worker;
    for (LeaderWork one : work) {
      worker.scheduleWithFixedDelay(
          () -> run(one), 0, one.interval().toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void run(LeaderWork one) {
    try {
      one.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      if (!leader) {
        // Interrupted in the middle of a request: it is another replica's work now.
        return;
      }
      Counter.builder("howdah.leader.work.failures")
          .description("Runs of the leader's scheduled work that failed")
          .tag("work", one.name())
          .register(meters)
          .increment();
      LOG.atWarn()
          .addKeyValue("work", one.name())
          .setCause(e)
          .log("The leader's scheduled work failed; it is tried again at its next turn");
    }
  }

  private synchronized void follow() {
    boolean led = leader;
    leader = false;
    Running now = running;
    if (now != null && now.worker != null) {
      ExecutorService worker = now.worker;
      now.worker = null;
      worker.shutdownNow();
      end(worker);
    }
    if (led) {
      LOG.atInfo().addKeyValue("lease", lease).log("This replica no longer does scheduled work");
    }
  }

  /** Only when the last run has ended, which would else tell once more what it found. */
  private void end(ExecutorService worker) {
    try {
      if (!worker.awaitTermination(5, TimeUnit.SECONDS)) {
        LOG.warn("The leader's scheduled work goes on although this replica leads no more");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    work.forEach(LeaderWork::ended);
  }

  private void learn(String identity) {
    holder = identity == null ? "" : identity;
  }

  @Override
  public void stop() {
    Running stopping;
    synchronized (this) {
      stopping = running;
      follow();
      running = null;
    }
    if (stopping == null) {
      return;
    }
    CompletableFuture<?> election = stopping.election;
    if (election != null) {
      election.cancel(true);
    }
    LeaderElector elector = stopping.elector;
    if (elector != null) {
      giveBack(elector);
    }
    stopping.timer.shutdownNow();
    holder = "";
  }

  /** Here and not by the elector, which would do it some time later on a thread that has ended. */
  private void giveBack(LeaderElector elector) {
    try {
      elector.release();
    } catch (KubernetesClientException e) {
      LOG.atInfo()
          .addKeyValue("lease", lease)
          .addKeyValue("problem", e.getMessage())
          .log("The lease was not given back; it ends by itself");
    }
  }

  @Override
  public boolean isRunning() {
    return running != null;
  }

  /** After the doors are open, and given up before they close. */
  @Override
  public int getPhase() {
    return 1;
  }

  private static ThreadFactory daemon(String name) {
    return Thread.ofPlatform().name(name).daemon().factory();
  }
}
