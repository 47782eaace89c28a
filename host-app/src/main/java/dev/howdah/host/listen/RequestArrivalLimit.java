package dev.howdah.host.listen;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ends calls whose one request does not arrive in time. Without it, a client that stops in the
 * middle of a request, and sent no deadline, holds the call for as long as the connection lives.
 */
final class RequestArrivalLimit implements ServerInterceptor {
  private final Duration limit;
  private final ScheduledExecutorService timer;

  RequestArrivalLimit(Duration limit, ScheduledExecutorService timer) {
    this.limit = limit;
    this.timer = timer;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (!call.getMethodDescriptor().getType().clientSendsOneMessage()) {
      return next.startCall(call, headers);
    }
    CloseOnce<Q, A> closeOnce = new CloseOnce<>(call);
    return new Arrival<>(closeOnce, next.startCall(closeOnce, headers));
  }

  /** The alarm and the service may want to close the call at the same moment. */
  private static final class CloseOnce<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final AtomicBoolean closed = new AtomicBoolean();

    private CloseOnce(ServerCall<Q, A> call) {
      super(call);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (closed.compareAndSet(false, true)) {
        super.close(status, trailers);
      }
    }
  }

  private final class Arrival<Q> extends SimpleForwardingServerCallListener<Q> {
    private final AtomicBoolean decided = new AtomicBoolean();
    private final ScheduledFuture<?> alarm;

    private Arrival(ServerCall<Q, ?> call, ServerCall.Listener<Q> next) {
      super(next);
      this.alarm = timer.schedule(() -> giveUp(call), limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void giveUp(ServerCall<Q, ?> call) {
      if (decided.compareAndSet(false, true)) {
        call.close(
            Status.DEADLINE_EXCEEDED.withDescription(
                "The request did not arrive within %d ms; nothing was done with it."
                    .formatted(limit.toMillis())),
            new Metadata());
      }
    }

    private boolean decide() {
      alarm.cancel(false);
      return decided.compareAndSet(false, true);
    }

    @Override
    public void onHalfClose() {
      if (decide()) {
        super.onHalfClose();
      }
    }

    @Override
    public void onCancel() {
      decide();
      super.onCancel();
    }

    @Override
    public void onComplete() {
      decide();
      super.onComplete();
    }
  }
}
