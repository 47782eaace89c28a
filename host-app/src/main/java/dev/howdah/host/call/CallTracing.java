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

  /**
   * The host itself begins to ask a plugin, for a webhook's review or for wishes: a trace of its
   * own.
   *
   * @param plugin the plugin's name
   * @param service who asks, in place of a gRPC service's name
   * @param method what is asked
   */
  CallSpan begin(String plugin, String service, String method);

  /** One call's span. Thread-safe. */
  interface CallSpan {

    /** Nobody looks. */
    CallSpan NONE =
        new CallSpan() {
          @Override
          public String traceId() {
            return "";
          }

          @Override
          public String spanId() {
            return "";
          }

          @Override
          public void cluster(String name) {}

          @Override
          public void end(Status status) {}
        };

    /** The trace's id as it is written, 32 hexadecimal digits; empty if there is no trace. */
    String traceId();

    /** The span's id as it is written, 16 hexadecimal digits; empty if there is no trace. */
    String spanId();

    /** The call is about this Cluster, {@code namespace/name}. */
    void cluster(String name);

    /** The call was answered. */
    void end(Status status);

    /** What the host asked for was answered. */
    default void answered() {
      end(Status.OK);
    }

    /**
     * What the host asked for failed.
     *
     * @param why the reason, as messages give it
     */
    default void failed(String why) {
      end(Status.UNAVAILABLE.withDescription(why));
    }
  }
}
