package dev.howdah.host.call;

import com.google.protobuf.Message;
import dev.howdah.host.audit.AuditEntry;
import dev.howdah.host.audit.AuditReceipt;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Puts every routed call into the audit trail when it ends, and holds its answer back until the
 * trail says that it may leave: under a durable rule only once the record is on disk. All calls of
 * the protocol are unary, so what is held is one message.
 */
final class AuditStep implements ServerInterceptor {

  private final CallRecords records;

  /** Makes the step. */
  AuditStep(CallRecords records) {
    this.records = records;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    CallScope scope = CallScope.KEY.get();
    if (scope == null) {
      return next.startCall(call, headers);
    }
    HeldCall<Q, A> held = new HeldCall<>(call, scope);
    return new SimpleForwardingServerCallListener<>(next.startCall(held, headers)) {
      @Override
      public void onMessage(Q message) {
        held.request = message;
        super.onMessage(message);
      }

      @Override
      public void onCancel() {
        held.cancelled();
        super.onCancel();
      }
    };
  }

  private final class HeldCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final CallScope scope;
    private final String id = AuditId.current();
    private final Instant time = Instant.now();
    private final long begin = System.nanoTime();
    private final AtomicBoolean recorded = new AtomicBoolean();
    private volatile @Nullable Q request;
    private @Nullable Metadata headers;
    private @Nullable A answer;

    HeldCall(ServerCall<Q, A> call, CallScope scope) {
      super(call);
      this.scope = scope;
    }

    @Override
    public void sendHeaders(Metadata sent) {
      headers = sent;
    }

    @Override
    public void sendMessage(A message) {
      answer = message;
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (!recorded.compareAndSet(false, true)) {
        super.close(status, trailers);
        return;
      }
      AuditReceipt receipt = records.keep(entry(status.getCode()));
      var unused =
          receipt
              .answerable()
              .whenComplete(
                  (nothing, failure) -> {
                    if (failure == null) {
                      release(status, trailers);
                    } else {
                      super.close(CallRecords.UNWRITTEN, new Metadata());
                    }
                  });
    }

    private void release(Status status, Metadata trailers) {
      if (headers != null) {
        super.sendHeaders(headers);
        if (answer != null) {
          super.sendMessage(answer);
        }
      }
      super.close(status, trailers);
    }

    void cancelled() {
      if (recorded.compareAndSet(false, true)) {
        var unused = records.keep(entry(Status.Code.CANCELLED));
      }
    }

    private AuditEntry entry(Status.Code code) {
      AuditEntry.Builder entry =
          records.entry(scope, id, getMethodDescriptor(), time, System.nanoTime() - begin, code);
      if (request instanceof Message message) {
        AuditedMessage asked = new AuditedMessage(message);
        asked.describe(entry);
        entry.request(asked::json);
      }
      if (answer instanceof Message message) {
        entry.response(new AuditedMessage(message)::json);
      }
      return entry.build();
    }
  }
}
