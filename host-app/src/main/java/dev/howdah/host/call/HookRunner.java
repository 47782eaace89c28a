package dev.howdah.host.call;

import dev.howdah.host.catalog.HostedPlugin;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.config.PluginSettings.FailPolicy;
import dev.howdah.host.guard.GuardViolation;
import dev.howdah.host.guard.GuardViolations;
import dev.howdah.plugin.ParameterBinder;
import dev.howdah.plugin.PluginException;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Takes hooks through admission, deadline and fail policy: {@link CallPipeline} has the order. One
 * {@link HookExecution} does it for one call; this class holds what all of them share. Thread-safe.
 */
public final class HookRunner {

  private static final Logger LOG = LoggerFactory.getLogger(HookRunner.class);

  private final HowdahProperties properties;
  private final ParameterBinder binder;
  private final GuardViolations violations;
  private final MeterRegistry meters;
  private final ScheduledExecutorService timer;
  private final FatalErrors fatalErrors;

  /**
   * Sets it up.
   *
   * @param properties limits and fail policies
   * @param binder binds parameters
   * @param violations takes note of refused answers
   * @param meters takes the figures
   * @param timer ends calls that take too long; must not block
   * @param fatalErrors is told of errors after which the process can't go on
   */
  public HookRunner(
      HowdahProperties properties,
      ParameterBinder binder,
      GuardViolations violations,
      MeterRegistry meters,
      ScheduledExecutorService timer,
      FatalErrors fatalErrors) {
    this.properties = properties;
    this.binder = binder;
    this.violations = violations;
    this.meters = meters;
    this.timer = timer;
    this.fatalErrors = fatalErrors;
  }

  /**
   * Translates one request, runs the hook and guards its answer; on the plugin's threads.
   *
   * @param <A> the answer's message
   */
  @FunctionalInterface
  public interface Body<A> {
    /** Does it. */
    A answer(HookCall call) throws Exception;
  }

  /**
   * Runs the current call and answers it, now or later.
   *
   * @param rpc which RPC it is
   * @param observer takes the answer
   * @param neutral what to answer if the plugin fails and its policy is to ignore that; null where
   *     there is no neutral answer
   * @param body does the work
   */
  public <A> void run(Rpc rpc, StreamObserver<A> observer, @Nullable A neutral, Body<A> body) {
    run(CallScope.current().plugin(), rpc, observer, neutral, body);
  }

  /**
   * Runs a call of a given plugin and answers it, now or later.
   *
   * @param handle the plugin
   * @param rpc which RPC it is
   * @param observer takes the answer
   * @param neutral as for {@link #run(Rpc, StreamObserver, Object, Body)}
   * @param body does the work
   */
  <A> void run(
      PluginHandle handle, Rpc rpc, StreamObserver<A> observer, @Nullable A neutral, Body<A> body) {
    Optional<HostedPlugin> serving = handle.serving();
    if (serving.isEmpty()) {
      observer.onError(Unavailable.of(handle).asRuntimeException());
      return;
    }
    if (!rpc.isOffered(serving.get().capabilities())) {
      NotOffered problem = new NotOffered(handle.name(), rpc.label());
      observer.onError(
          Status.UNIMPLEMENTED.withDescription(problem.getMessage()).asRuntimeException());
      return;
    }
    HookTime time = new HookTime(limit(handle, rpc));
    HookCall call = new HookCall(handle, serving.get(), rpc, binder, time);
    new HookExecution<>(this, call, observer, neutral, body).start();
  }

