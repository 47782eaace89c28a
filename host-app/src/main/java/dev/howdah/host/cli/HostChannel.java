package dev.howdah.host.cli;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import dev.howdah.proto.identity.GetPluginMetadataRequest;
import dev.howdah.proto.identity.IdentityGrpc;
import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One connection to a running host. */
final class HostChannel implements AutoCloseable {

  private final HostTarget target;
  private final Duration timeout;
  private final EventLoopGroup eventLoop;
  private final ManagedChannel channel;

  private HostChannel(
      HostTarget target, Duration timeout, EventLoopGroup eventLoop, ManagedChannel channel) {
    this.target = target;
    this.timeout = timeout;
    this.eventLoop = eventLoop;
    this.channel = channel;
  }

  /**
   * Connects, which includes the TLS handshake and the host's first HTTP/2 frame, so that a refused
   * client certificate shows here and not as the first call's failure.
   *
   * @param timeout for connecting, and for each call afterwards
   * @throws CommandFailure if no connection comes about, with the reason
   */
  static HostChannel connect(HostTarget target, Duration timeout) {
    NettyChannelBuilder builder =
        switch (target) {
          case HostTarget.Tcp tcp -> tcp(tcp);
          case HostTarget.Socket socket -> socket(socket);
        };
    EventLoopGroup eventLoop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("howdah-cli", true), NioIoHandler.newFactory());
    HostChannel host =
        new HostChannel(target, timeout, eventLoop, builder.eventLoopGroup(eventLoop).build());
    try {
      host.awaitConnection();
    } catch (RuntimeException refused) {
      host.close();
      throw refused;
    }
    return host;
  }

  /**
   * Makes one call and waits for its answer.
   *
   * @throws StatusRuntimeException if the answer is an error
   */
  DynamicMessage call(MethodDescriptor method, DynamicMessage request) {
    return ClientCalls.blockingUnaryCall(
        channel,
        ProtocolMethods.grpc(method),
        CallOptions.DEFAULT.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS),
        request);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static NettyChannelBuilder tcp(HostTarget.Tcp tcp) {
    requireFile(tcp.trusted(), "server certificate to trust", "--ca");
    requireFile(tcp.certificate(), "client certificate", "--cert");
    requireFile(tcp.key(), "client key", "--key");
    SslContext tls;
    try {
      tls =
          GrpcSslContexts.configure(
                  GrpcSslContexts.forClient()
                      .keyManager(tcp.certificate().toFile(), tcp.key().toFile())
                      .trustManager(tcp.trusted().toFile()),
                  SslProvider.JDK)
              .protocols("TLSv1.3")
              .build();
    } catch (IOException | IllegalArgumentException unusable) {
      throw CommandFailure.usage(
          "The certificates can't be used (%s, %s, %s): %s. They must be PEM, the key unencrypted."
              .formatted(
                  tcp.trusted(), tcp.certificate(), tcp.key(), innermost(unusable).getMessage()));
    }
    return NettyChannelBuilder.forAddress(tcp.address().orThisMachine(), tcp.address().port())
        .channelType(NioSocketChannel.class)
        .sslContext(tls)
        .overrideAuthority(tcp.serverName());
  }

  private static void requireFile(Path file, String what, String flag) {
    if (!Files.isReadable(file)) {
      throw CommandFailure.usage(
          "There is no %s %s. `howdah serve` issues development ones on its first start; name its"
                  .formatted(what, file)
              + " folder with --home, or the file with %s.".formatted(flag));
    }
  }

  private static NettyChannelBuilder socket(HostTarget.Socket socket) {
    if (!Files.exists(socket.file())) {
      throw CommandFailure.cannotConnect(
          "There is no socket %s; the folder has %s. Is the host running, and with this --home?"
              .formatted(socket.file(), socketNames(socket.file().toAbsolutePath().getParent())));
    }
    return NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket.file()))
        .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
        .usePlaintext()
        // What grpc-go sends over any Unix socket.
        .overrideAuthority("localhost");
  }

  private static String socketNames(@Nullable Path folder) {
    if (folder == null || !Files.isDirectory(folder)) {
      return "no sockets, since there is no such folder";
    }
    try (Stream<Path> files = Files.list(folder)) {
      String names =
          files
              .map(file -> file.getFileName().toString())
              .sorted()
              .collect(Collectors.joining(", "));
      return names.isEmpty() ? "no sockets" : names;
    } catch (IOException unreadable) {
      return "an unreadable content";
    }
  }

  private void awaitConnection() {
    long deadline = System.nanoTime() + timeout.toNanos();
    ConnectivityState state = channel.getState(true);
    while (state == ConnectivityState.IDLE || state == ConnectivityState.CONNECTING) {
      CountDownLatch changed = new CountDownLatch(1);
      channel.notifyWhenStateChanged(state, changed::countDown);
      if (!await(changed, deadline - System.nanoTime())) {
        throw CommandFailure.cannotConnect(
            "No answer over %s within %s ms; is that the host's address, and is a firewall between?"
                .formatted(target, timeout.toMillis()));
      }
      state = channel.getState(true);
    }
    if (state != ConnectivityState.READY) {
      throw CommandFailure.cannotConnect(ConnectionProblem.explain(target, reason()));
    }
  }

  /**
   * Only a failed call tells why there is no connection; this one changes nothing if it succeeds.
   */
  private Throwable reason() {
    try {
      IdentityGrpc.newBlockingStub(channel)
          .withDeadlineAfter(timeout)
          .getPluginMetadata(GetPluginMetadataRequest.getDefaultInstance());
      return new IOException("the first attempt to connect failed, a second one did not");
    } catch (StatusRuntimeException failed) {
      Status status = failed.getStatus();
      Throwable cause = status.getCause();
      return cause == null ? new IOException(status.getDescription()) : cause;
    }
  }

  private static boolean await(CountDownLatch latch, long nanos) {
    try {
      return latch.await(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static Throwable innermost(Throwable failure) {
    Throwable innermost = failure;
    while (innermost.getCause() != null && innermost.getCause() != innermost) {
      innermost = innermost.getCause();
    }
    return innermost;
  }
}
