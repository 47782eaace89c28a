package dev.howdah.host.call;

import dev.howdah.host.audit.AuditEntry;
import dev.howdah.host.audit.AuditTrail;
import dev.howdah.host.call.CallTracing.CallSpan;
import dev.howdah.host.catalog.PluginHandle;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs hooks for callers inside the host, such as the admission webhooks, as {@link CallPipeline}
 * does for calls that come over gRPC: metered, audited, on the plugin's own threads, within its
 * time limit and by its fail policy. Thread-safe.
 */
public final class InnerCalls {

  private final HookRunner runner;
  private final CallTimers timers;
  private final Optional<CallTracing> tracing;
  private final Optional<AuditTrail> trail;
  private final ScheduledExecutorService timer;

  /**
   * Sets it up.
   *
   * @param runner runs hooks
   * @param meters takes the figures
   * @param tracing where traces go; empty for none
   * @param trail keeps the calls; empty for none
   * @param timer ends calls that take too long
   */
  public InnerCalls(
      HookRunner runner,
      MeterRegistry meters,
      Optional<CallTracing> tracing,
      Optional<AuditTrail> trail,
      ScheduledExecutorService timer) {
    this.runner = runner;
    this.timers = new CallTimers(meters);
    this.tracing = tracing;
    this.trail = trail;
    this.timer = timer;
  }

  /**
   * One call.
   *
   * @param plugin the plugin it is for
   * @param rpc the RPC whose place in settings, metrics and messages it takes
   * @param service who calls, in place of the gRPC service's name
   * @param limit how long the caller waits; what the plugin's settings allow may be less
   * @param record says what the call is about; empty to leave it out of the trail
   */
  public record Call(
      PluginHandle plugin,
      Rpc rpc,
      String service,
      Duration limit,
      Optional<Consumer<AuditEntry.Builder>> record) {}

  /**
   * Runs a hook.
   *
   * @param call which one
   * @param neutral the answer if the plugin fails and its policy is to ignore that
   * @param body does the work, on the plugin's threads
   * @return the answer; fails with a {@link io.grpc.StatusRuntimeException} whose description says
   *     what went wrong and is stable
   */
  public <A> CompletionStage<A> run(Call call, A neutral, HookRunner.Body<A> body) {
    Instant time = Instant.now();
    long begin = System.nanoTime();
    CompletableFuture<A> answer = new CompletableFuture<>();
    boolean audited = trail.isPresent() && call.record().isPresent();
    CallSpan span =
        tracing
            .map(it -> it.begin(call.plugin().name(), call.service(), call.rpc().method()))
            .orElse(CallSpan.NONE);
    Context traced = TraceStep.in(Context.ROOT, span);
    Context about = audited ? AuditId.in(traced) : traced;
    Context.CancellableContext context =
        about.withDeadlineAfter(call.limit().toNanos(), TimeUnit.NANOSECONDS, timer);
    String id = AuditId.of(about);
    context.run(() -> runner.run(call.plugin(), call.rpc(), new Taking<>(answer), neutral, body));
    return answer
        .handle(
            (value, failure) -> {
              context.cancel(null);
              long nanos = System.nanoTime() - begin;
              Status status = failure == null ? Status.OK : Status.fromThrowable(failure);
              Status.Code code = status.getCode();
              span.end(status);
              timers.record(call.plugin().name(), call.service(), call.rpc().method(), code, nanos);
              return recorded(call, id, time, nanos, code);
            })
        .thenCompose(stage -> stage)
        .thenCompose(nothing -> answer);
  }

  private CompletionStage<Void> recorded(
      Call call, String id, Instant time, long nanos, Status.Code code) {
    if (trail.isEmpty() || call.record().isEmpty()) {
      return CompletableFuture.completedStage(null);
    }
    AuditEntry.Builder entry =
        AuditEntry.call(call.plugin().name(), call.service(), call.rpc().method())
            .id(id)
            .time(time)
            .latency(Duration.ofNanos(nanos))
            .outcome(code.name());
    call.record().get().accept(entry);
    return trail.get().record(entry.build()).answerable();
  }

  /** Takes an answer for a future. */
  private static final class Taking<A> implements StreamObserver<A> {
    private final CompletableFuture<A> answer;
    private volatile @Nullable A value;

    Taking(CompletableFuture<A> answer) {
      this.answer = answer;
    }

    @Override
    public void onNext(A next) {
      value = next;
    }

    @Override
    public void onError(Throwable failure) {
      answer.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      A given = value;
      if (given == null) {
        answer.completeExceptionally(Status.INTERNAL.asRuntimeException());
      } else {
        answer.complete(given);
      }
    }
  }
}
