package dev.howdah.host.call;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * Third step: refuses requests that aren't the message they should be. gRPC by itself would answer
 * {@code UNKNOWN}, which blames the plugin. Needs services whose messages are decoded behind the
 * interceptors: {@link io.grpc.ServerInterceptors#useInputStreamMessages}.
 */
final class DecodeStep implements ServerInterceptor {

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      private boolean refused;

      @Override
      public void onMessage(Q message) {
        try {
          super.onMessage(message);
        } catch (StatusRuntimeException undecodable) {
          refused = true;
          call.close(
              Status.INVALID_ARGUMENT
                  .withDescription(
                      "%s can't be called like this: the request is not a valid message."
                          .formatted(call.getMethodDescriptor().getFullMethodName()))
                  .withCause(undecodable),
              new Metadata());
        }
      }

      @Override
      public void onHalfClose() {
        if (!refused) {
          super.onHalfClose();
        }
      }
    };
  }
}
