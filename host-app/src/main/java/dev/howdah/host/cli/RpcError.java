package dev.howdah.host.cli;

import io.grpc.StatusRuntimeException;

/**
 * An error that a call ended with.
 *
 * @param code the gRPC status code's name
 * @param message what the other side said; empty if nothing
 */
record RpcError(String code, String message) {

  static RpcError of(StatusRuntimeException failure) {
    String description = failure.getStatus().getDescription();
    return new RpcError(
        failure.getStatus().getCode().name(), description == null ? "" : description);
  }

  @Override
  public String toString() {
    return message.isEmpty() ? code : code + ": " + message;
  }
}
