package dev.howdah.host.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.call.FatalErrors;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.Http;
import dev.howdah.host.testing.Protocol;
import dev.howdah.host.testing.TestPlugin;
import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Readiness;
import dev.howdah.plugin.reconcile.Reconcile;
import dev.howdah.plugin.wal.WalStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A plugin that misbehaves next to one that doesn't: the good one must not notice. */
class IsolationTest {

  private static final String GOOD = "good.example.com";
  private static final String BAD = "bad.example.com";
  private static final String COLD = "cold.example.com";
  private static final int THREADS = 2;
  private static final int QUEUE = 3;

  @TempDir static Path home;
  private static EmbeddedHost host;
  private static HostClient client;
  private static Channel good;
  private static Channel bad;
  private static final List<Throwable> fatal = new CopyOnWriteArrayList<>();

  /** What the bad plugin does; a test gives it its turn. */
  private static final AtomicReference<Misdeed> misdeed = new AtomicReference<>();

  private static volatile boolean over;
  private static final AtomicInteger inside = new AtomicInteger();

  private interface Misdeed {
    void commit(dev.howdah.plugin.HookContext context) throws Throwable;
  }

  @BeforeAll
  static void start() {
    host =
        EmbeddedHost.in(home)
            .classPathPlugins()
            .plugin("good", TestPlugin.of(GOOD, IsolationTest::behave))
            .plugin("bad", TestPlugin.of(BAD, IsolationTest::misbehave))
            .plugin("cold", TestPlugin.of(COLD, IsolationTest::misbehave))
            .property("howdah.plugins.bad.limits.threads", THREADS)
            .property("howdah.plugins.bad.limits.queue", QUEUE)
            .property("howdah.plugins.bad.limits.deadlines.lifecycle-hook", "300ms")
            .property("howdah.start.readiness-interval", "100ms")
            .property("howdah.start.stop-timeout", "2s")
            .bean(FatalErrors.class, fatal::add)
            .start();
    client = new HostClient(host);
    good = client.tcp(GOOD);
    bad = client.tcp(BAD);
  }

  private static void behave(Hooks hooks) {
    hooks.onCreate(Pod.class, (pod, context) -> pod);
  }

  private static void misbehave(Hooks hooks) {
    hooks.onCreate(
        Pod.class,
        (pod, context) -> {
          commit(context);
          return pod;
        });
    hooks.walStatus(
        context -> {
          commit(context);
          return new WalStatus("", "", Map.of());
        });
    hooks.observeReconcile((stage, backup, context) -> commit(context));
    hooks.preReconcileCluster(context -> Reconcile.proceed());
    hooks.readiness(Readiness::ready);
  }

