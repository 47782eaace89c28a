package dev.howdah.host.testing;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.proto.identity.GetPluginCapabilitiesRequest;
import dev.howdah.proto.identity.GetPluginCapabilitiesResponse;
import dev.howdah.proto.identity.GetPluginMetadataRequest;
import dev.howdah.proto.identity.GetPluginMetadataResponse;
import dev.howdah.proto.identity.IdentityGrpc;
import dev.howdah.proto.identity.ProbeRequest;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Dials a host as the operator does: over TCP with the development certificates and the plugin's
 * name as server name, over a socket with the authority {@code localhost}. Thread-safe.
 */
public final class HostClient implements AutoCloseable {

  /** Names the plugin for tools. */
  public static final Metadata.Key<String> HEADER =
      Metadata.Key.of("howdah-plugin", Metadata.ASCII_STRING_MARSHALLER);

  private final EmbeddedHost host;
  private final Path tls;
  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("host-client", true), NioIoHandler.newFactory());
  private final List<ManagedChannel> channels = new CopyOnWriteArrayList<>();

  /** Makes a client that has no connection yet. */
  public HostClient(EmbeddedHost host) {
    this(host, host.tlsFile("ca.crt").getParent().getParent());
  }

  /**
   * Makes a client with the certificates of another host.
   *
   * @param host the host to dial
   * @param home the folder whose {@code tls} holds the certificates
   */
  public HostClient(EmbeddedHost host, Path home) {
    this.host = host;
    this.tls = home.resolve("tls");
  }

  /** A new TCP connection whose server name and authority are both the given name. */
  public ManagedChannel tcp(String serverName) {
    return tcp(serverName, context -> context.trustManager(tls.resolve("ca.crt").toFile()));
  }

  /**
   * A new TCP connection that doesn't care who answers, so that a test can send a server name that
   * differs from the authorities of its calls.
   */
  public ManagedChannel carelessTcp(String serverName) {
    return tcp(serverName, context -> context.trustManager(new TrustsEverybody()));
  }

  private ManagedChannel tcp(String serverName, UnaryOperator<SslContextBuilder> trust) {
    try {
      SslContext context =
          trust
              .apply(GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK))
              .protocols("TLSv1.3")
              .keyManager(tls.resolve("client.crt").toFile(), tls.resolve("client.key").toFile())
              .build();
      return open(
          NettyChannelBuilder.forAddress("127.0.0.1", host.tcpAddress().getPort())
              .channelType(NioSocketChannel.class)
              .sslContext(new Naming(context, serverName))
              .overrideAuthority(serverName));
    } catch (SSLException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A new connection over a plugin's socket. */
  public ManagedChannel socket(String pluginName) {
    return socket(host.socket(pluginName));
  }

  /** A new connection over a socket file. */
  public ManagedChannel socket(Path file) {
    return open(
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(file))
            .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
            // Sockets of this kind don't know it.
            .withOption(ChannelOption.SO_KEEPALIVE, null)
            .usePlaintext()
            .overrideAuthority("localhost"));
  }

  /** The same connection with the {@code howdah-plugin} header on each call. */
  public static Channel naming(String plugin, Channel channel) {
    Metadata headers = new Metadata();
    headers.put(HEADER, plugin);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private ManagedChannel open(NettyChannelBuilder builder) {
    ManagedChannel channel =
        builder.eventLoopGroup(loop).maxInboundMessageSize(16 * 1024 * 1024).build();
    channels.add(channel);
    return channel;
  }

  /** Who answers. */
  public static GetPluginMetadataResponse metadata(Channel channel) {
    return IdentityGrpc.newBlockingStub(channel)
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .getPluginMetadata(GetPluginMetadataRequest.getDefaultInstance());
  }

  /**
   * What the operator does with a new connection: reads metadata and capabilities, and probes.
   *
   * @throws StatusRuntimeException as soon as a call fails
   */
  public static Loaded load(Channel channel) {
    IdentityGrpc.IdentityBlockingStub identity =
        IdentityGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    GetPluginMetadataResponse metadata =
        identity.getPluginMetadata(GetPluginMetadataRequest.getDefaultInstance());
    GetPluginCapabilitiesResponse capabilities =
        identity.getPluginCapabilities(GetPluginCapabilitiesRequest.getDefaultInstance());
    Loaded loaded =
        new Loaded(
            metadata,
            capabilities.getCapabilitiesList().stream()
                .map(capability -> capability.getService().getType().name())
                .toList());
    loaded.services().forEach(service -> Protocol.getCapabilities(channel, service));
    identity.probe(ProbeRequest.getDefaultInstance());
    return loaded;
  }

  /**
   * A loaded plugin.
   *
   * @param metadata who it is
   * @param services names of the services it declares, such as {@code TYPE_WAL_SERVICE}
   */
  public record Loaded(GetPluginMetadataResponse metadata, List<String> services) {}

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    for (ManagedChannel channel : channels) {
      try {
        channel.awaitTermination(5, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** Sends names without a dot, too, as Go does and the JDK doesn't by itself. */
  private static final class Naming extends DelegatingSslContext {
    private final String serverName;

    Naming(SslContext context, String serverName) {
      super(context);
      this.serverName = serverName;
    }

    @Override
    protected void initEngine(SSLEngine engine) {
      if (!serverName.matches("[0-9.]+|.*:.*")) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(serverName)));
        engine.setSSLParameters(parameters);
      }
    }
  }

  private static final class TrustsEverybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
