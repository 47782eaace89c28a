package dev.howdah.host.listen;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 over TLS 1.3 for callers that aren't gRPC's: the API server's admission reviews. Limits
 * connections, bodies and times, takes certificates anew without a restart, and lets requests in
 * flight finish when it stops.
 */
public final class HttpsListener implements AutoCloseable {
  private static final String NAME = "https";
  private static final Duration CERTIFICATE_CHECK = Duration.ofSeconds(10);
  private static final Duration FAREWELL = Duration.ofSeconds(1);
  private static final AttributeKey<HttpsConnection> CONNECTION =
      AttributeKey.valueOf(HttpsListener.class, "connection");

  private final HttpsOptions options;
  private final HttpsExchange exchange;
  private final ListenEvents events;
  private final RefusalLog refusals = new RefusalLog(NAME);
  private final ChannelGroup connections =
      new DefaultChannelGroup("https-connections", GlobalEventExecutor.INSTANCE, true);
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("howdah-https", true), NioIoHandler.newFactory());
  private final Supplier<SslContext> contexts;
  private final @Nullable ReloadingTls tls;
  private @Nullable Channel server;

  private HttpsListener(HttpsOptions options, HttpsExchange exchange, ListenEvents events) {
    this.options = options;
    this.exchange = exchange;
    this.events = events;
    switch (options.tls()) {
      case HttpsTls.Files files -> {
        ReloadingTls reloading =
            new ReloadingTls(
                files.files(), new TlsMaterial.Use.Https(), InstantSource.system(), events);
        this.tls = reloading;
        this.contexts = reloading::forHandshake;
      }
      case HttpsTls.Contexts given -> {
        this.tls = null;
        this.contexts = given.contexts();
      }
    }
  }

  /**
   * Listens.
   *
   * @param options where and how
   * @param exchange answers requests
   * @param events told of refused connections and of certificates
   * @throws ListenException if the certificate cannot be used or the address cannot be bound
   */
  public static HttpsListener start(
      HttpsOptions options, HttpsExchange exchange, ListenEvents events) {
    HttpsListener listener = new HttpsListener(options, exchange, events);
    try {
      listener.bind();
      return listener;
    } catch (RuntimeException e) {
      listener.end();
      throw e;
    }
  }

  private void bind() {
    InetSocketAddress address = options.socketAddress();
    if (address.isUnresolved()) {
      throw new ListenException(
          "Cannot listen on %s: its host name is unknown. Correct howdah.admission.address."
              .formatted(options.address()));
    }
    var bound =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(new Accept())
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new ListenException(
          "Cannot listen on %s: %s. Stop whoever uses it, or choose another with howdah.admission.address."
              .formatted(options.address(), bound.cause().getMessage()),
          bound.cause());
    }
    server = bound.channel();
    ReloadingTls reloading = tls;
    if (reloading != null) {
      long interval = CERTIFICATE_CHECK.toMillis();
      loops.scheduleWithFixedDelay(reloading::refresh, interval, interval, TimeUnit.MILLISECONDS);
    }
  }

  /** Takes a connection, or closes it if there are too many. */
  private final class Accept extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      if (connections.size() >= options.maxConnections()) {
        refused(
            channel,
            Refusal.TOO_MANY_CONNECTIONS,
            "all %d connections are in use".formatted(options.maxConnections()));
        channel.close();
        return;
      }
      connections.add(channel);
      HttpsConnection connection = new HttpsConnection(options, exchange, channel);
      channel.attr(CONNECTION).set(connection);
      SslHandler handler = contexts.get().newHandler(channel.alloc());
      handler.setHandshakeTimeoutMillis(options.requestTimeout().toMillis());
      handler
          .handshakeFuture()
          .addListener(handshake -> handshakeEnded(channel, connection, handshake));
      channel.pipeline().addLast(handler);
      connection.addTo(channel.pipeline());
    }
  }

  private void handshakeEnded(Channel channel, HttpsConnection connection, Future<?> handshake) {
    if (handshake.isSuccess()) {
      connection.begin();
      return;
    }
    RefusedConnection refused = RefusedConnection.of(handshake.cause());
    refused(channel, refused.reason(), refused.detail());
    channel.close();
  }

  private void refused(Channel channel, Refusal reason, String detail) {
    events.refused(NAME, reason);
    String client =
        channel.remoteAddress() instanceof InetSocketAddress address
            ? address.getAddress().getHostAddress()
            : "unknown";
    refusals.log(reason, client, detail);
  }

  /** Where it listens, with its real port. */
  public InetSocketAddress address() {
    if (server == null) {
      throw new IllegalStateException("This listener has no address.");
    }
    return (InetSocketAddress) server.localAddress();
  }

  /** The certificate in use, if it comes from files. */
  public Optional<TlsStatus> tls() {
    return Optional.ofNullable(tls).map(ReloadingTls::status);
  }

  /**
   * Takes no new connection and no new request; requests in flight may finish.
   *
   * @param grace how long these may take; then their connections are closed
   */
  public void stop(Duration grace) {
    if (server != null) {
      server.close().awaitUninterruptibly();
    }
    connections.forEach(
        channel -> {
          HttpsConnection connection = channel.attr(CONNECTION).get();
          if (connection != null) {
            connection.close();
          }
        });
    connections.newCloseFuture().awaitUninterruptibly(grace.toMillis());
    end();
  }

  private void end() {
    connections.close();
    loops.shutdownGracefully(0, FAREWELL.toMillis(), TimeUnit.MILLISECONDS).awaitUninterruptibly();
  }

  /** Stops without waiting. */
  @Override
  public void close() {
    stop(Duration.ZERO);
  }
}
