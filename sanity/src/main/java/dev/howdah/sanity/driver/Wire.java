package dev.howdah.sanity.driver;

import dev.howdah.proto.backup.BackupGrpc;
import dev.howdah.proto.identity.IdentityGrpc;
import dev.howdah.proto.lifecycle.OperatorLifecycleGrpc;
import dev.howdah.proto.metrics.MetricsGrpc;
import dev.howdah.proto.operator.OperatorGrpc;
import dev.howdah.proto.postgres.PostgresGrpc;
import dev.howdah.proto.reconciler.ReconcilerHooksGrpc;
import dev.howdah.proto.restorejob.RestoreJobHooksGrpc;
import dev.howdah.proto.wal.WALGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * One connection to a plugin. The stubs put the time limit on each call; all methods may be called
 * from several threads.
 */
public final class Wire implements AutoCloseable {
  private final ManagedChannel channel;
  private final Duration timeout;

  Wire(ManagedChannel channel, Duration timeout) {
    this.channel = channel;
    this.timeout = timeout;
  }

  /** Calls to Identity. */
  public IdentityGrpc.IdentityBlockingStub identity() {
    return limited(IdentityGrpc.newBlockingStub(channel));
  }

  /** Calls to Operator. */
  public OperatorGrpc.OperatorBlockingStub operator() {
    return limited(OperatorGrpc.newBlockingStub(channel));
  }

  /** Calls to OperatorLifecycle. */
  public OperatorLifecycleGrpc.OperatorLifecycleBlockingStub lifecycle() {
    return limited(OperatorLifecycleGrpc.newBlockingStub(channel));
  }

  /** Calls to WAL. */
  public WALGrpc.WALBlockingStub wal() {
    return limited(WALGrpc.newBlockingStub(channel));
  }

  /** Calls to Backup. */
  public BackupGrpc.BackupBlockingStub backup() {
    return limited(BackupGrpc.newBlockingStub(channel));
  }

  /** Calls to ReconcilerHooks. */
  public ReconcilerHooksGrpc.ReconcilerHooksBlockingStub reconciler() {
    return limited(ReconcilerHooksGrpc.newBlockingStub(channel));
  }

  /** Calls to RestoreJobHooks. */
  public RestoreJobHooksGrpc.RestoreJobHooksBlockingStub restore() {
    return limited(RestoreJobHooksGrpc.newBlockingStub(channel));
  }

  /** Calls to Postgres. */
  public PostgresGrpc.PostgresBlockingStub postgres() {
    return limited(PostgresGrpc.newBlockingStub(channel));
  }

  /** Calls to Metrics. */
  public MetricsGrpc.MetricsBlockingStub metrics() {
    return limited(MetricsGrpc.newBlockingStub(channel));
  }

  private <S extends io.grpc.stub.AbstractStub<S>> S limited(S stub) {
    return stub.withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Sends bytes as they are.
   *
   * @param method full name, such as {@code cnpgi.identity.v1.Identity/Probe}
   * @param request the message's bytes, well-formed or not
   * @return the answer's bytes
   */
  public byte[] raw(String method, byte[] request) {
    return ClientCalls.blockingUnaryCall(
        channel,
        bytes(method),
        CallOptions.DEFAULT.withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS),
        request);
  }

  /**
   * Starts a call and leaves it to the caller to go on with it. No deadline is set.
   *
   * @param method full name
   * @param headers what to send before the message
   * @param listener told what comes back
   */
  public ClientCall<byte[], byte[]> begin(
      String method, Metadata headers, ClientCall.Listener<byte[]> listener) {
    ClientCall<byte[], byte[]> call =
        // As a stream, so that the headers leave at once and do not wait for the message.
        channel.newCall(
            bytes(method).toBuilder().setType(MethodDescriptor.MethodType.CLIENT_STREAMING).build(),
            CallOptions.DEFAULT);
    call.start(listener, headers);
    call.request(1);
    return call;
  }

  /** The bare channel, for calls that the stubs here don't cover. */
  public Channel channel() {
    return channel;
  }

  /** Whether the connection is up, without bringing it up. */
  public ConnectivityState state() {
    return channel.getState(false);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private static MethodDescriptor<byte[], byte[]> bytes(String method) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(method)
        .setRequestMarshaller(Bytes.INSTANCE)
        .setResponseMarshaller(Bytes.INSTANCE)
        .build();
  }

  private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
    INSTANCE;

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try (stream) {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
