package dev.howdah.host.call;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Third step: refuses requests that aren't the message they should be, and records them, since
 * {@link AuditStep} sees decoded calls only. gRPC by itself would answer {@code UNKNOWN}, which
 * blames the plugin. Needs services whose messages are decoded behind the interceptors: {@link
 * io.grpc.ServerInterceptors#useInputStreamMessages}.
 */
final class DecodeStep implements ServerInterceptor {

  private final Optional<CallRecords> records;

  /**
   * Makes the step.
   *
   * @param records keeps what was refused; empty for none
   */
  DecodeStep(Optional<CallRecords> records) {
    this.records = records;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Instant time = Instant.now();
    long begin = System.nanoTime();
    CallScope scope = CallScope.KEY.get();
    String id = AuditId.current();
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      private boolean refused;

      @Override
      public void onMessage(Q message) {
        try {
          super.onMessage(message);
        } catch (StatusRuntimeException undecodable) {
          refused = true;
          Status status =
              Status.INVALID_ARGUMENT
                  .withDescription(
                      "%s can't be called like this: the request is not a valid message."
                          .formatted(call.getMethodDescriptor().getFullMethodName()))
                  .withCause(undecodable);
          var unused =
              recorded(status.getCode())
                  .whenComplete(
                      (nothing, failure) ->
                          call.close(
                              failure == null ? status : CallRecords.UNWRITTEN, new Metadata()));
        }
      }

      private CompletionStage<Void> recorded(Status.Code code) {
        if (records.isEmpty() || scope == null) {
          return CompletableFuture.completedStage(null);
        }
        CallRecords kept = records.get();
        return kept.keep(
                kept.entry(
                        scope,
                        id,
                        call.getMethodDescriptor(),
                        time,
                        System.nanoTime() - begin,
                        code)
                    .detail("problem", "the request is not a valid message")
                    .build())
            .answerable();
      }

      @Override
      public void onHalfClose() {
        if (!refused) {
          super.onHalfClose();
        }
      }

      @Override
      public void onCancel() {
        // It is recorded already, and nothing behind this step has begun.
        if (refused) {
          super.onComplete();
        } else {
          super.onCancel();
        }
      }
    };
  }
}