  private static void commit(dev.howdah.plugin.HookContext context) {
    inside.incrementAndGet();
    try {
      misdeed.get().commit(context);
    } catch (Throwable thrown) {
      throw sneaky(thrown);
    } finally {
      inside.decrementAndGet();
    }
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException sneaky(Throwable thrown) throws E {
    throw (E) thrown;
  }

  @BeforeEach
  void begin() {
    over = false;
    fatal.clear();
  }

  @AfterEach
  void end() {
    over = true;
    await().atMost(Duration.ofSeconds(60)).until(() -> inside.get() == 0 && load("stuck") == 0);
    await().until(() -> load("inFlight") == 0 && load("waiting") == 0);
  }

  @AfterAll
  static void stop() {
    over = true;
    client.close();
    host.close();
  }

  @Test
  void whoSleepsInEverySlotIsTurnedAwayAndDoesntHoldUpTheOthers() throws Exception {
    misdeed.set(context -> new CountDownLatch(1).await());
    List<Future<Status>> calls = flood(20);

    assertGoodAnswersWithin(Duration.ofSeconds(5));
    assertThat(codes(calls))
        .contains(Status.Code.DEADLINE_EXCEEDED, Status.Code.RESOURCE_EXHAUSTED)
        .containsOnly(Status.Code.DEADLINE_EXCEEDED, Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void whoSpinsIgnoringInterruptsIsShownAsStuckAndKeepsNobodyElse() throws Exception {
    misdeed.set(
        context -> {
          while (!over) {
            Thread.onSpinWait();
          }
        });
    List<Future<Status>> calls = flood(8);
    assertThat(codes(calls))
        .contains(Status.Code.DEADLINE_EXCEEDED, Status.Code.RESOURCE_EXHAUSTED);

    assertThat(load("stuck")).isEqualTo(THREADS);
    assertThat(load("inFlight")).isEqualTo(THREADS);
    assertThat(Http.get(host.httpBase() + "/actuator/prometheus").body())
        .contains("howdah_plugin_stuck{plugin=\"bad.example.com\"} 2.0")
        .contains("howdah_plugin_stuck{plugin=\"good.example.com\"} 0.0");
    assertGoodAnswersWithin(Duration.ofSeconds(10));
    Status busy = new Lifecycle(BAD).status(bad);
    assertThat(busy.getDescription())
        .isIn(
            "bad.example.com: OperatorLifecycle/LifecycleHook waited for a free thread until its"
                + " time limit.",
            "bad.example.com: all its threads are taken and its queue is full; look for hooks that"
                + " hang, or raise howdah.plugins.<id>.limits.");

    over = true;
    await().until(() -> load("stuck") == 0);
    misdeed.set(context -> {});
    assertThat(new Lifecycle(BAD).status(bad)).isEqualTo(Status.OK);
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux has priorities of single threads")
  void whoUsesTheProcessorForLongGoesOnAtTheLowestPriorityAndTheNextOneDoesnt() throws Exception {
    AtomicInteger priority = new AtomicInteger();
    int usual = niceness();
    misdeed.set(
        context -> {
          while (!over && priority.get() != 19) {
            priority.set(niceness());
          }
        });
    assertThat(new Lifecycle(BAD).status(bad).getCode())
        .isIn(Status.Code.OK, Status.Code.DEADLINE_EXCEEDED);
    await().atMost(Duration.ofSeconds(60)).until(() -> priority.get() == 19);
    await().until(() -> load("inFlight") == 0);
    assertThat(Http.get(host.httpBase() + "/actuator/prometheus").body())
        .containsPattern("howdah_plugin_demotions_total\\{plugin=\"bad.example.com\"} [1-9]");

    misdeed.set(context -> priority.set(niceness()));
    for (int i = 0; i < 5; i++) {
      assertThat(new Lifecycle(BAD).status(bad)).isEqualTo(Status.OK);
      assertThat(priority).hasValue(usual);
    }
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux has priorities of single threads")
  void aPluginsFirstHooksMayLoadItsClasses() throws Exception {
    Channel cold = client.tcp(COLD);
    ThreadMXBean times = ManagementFactory.getThreadMXBean();
    AtomicInteger priority = new AtomicInteger();
    int usual = niceness();
    misdeed.set(
        context -> {
          long end = times.getCurrentThreadCpuTime() + Duration.ofMillis(600).toNanos();
          while (times.getCurrentThreadCpuTime() < end) {
            Thread.onSpinWait();
          }
          priority.set(niceness());
        });

    assertThat(new Lifecycle(COLD).status(cold)).isEqualTo(Status.OK);

    assertThat(priority).hasValue(usual);
  }

  /** The kernel's priority of the current thread. */
  private static int niceness() throws IOException {
    String stat = Files.readString(Path.of("/proc/thread-self/stat"));
    // After the name, which may have blanks in it: the seventeenth.
    return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16]);
  }

  @Test
  void whileAllThreadsAreStuckThePluginStillLoads() {
    misdeed.set(
        context -> {
          while (!over) {
            Thread.onSpinWait();
          }
        });
    flood(8);
    await().until(() -> load("stuck") == THREADS);

    assertThat(HostClient.load(client.tcp(BAD)).metadata().getName()).isEqualTo(BAD);
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        StackOverflowError.class,
        LinkageError.class,
        AssertionError.class,
        NoClassDefFoundError.class,
        ThreadDeath.class,
        IllegalStateException.class,
        java.io.IOException.class
      })
  void whateverIsThrownBecomesTheSameStableMessage(Class<? extends Throwable> type) {
    misdeed.set(
        context -> {
          throw type.getDeclaredConstructor().newInstance();
        });

    for (int i = 0; i < 3; i++) {
      Status status = new Lifecycle(BAD).status(bad);
      assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
      assertThat(status.getDescription())
          .isEqualTo(
              "bad.example.com: OperatorLifecycle/LifecycleHook failed unexpectedly; the host's"
                  + " log has the details.");
    }
    assertThat(fatal).isEmpty();
    assertThat(
            Http.json(host.httpBase() + "/actuator/plugins/bad")
                .at("/lastError/message")
                .asString())
        .contains("failed unexpectedly");
    assertGoodAnswersWithin(Duration.ofSeconds(5));
  }

  @Test
  void aRealStackOverflowIsSurvived() {
    misdeed.set(IsolationTest::recurse);

    assertThat(new Lifecycle(BAD).status(bad).getCode()).isEqualTo(Status.Code.INTERNAL);
    assertGoodAnswersWithin(Duration.ofSeconds(5));
  }

  private static void recurse(dev.howdah.plugin.HookContext context) {
    recurse(context);
    inside.get();
  }

  @Test
  void runningOutOfMemoryIsReportedAsTheEnd() {
    misdeed.set(
        context -> {
          throw new OutOfMemoryError("tried it");
        });

    new Lifecycle(BAD).status(bad);

    assertThat(fatal).singleElement().isInstanceOf(OutOfMemoryError.class);
  }

  @Test
  void runningOutOfMemoryInAnObserverIsReportedAsTheEndToo() {
    misdeed.set(
        context -> {
          throw new OutOfMemoryError("tried it");
        });

    preReconcile();

    await().untilAsserted(() -> assertThat(fatal).isNotEmpty());
  }

  @Test
  void anErrorInAnObserverChangesNoAnswerAndEndsNoObserving() {
    AtomicInteger observed = new AtomicInteger();
    misdeed.set(
        context -> {
          observed.incrementAndGet();
          throw new AssertionError("an observer's");
        });

    for (int i = 1; i <= 3; i++) {
      assertThat(preReconcile()).isEqualTo(Status.OK);
      int expected = i;
      await().until(() -> observed.get() == expected);
    }
  }

  @Test
  void anObserverThatHangsLeavesReadinessAlone() {
    CountDownLatch observing = new CountDownLatch(1);
    misdeed.set(
        context -> {
          observing.countDown();
          while (!over) {
            Thread.onSpinWait();
          }
        });

    assertThat(preReconcile()).isEqualTo(Status.OK);
    await().until(() -> observing.getCount() == 0);

    // Ten times the interval at which readiness is asked for.
    await()
        .during(Duration.ofSeconds(1))
        .atMost(Duration.ofSeconds(60))
        .until(() -> HostClient.load(client.tcp(BAD)).metadata().getName().equals(BAD));
  }

  @Test
  void anActionOnCancellationThatHangsDoesntTakeTheOthersTimeLimits() {
    misdeed.set(
        context -> {
          context.onCancel(
              () -> {
                while (!over) {
                  Thread.onSpinWait();
                }
              });
          while (!over) {
            Thread.onSpinWait();
          }
        });
    // The second time limit only works if the first one's action holds nothing up.
    for (int i = 0; i < 2; i++) {
      assertThat(new Lifecycle(BAD).status(bad).getDescription())
          .isEqualTo(
              "bad.example.com: OperatorLifecycle/LifecycleHook took longer than its time limit.");
    }
  }

  @Test
  void aCallerThatHangsUpInterruptsTheHookAndFreesItsSlot() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    AtomicInteger told = new AtomicInteger();
    misdeed.set(
        context -> {
          context.onCancel(told::incrementAndGet);
          running.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            assertThat(context.isCancelled()).isTrue();
            interrupted.countDown();
          }
        });
    Protocol.Rpc rpc = Protocol.rpc("WAL/Status");
    Future<Message> call =
        ClientCalls.futureUnaryCall(
            client.socket(BAD).newCall(rpc.method(), CallOptions.DEFAULT),
            rpc.request(Clusters.naming(BAD)));
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();

    call.cancel(true);

    assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    await().until(() -> load("inFlight") == 0 && told.get() == 1);
  }