  /**
   * Runs another plugin's hook as a part of a call, on that plugin's own threads, and waits for it
   * no longer than the call may take.
   *
   * @param call the call that needs it
   * @param handle the other plugin
   * @param plugin the other plugin
   * @param body does the work
   * @throws PluginException if the other plugin is busy, fails or takes too long
   */
  public <R extends @Nullable Object> R nested(
      HookCall call, PluginHandle handle, HostedPlugin plugin, Function<HookCall, R> body) {
    HookCall other = new HookCall(handle, plugin, call.rpc(), binder, call.time());
    CompletableFuture<R> answer = new CompletableFuture<>();
    Future<?> task;
    try {
      task =
          plugin
              .threads()
              .run(
                  () -> {
                    try {
                      answer.complete(body.apply(other));
                    } catch (Throwable thrown) {
                      if (FatalErrors.isFatal(thrown)) {
                        fatalErrors.fatal(thrown);
                      }
                      answer.completeExceptionally(thrown);
                    }
                  });
    } catch (RejectedExecutionException e) {
      throw new PluginException(PluginException.Kind.UNAVAILABLE, "it is busy", e);
    }
    call.time().onOver(() -> task.cancel(true));
    try {
      Optional<Duration> remaining = call.time().remaining();
      return remaining.isPresent()
          ? answer.get(remaining.get().toNanos(), TimeUnit.NANOSECONDS)
          : answer.get();
    } catch (TimeoutException e) {
      throw new PluginException(PluginException.Kind.UNAVAILABLE, "it took too long", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PluginException(PluginException.Kind.UNAVAILABLE, "it was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof PluginException failure) {
        throw failure;
      }
      if (e.getCause() instanceof GuardViolation violation) {
        throw violation;
      }
      throw new PluginException(PluginException.Kind.INTERNAL, "it failed unexpectedly", e);
    }
  }

  /**
   * Runs a plugin's hook without any call that needs it, on that plugin's own threads, and waits.
   *
   * @param handle the plugin
   * @param plugin the plugin
   * @param rpc the RPC that such a hook belongs to
   * @param limit how long it may take
   * @param body does the work
   * @throws PluginException if the plugin is busy, fails or takes too long
   */
  public <R extends @Nullable Object> R ask(
      PluginHandle handle,
      HostedPlugin plugin,
      Rpc rpc,
      Duration limit,
      Function<HookCall, R> body) {
    HookTime time = new HookTime(Optional.of(limit));
    HookCall call = new HookCall(handle, plugin, rpc, binder, time);
    try {
      return nested(call, handle, plugin, body);
    } finally {
      time.end();
    }
  }

  /**
   * Lets an observer of the call's plugin watch, some time later and on a thread of its own.
   *
   * @param call the call it watches
   * @param observer its failure is logged; no answer depends on it
   */
  public void observe(HookCall call, Runnable observer) {
    call.plugin()
        .threads()
        .observe(
            () -> {
              try {
                observer.run();
              } catch (Throwable thrown) {
                if (FatalErrors.isFatal(thrown)) {
                  fatalErrors.fatal(thrown);
                }
                LOG.atWarn()
                    .addKeyValue("plugin", call.pluginName())
                    .addKeyValue("rpc", call.rpc().label())
                    .addKeyValue("cluster", call.clusterName())
                    .setCause(thrown)
                    .log("An observer failed; no answer depends on it");
              }
            });
  }

  private Optional<Duration> limit(PluginHandle handle, Rpc rpc) {
    Duration configured =
        handle
            .descriptor()
            .settings()
            .limits(properties.limits())
            .deadlines()
            .getOrDefault(rpc.key(), rpc.deadline());
    Deadline caller = Context.current().getDeadline();
    if (caller == null) {
      return configured.isZero() ? Optional.empty() : Optional.of(configured);
    }
    // A little less than the caller's, so that the caller reads why.
    Duration callers = Duration.ofNanos(caller.timeRemaining(TimeUnit.NANOSECONDS) / 10 * 9);
    return Optional.of(
        configured.isZero() || callers.compareTo(configured) < 0 ? callers : configured);
  }

  boolean answersNeutrally(HookCall call) {
    FailPolicy configured =
        call.handle().descriptor().settings().failPolicy().get(call.rpc().key());
    return switch (call.rpc().failure()) {
      case ALWAYS_FAIL -> false;
      case DECIDED_FAIL -> configured == FailPolicy.IGNORE;
      case DECIDED_IGNORE -> configured != FailPolicy.FAIL;
    };
  }

  void note(HookCall call, CallFailure failure, @Nullable Throwable cause, boolean neutral) {
    Status status = failure.status();
    call.handle()
        .failed(call.rpc().label(), call.clusterName(), String.valueOf(status.getDescription()));
    meters
        .counter(
            "howdah.hook.failures",
            "plugin",
            call.pluginName(),
            "rpc",
            call.rpc().label(),
            "kind",
            failure.kind(),
            "answered",
            neutral ? "neutral" : "error")
        .increment();
    if (cause instanceof GuardViolation violation) {
      violations.record(violation);
      return;
    }
    var line =
        LOG.atLevel(cause instanceof NotOffered ? Level.DEBUG : Level.WARN)
            .addKeyValue("plugin", call.pluginName())
            .addKeyValue("rpc", call.rpc().label())
            .addKeyValue("cluster", call.clusterName())
            .addKeyValue("kind", failure.kind())
            .addKeyValue("answered", neutral ? "neutral" : status.getCode());
    if (cause != null && (!failure.expected() || cause.getCause() != null)) {
      line = line.setCause(cause);
    }
    line.log("A hook failed: {}", status.getDescription());
  }

  ScheduledExecutorService timer() {
    return timer;
  }

  FatalErrors fatalErrors() {
    return fatalErrors;
  }
}
