package dev.howdah.host.call;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** Counts and times every routed call, by plugin, service, method and status code. */
final class MeterStep implements ServerInterceptor {

  private record Key(String plugin, String service, String method, Status.Code code) {}

  /**
   * From a cached answer to the operator's own limit of 30 s; few, since they come for every plugin
   * and method.
   */
  private static final Duration[] BUCKETS =
      Stream.of(1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000)
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final MeterRegistry meters;
  private final ConcurrentMap<Key, Timer> timers = new ConcurrentHashMap<>();

  MeterStep(MeterRegistry meters) {
    this.meters = meters;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    CallScope scope = CallScope.KEY.get();
    if (scope == null) {
      return next.startCall(call, headers);
    }
    long begin = System.nanoTime();
    AtomicBoolean recorded = new AtomicBoolean();
    ServerCall.Listener<Q> listener =
        next.startCall(
            new SimpleForwardingServerCall<>(call) {
              @Override
              public void close(Status status, Metadata trailers) {
                record(scope, status.getCode(), begin, recorded);
                super.close(status, trailers);
              }
            },
            headers);
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onCancel() {
        record(scope, Status.Code.CANCELLED, begin, recorded);
        super.onCancel();
      }
    };
  }

  private void record(CallScope scope, Status.Code code, long begin, AtomicBoolean recorded) {
    if (recorded.compareAndSet(false, true)) {
      timers
          .computeIfAbsent(
              new Key(scope.plugin().name(), scope.service(), scope.method(), code), this::timer)
          .record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
    }
  }

  private Timer timer(Key key) {
    return Timer.builder("howdah.calls")
        .description("Calls of hosted plugins")
        .tag("plugin", key.plugin())
        .tag("service", key.service())
        .tag("method", key.method())
        .tag("code", key.code().name())
        .serviceLevelObjectives(BUCKETS)
        .register(meters);
  }
}
