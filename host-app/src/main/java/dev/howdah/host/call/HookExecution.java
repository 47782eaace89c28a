package dev.howdah.host.call;

import dev.howdah.host.catalog.PluginThreads;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * One hook on the plugin's threads. Three parties may end it, and the first one answers: the hook
 * itself, the timer, and the caller that hangs up.
 *
 * @param <A> the answer's message
 */
final class HookExecution<A> {

  private enum Phase {
    WAITING,
    RUNNING,
    /** Answered, but the hook still runs. */
    ABANDONED,
    DONE
  }

  private static final Logger LOG = LoggerFactory.getLogger(HookExecution.class);

  private final HookRunner runner;
  private final HookCall call;
  private final StreamObserver<A> observer;
  private final @Nullable A neutral;
  private final HookRunner.Body<A> body;
  private final PluginThreads threads;
  private final Context context = Context.current();
  private final CallMarks marks = CallMarks.current();
  private final Context.CancellationListener hangUp = cancelled -> callerHungUp();
  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.WAITING);
  private volatile @Nullable Future<?> task;
  private volatile @Nullable Future<?> alarm;

  HookExecution(
      HookRunner runner,
      HookCall call,
      StreamObserver<A> observer,
      @Nullable A neutral,
      HookRunner.Body<A> body) {
    this.runner = runner;
    this.call = call;
    this.observer = observer;
    this.neutral = neutral;
    this.body = body;
    this.threads = call.plugin().threads();
  }

  void start() {
    call.time()
        .limit()
        .ifPresent(
            limit ->
                alarm =
                    runner.timer().schedule(this::timeIsUp, limit.toNanos(), TimeUnit.NANOSECONDS));
    try {
      Future<?> begun = threads.run(context.wrap(this::work));
      task = begun;
      if (phase.get() == Phase.ABANDONED) {
        // Given up before there was anything to interrupt.
        begun.cancel(true);
      }
    } catch (RejectedExecutionException e) {
      if (phase.compareAndSet(Phase.WAITING, Phase.DONE)) {
        quieten();
        fail(CallFailure.busy(call.pluginName(), threads), null);
      }
      return;
    }
    context.addListener(hangUp, Runnable::run);
  }

  private void work() {
    if (!phase.compareAndSet(Phase.WAITING, Phase.RUNNING)) {
      return;
    }
    if (call.rpc().deadline().isZero()) {
      PluginThreads.currentMayTakeLong();
    }
    MDC.put("plugin", call.pluginName());
    MDC.put("rpc", call.rpc().label());
    marks.put();
    try {
      A answer = body.answer(call);
      if (phase.compareAndSet(Phase.RUNNING, Phase.DONE)) {
        quieten();
        observer.onNext(answer);
        observer.onCompleted();
      }
    } catch (Throwable thrown) {
      if (FatalErrors.isFatal(thrown)) {
        runner.fatalErrors().fatal(thrown);
      }
      if (phase.compareAndSet(Phase.RUNNING, Phase.DONE)) {
        quieten();
        // The line about the failure names the call itself.
        MDC.clear();
        fail(CallFailure.of(call.pluginName(), call.rpc(), thrown), thrown);
      }
    } finally {
      if (phase.get() == Phase.ABANDONED) {
        threads.cameBack();
      }
      MDC.clear();
      // The next hook on this thread must not meet this one's interrupt.
      boolean ignored = Thread.interrupted();
    }
  }

  private void timeIsUp() {
    boolean begun = phase.get() == Phase.RUNNING;
    if (abandon()) {
      fail(CallFailure.late(call.pluginName(), call.rpc(), begun), null);
    }
  }

  private void callerHungUp() {
    if (abandon()) {
      LOG.atDebug()
          .addKeyValue("plugin", call.pluginName())
          .addKeyValue("rpc", call.rpc().label())
          .log("The caller hung up.");
      observer.onError(Status.CANCELLED.asRuntimeException());
    }
  }

  /** Stops waiting for the hook; true if the call is now this party's to answer. */
  private boolean abandon() {
    if (phase.compareAndSet(Phase.RUNNING, Phase.ABANDONED)) {
      threads.gotStuck();
    } else if (!phase.compareAndSet(Phase.WAITING, Phase.DONE)) {
      return false;
    }
    quieten();
    call.time().end();
    Future<?> running = task;
    if (running != null) {
      running.cancel(true);
      threads.forget(running);
    }
    return true;
  }

  private void quieten() {
    context.removeListener(hangUp);
    Future<?> pending = alarm;
    if (pending != null) {
      pending.cancel(false);
    }
  }

  private void fail(CallFailure failure, @Nullable Throwable cause) {
    boolean callersFault = cause instanceof BadRequest || cause instanceof NotOffered;
    A instead = neutral;
    boolean answerNeutrally = instead != null && !callersFault && runner.answersNeutrally(call);
    marks.put();
    try {
      runner.note(call, failure, cause, answerNeutrally);
    } finally {
      marks.remove();
    }
    if (answerNeutrally && instead != null) {
      observer.onNext(instead);
      observer.onCompleted();
    } else {
      observer.onError(failure.status().asRuntimeException());
    }
  }
}
