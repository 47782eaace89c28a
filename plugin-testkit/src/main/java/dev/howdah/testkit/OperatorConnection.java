package dev.howdah.testkit;

import com.google.protobuf.MessageLite;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The two ways to a plugin: TCP with mutual TLS, where the operator comes from, and the plugin's
 * Unix socket, where the instance manager comes from.
 */
final class OperatorConnection implements AutoCloseable {

  /** The operator's own limit for a call over TCP; over sockets it has none. */
  static final int CALL_SECONDS = 30;

  private final EventLoopGroup eventLoop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("howdah-testkit", true), NioIoHandler.newFactory());
  private final ManagedChannel operator;
  private final ManagedChannel instance;

  /**
   * Prepares; connects with the first call.
   *
   * @param address the host's TCP address
   * @param pluginName server name and authority, as the operator has it
   * @param tls folder of the client's and the server's certificates
   * @param socket the plugin's socket
   */
  OperatorConnection(InetSocketAddress address, String pluginName, Path tls, Path socket) {
    try {
      operator =
          NettyChannelBuilder.forAddress(address)
              .channelType(NioSocketChannel.class)
              .eventLoopGroup(eventLoop)
              .sslContext(
                  GrpcSslContexts.configure(
                          GrpcSslContexts.forClient()
                              .keyManager(
                                  tls.resolve("client.crt").toFile(),
                                  tls.resolve("client.key").toFile())
                              .trustManager(tls.resolve("server.crt").toFile()),
                          SslProvider.JDK)
                      .protocols("TLSv1.3")
                      .build())
              .overrideAuthority(pluginName)
              .build();
    } catch (IOException e) {
      throw new UncheckedIOException("The development certificates can't be used.", e);
    }
    instance =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
            .eventLoopGroup(eventLoop)
            .usePlaintext()
            .overrideAuthority("localhost")
            .build();
  }

  /** From the operator. */
  ManagedChannel operator() {
    return operator;
  }

  /** From the instance manager. */
  ManagedChannel instance() {
    return instance;
  }

  /** Makes a call; an error is the test's failure, with its consequence. */
  static <T> T call(OperatorCall call, Supplier<T> exchange) {
    try {
      return exchange.get();
    } catch (StatusRuntimeException e) {
      throw new OperatorCallFailure(call, e);
    }
  }

  /**
   * Makes a call twice; a different answer the second time is the test's failure.
   *
   * @param why what a changing answer does
   */
  static <T extends MessageLite> T callTwice(OperatorCall call, String why, Supplier<T> exchange) {
    T first = call(call, exchange);
    T second = call(call, exchange);
    if (!Arrays.equals(Bytes.of(first), Bytes.of(second))) {
      throw new AssertionError(
          "%s isn't deterministic: asked the same twice, it answered%n  %s%nand then%n  %s%nThe consequence: %s."
              .formatted(call.label(), Bytes.text(first), Bytes.text(second), why));
    }
    return first;
  }

  @Override
  public void close() {
    operator.shutdownNow();
    instance.shutdownNow();
    eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2000);
  }
}
