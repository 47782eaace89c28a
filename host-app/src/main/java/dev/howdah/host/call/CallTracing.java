package dev.howdah.host.call;

import io.grpc.Metadata;
import io.grpc.Status;

/** Where traces of calls go. Thread-safe. */
public interface CallTracing {

  /**
   * A call begins.
   *
   * @param scope which call
   * @param headers its headers, which may say which trace it belongs to
   */
  CallSpan begin(CallScope scope, Metadata headers);

  /** One call's span. Thread-safe. */
  interface CallSpan {

    /** Nobody looks. */
    CallSpan NONE =
        new CallSpan() {
          @Override
          public void cluster(String name) {}

          @Override
          public void end(Status status) {}
        };

    /** The call is about this Cluster, {@code namespace/name}. */
    void cluster(String name);

    /** The call was answered. */
    void end(Status status);
  }
}
