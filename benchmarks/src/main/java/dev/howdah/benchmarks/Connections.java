package dev.howdah.benchmarks;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/**
 * Client connections as the operator and an instance make them, with native TLS, since the
 * operator's is mostly assembler too and a client in Java would be what is measured.
 */
final class Connections {

  private static final EventLoopGroup LOOP =
      new MultiThreadIoEventLoopGroup(
          2, new DefaultThreadFactory("client", true), NioIoHandler.newFactory());

  private Connections() {}

  /** The client's side of mutual TLS, with the development certificates of a host. */
  static SslContext tls(Path certificates) {
    try {
      return GrpcSslContexts.configure(
              GrpcSslContexts.forClient()
                  .keyManager(
                      certificates.resolve("client.crt").toFile(),
                      certificates.resolve("client.key").toFile())
                  .trustManager(certificates.resolve("server.crt").toFile()),
              SslProvider.OPENSSL)
          .protocols("TLSv1.3")
          .build();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** Over TCP; connects with the first call. */
  static ManagedChannel tcp(InetSocketAddress address, SslContext tls, String authority) {
    return NettyChannelBuilder.forAddress("127.0.0.1", address.getPort())
        .channelType(NioSocketChannel.class)
        .eventLoopGroup(LOOP)
        .directExecutor()
        .sslContext(tls)
        .overrideAuthority(authority)
        .build();
  }

  /** Over a plugin's socket; connects with the first call. */
  static ManagedChannel socket(Path socket) {
    return NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
        .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
        .eventLoopGroup(LOOP)
        .directExecutor()
        .usePlaintext()
        .overrideAuthority("localhost")
        .build();
  }
}
