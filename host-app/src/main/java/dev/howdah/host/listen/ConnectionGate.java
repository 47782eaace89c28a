package dev.howdah.host.listen;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the open connections of one listener.
 *
 * <p>Anybody who reaches the port can open connections, only those with a certificate get through
 * the handshake; so when all places are taken, the oldest connection that is still at its handshake
 * makes room. The operator gets in while somebody else floods the port.
 */
@Sharable
final class ConnectionGate extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionGate.class);

  private final String listener;
  private final int maxConnections;
  private final Duration handshakeTimeout;
  private final ListenEvents events;
  private final RefusalLog refusals;

  /** Guarded by itself; in the order of arrival. */
  private final Set<Establishment> atHandshake = new LinkedHashSet<>();

  /** Guarded by {@link #atHandshake}. */
  private int open;

  ConnectionGate(
      String listener, int maxConnections, Duration handshakeTimeout, ListenEvents events) {
    this.listener = listener;
    this.maxConnections = maxConnections;
    this.handshakeTimeout = handshakeTimeout;
    this.events = events;
    this.refusals = new RefusalLog(listener);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    Channel connection = (Channel) message;
    Establishment establishment = new Establishment(this, handshakeTimeout);
    if (!admit(establishment)) {
      refused(connection, Refusal.TOO_MANY_CONNECTIONS, crowded());
      // Not registered with an event loop yet, so there is nothing to close in an orderly way.
      connection.unsafe().closeForcibly();
      return;
    }
    connection.closeFuture().addListener(_ -> closed(establishment));
    connection.pipeline().addLast(establishment);
    ctx.fireChannelRead(connection);
  }

  private boolean admit(Establishment newcomer) {
    synchronized (atHandshake) {
      if (open >= maxConnections && !evictOldest()) {
        return false;
      }
      open++;
      atHandshake.add(newcomer);
      return true;
    }
  }

  private boolean evictOldest() {
    Iterator<Establishment> oldest = atHandshake.iterator();
    if (!oldest.hasNext()) {
      return false;
    }
    oldest.next().giveUp(Refusal.TOO_MANY_CONNECTIONS, crowded());
    oldest.remove();
    return true;
  }

  private String crowded() {
    return "all %d connections are in use".formatted(maxConnections);
  }

  void established(Establishment establishment) {
    synchronized (atHandshake) {
      atHandshake.remove(establishment);
    }
  }

  private void closed(Establishment establishment) {
    synchronized (atHandshake) {
      atHandshake.remove(establishment);
      open--;
    }
  }

  /** Connections that are open now, those at their handshake included. */
  int open() {
    synchronized (atHandshake) {
      return open;
    }
  }

  void refused(Channel connection, Refusal reason, String detail) {
    events.refused(listener, reason);
    refusals.log(reason, client(connection), detail);
  }

  /** Without the port, which is another one each time. */
  private static String client(Channel connection) {
    return connection.remoteAddress() instanceof InetSocketAddress client
        ? client.getAddress().getHostAddress()
        : "local";
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.atWarn()
        .addKeyValue("listener", listener)
        .addKeyValue("problem", cause.toString())
        .log("Could not accept a connection");
    ctx.fireExceptionCaught(cause);
  }
}
