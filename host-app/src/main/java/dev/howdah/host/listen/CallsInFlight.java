package dev.howdah.host.listen;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the calls that a listener is at, refused ones included: a stop waits for them. */
final class CallsInFlight extends ServerStreamTracer.Factory {
  private final AtomicInteger count = new AtomicInteger();

  @Override
  public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
    count.incrementAndGet();
    return new ServerStreamTracer() {
      @Override
      public void streamClosed(Status status) {
        count.decrementAndGet();
      }
    };
  }

  int count() {
    return count.get();
  }
}
