package dev.howdah.sanity.driver;

import dev.howdah.sanity.Target;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to a target with the authority, server name and certificate that the operator's
 * gRPC library would use, or with wrong ones on purpose.
 */
public final class Endpoint implements AutoCloseable {
  /** What grpc-go accepts unless told otherwise. */
  private static final int MESSAGE_LIMIT = 4 * 1024 * 1024;

  /** What the kernel's address structure holds, less the closing zero byte. */
  private static final int SOCKET_PATH_LIMIT = 107;

  private final Target target;
  private final Duration timeout;
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private @Nullable Path link;

  /**
   * Prepares to dial.
   *
   * @param target where the plugin listens
   * @param timeout limit for each call
   */
  public Endpoint(Target target, Duration timeout) {
    this.target = target;
    this.timeout = timeout;
  }

  /** One more connection, as the operator would open it. */
  public Wire open() {
    return switch (target) {
      case Target.Socket socket -> overSocket(socket, "localhost");
      case Target.Tcp tcp ->
          overTcp(tcp, Credentials.of(tcp.cert(), tcp.key()), tcp.serverName(), tcp.serverName());
    };
  }

  /**
   * A connection over TCP that differs from the operator's.
   *
   * @param credentials what to show, perhaps nothing
   * @param serverName TLS server name to ask for
   * @param authority {@code :authority} to send
   */
  public Wire open(Credentials credentials, String serverName, String authority) {
    if (target instanceof Target.Tcp tcp) {
      return overTcp(tcp, credentials, serverName, authority);
    }
    throw new UndecidedException("the target is a Unix socket");
  }

  private Wire overSocket(Target.Socket socket, String authority) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(reachable(socket.path())))
            .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
            .eventLoopGroup(loops)
            .overrideAuthority(authority)
            // gRPC sets it for every connection; a Unix socket lacks it and warns each time.
            .withOption(ChannelOption.SO_KEEPALIVE, null)
            .usePlaintext()
            .disableRetry()
            .maxInboundMessageSize(MESSAGE_LIMIT)
            .build();
    return new Wire(channel, timeout);
  }

  private Wire overTcp(
      Target.Tcp tcp, Credentials credentials, String serverName, String authority) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(new InetSocketAddress(tcp.host(), tcp.port()))
            .channelType(NioSocketChannel.class, InetSocketAddress.class)
            .eventLoopGroup(loops)
            .overrideAuthority(authority)
            .sslContext(tls(credentials, serverName))
            .disableRetry()
            .maxInboundMessageSize(MESSAGE_LIMIT)
            .build();
    return new Wire(channel, timeout);
  }

  private static SslContext tls(Credentials credentials, String serverName) {
    try {
      SslContext plain =
          GrpcSslContexts.configure(
                  SslContextBuilder.forClient().keyManager(credentials.keyManager()),
                  SslProvider.JDK)
              .trustManager(new AnyServer())
              .protocols("TLSv1.3", "TLSv1.2")
              .build();
      return new DelegatingSslContext(plain) {
        @Override
        protected void initEngine(SSLEngine engine) {
          SSLParameters parameters = engine.getSSLParameters();
          parameters.setServerNames(
              isAddress(serverName) ? List.of() : List.of(new SNIHostName(serverName)));
          engine.setSSLParameters(parameters);
        }
      };
    } catch (IOException e) {
      throw new UndecidedException("TLS can't be set up: " + e.getMessage());
    }
  }

  /** Go sends no server name for an address. */
  static boolean isAddress(String name) {
    return name.indexOf(':') >= 0 || name.matches("[0-9.]+");
  }

  /**
   * A path short enough for the kernel: the given one, or one through a link to its folder. So a
   * path that is too long stays one finding and does not hide all others.
   */
  private Path reachable(Path socket) {
    if (socket.toString().length() <= SOCKET_PATH_LIMIT) {
      return socket;
    }
    try {
      if (link == null) {
        link = Files.createTempDirectory("sanity").resolve("s");
        Files.createSymbolicLink(link, socket.toAbsolutePath().getParent());
      }
      return link.resolve(socket.getFileName());
    } catch (IOException e) {
      throw new UndecidedException("no link to the socket's folder: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS);
    if (link != null) {
      try {
        Files.deleteIfExists(link);
        Files.deleteIfExists(link.toAbsolutePath().getParent());
      } catch (IOException e) {
        // A link left behind in the temporary folder harms nobody.
        link = null;
      }
    }
  }
}