  @Test
  void theCallersOwnDeadlineEndsTheHookALittleBeforeItAndSaysSo() throws Exception {
    CountDownLatch interrupted = new CountDownLatch(1);
    AtomicReference<Optional<Duration>> remaining = new AtomicReference<>(Optional.empty());
    misdeed.set(
        context -> {
          remaining.set(context.remaining());
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
        });
    Protocol.Rpc rpc = Protocol.rpc("WAL/Status");
    Status status;
    try {
      ClientCalls.blockingUnaryCall(
          bad,
          rpc.method(),
          CallOptions.DEFAULT.withDeadlineAfter(2, TimeUnit.SECONDS),
          rpc.request(Clusters.naming(BAD)));
      status = Status.OK;
    } catch (io.grpc.StatusRuntimeException e) {
      status = e.getStatus();
    }

    assertThat(status.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(status.getDescription())
        .isEqualTo("bad.example.com: WAL/Status took longer than its time limit.");
    assertThat(remaining.get())
        .hasValueSatisfying(it -> assertThat(it).isLessThan(Duration.ofSeconds(2)));
    assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private static List<Future<Status>> flood(int calls) {
    List<Future<Status>> futures = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      futures.add(new Lifecycle(BAD).begin(bad));
    }
    return futures;
  }

  private static List<Status.Code> codes(List<Future<Status>> calls) throws Exception {
    List<Status.Code> codes = new ArrayList<>();
    for (Future<Status> call : calls) {
      codes.add(call.get(20, TimeUnit.SECONDS).getCode());
    }
    return codes;
  }

  private static void assertGoodAnswersWithin(Duration limit) {
    long begin = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      assertThat(new Lifecycle(GOOD).status(good)).isEqualTo(Status.OK);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(limit);
  }

  private static Status preReconcile() {
    Protocol.Rpc rpc = Protocol.rpc("ReconcilerHooks/Pre");
    return rpc.status(bad, rpc.request(Clusters.naming(BAD)));
  }

  private static int load(String what) {
    JsonNode plugin = Http.json(host.httpBase() + "/actuator/plugins/bad");
    return plugin.at("/load/" + what).asInt();
  }

  /** A Pod's creation. */
  private record Lifecycle(String plugin) {
    private static final Protocol.Rpc RPC = Protocol.rpc("OperatorLifecycle/LifecycleHook");

    Status status(Channel channel) {
      return RPC.status(channel, RPC.request(Clusters.naming(plugin)));
    }

    Future<Status> begin(Channel channel) {
      java.util.concurrent.CompletableFuture<Status> ended =
          new java.util.concurrent.CompletableFuture<>();
      ClientCalls.asyncUnaryCall(
          channel.newCall(
              RPC.method(), CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS)),
          RPC.request(Clusters.naming(plugin)),
          new io.grpc.stub.StreamObserver<Message>() {
            @Override
            public void onNext(Message answer) {}

            @Override
            public void onError(Throwable thrown) {
              ended.complete(Status.fromThrowable(thrown));
            }

            @Override
            public void onCompleted() {
              ended.complete(Status.OK);
            }
          });
      return ended;
    }
  }
}
