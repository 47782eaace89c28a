package dev.howdah.host.call;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicBoolean;

/** Counts and times every routed call, by plugin, service, method and status code. */
final class MeterStep implements ServerInterceptor {

  private final CallTimers timers;

  MeterStep(CallTimers timers) {
    this.timers = timers;
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
      timers.record(
          scope.plugin().name(), scope.service(), scope.method(), code, System.nanoTime() - begin);
    }
  }
}
