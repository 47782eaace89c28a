package dev.howdah.host.call;

import dev.howdah.host.call.CallTracing.CallSpan;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicBoolean;

/** Gives every routed call a span, which travels in the gRPC context. */
final class TraceStep implements ServerInterceptor {

  private static final Context.Key<CallSpan> KEY =
      Context.keyWithDefault("howdah-span", CallSpan.NONE);

  private final CallTracing tracing;

  TraceStep(CallTracing tracing) {
    this.tracing = tracing;
  }

  /** The span of the call that the current thread works on. */
  static CallSpan current() {
    return KEY.get();
  }

  /** A context in which a span is the current one. */
  static Context in(Context context, CallSpan span) {
    return context.withValue(KEY, span);
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    CallScope scope = CallScope.KEY.get();
    if (scope == null) {
      return next.startCall(call, headers);
    }
    CallSpan span = tracing.begin(scope, headers);
    AtomicBoolean ended = new AtomicBoolean();
    ServerCall<Q, A> traced =
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            end(span, status, ended);
            super.close(status, trailers);
          }
        };
    return new SimpleForwardingServerCallListener<>(
        Contexts.interceptCall(in(Context.current(), span), traced, headers, next)) {
      @Override
      public void onCancel() {
        end(span, Status.CANCELLED, ended);
        super.onCancel();
      }
    };
  }

  private static void end(CallSpan span, Status status, AtomicBoolean ended) {
    if (ended.compareAndSet(false, true)) {
      span.end(status);
    }
  }
}
