package dev.howdah.host.listen;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Watches one connection until it is one: the TLS handshake done, where there is TLS, and the first
 * HTTP/2 frame begun. gRPC's own server lets a client stay silent for ever after the handshake.
 *
 * <p>First in the pipeline, it sees the connection open before any byte is read. All of it runs on
 * the connection's event loop.
 */
final class Establishment extends ChannelInboundHandlerAdapter {
  private static final byte[] MAGIC =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** The header of the SETTINGS frame that must follow the magic has 9 bytes. */
  private static final int PREFACE_BYTES = MAGIC.length + 9;

  private final ConnectionGate gate;
  private final Duration timeout;
  private @Nullable Future<?> alarm;
  private volatile @Nullable ChannelHandlerContext context;
  private volatile @Nullable RefusedConnection givenUp;
  private boolean decided;

  Establishment(ConnectionGate gate, Duration timeout) {
    this.gate = gate;
    this.timeout = timeout;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    RefusedConnection refused = givenUp;
    if (refused != null) {
      giveUp(ctx, refused.reason(), refused.detail());
      return;
    }
    long millis = timeout.toMillis();
    String late = "no HTTP/2 within %d ms".formatted(millis);
    alarm =
        ctx.executor()
            .schedule(() -> giveUp(ctx, Refusal.TIMEOUT, late), millis, TimeUnit.MILLISECONDS);
    ctx.fireChannelActive();
    // gRPC has put its TLS handler in place by now, if the listener has one.
    ChannelHandlerContext tls = ctx.pipeline().context(SslHandler.class);
    if (tls == null) {
      ctx.pipeline().addAfter(ctx.name(), null, new PrefaceWatch(ctx));
      return;
    }
    ctx.pipeline().addAfter(tls.name(), null, new PrefaceWatch(ctx));
    SslHandler handler = (SslHandler) tls.handler();
    handler.handshakeFuture().addListener(handshake -> handshakeEnded(ctx, handler, handshake));
  }

  private void handshakeEnded(ChannelHandlerContext ctx, SslHandler tls, Future<?> handshake) {
    if (!handshake.isSuccess()) {
      RefusedConnection refused = RefusedConnection.of(handshake.cause());
      refuse(ctx, refused.reason(), refused.detail());
    } else if (!ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol())) {
      refuse(ctx, Refusal.PROTOCOL, "the client did not offer h2 by ALPN");
    }
  }

  /**
   * Closes the connection, unless it is established by now. From any thread; at once, while to
   * close the channel itself would have gRPC wait for the client's good-bye.
   */
  void giveUp(Refusal reason, String detail) {
    givenUp = new RefusedConnection(reason, detail);
    ChannelHandlerContext ctx = context;
    // Without a context its event loop does not know the connection yet; see channelActive.
    if (ctx != null) {
      ctx.executor().execute(() -> giveUp(ctx, reason, detail));
    }
  }

  private void giveUp(ChannelHandlerContext ctx, Refusal reason, String detail) {
    if (!decided) {
      refuse(ctx, reason, detail);
      ctx.close();
    }
  }

  private void refuse(ChannelHandlerContext ctx, Refusal reason, String detail) {
    if (!decided) {
      decide();
      gate.refused(ctx.channel(), reason, detail);
    }
  }

  private void decide() {
    decided = true;
    if (alarm != null) {
      alarm.cancel(false);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    refuse(ctx, Refusal.ABORTED, "the client hung up");
    ctx.fireChannelInactive();
  }

  /** Counts plain bytes, that is those after TLS. */
  private final class PrefaceWatch extends ChannelInboundHandlerAdapter {
    private final ChannelHandlerContext establishment;
    private int seen;

    private PrefaceWatch(ChannelHandlerContext establishment) {
      this.establishment = establishment;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof ByteBuf bytes && !take(bytes)) {
        bytes.release();
        giveUp(establishment, Refusal.PROTOCOL, "the client did not speak HTTP/2");
        return;
      }
      if (seen >= PREFACE_BYTES) {
        decide();
        gate.established(Establishment.this);
        ctx.pipeline().remove(this);
        ctx.pipeline().remove(Establishment.this);
      }
      ctx.fireChannelRead(message);
    }

    /** Whether these bytes can go on an HTTP/2 preface. */
    private boolean take(ByteBuf bytes) {
      for (int i = bytes.readerIndex(); i < bytes.writerIndex() && seen < PREFACE_BYTES; i++) {
        // What follows the magic is gRPC's to judge; here it counts only that it came.
        if (seen < MAGIC.length && bytes.getByte(i) != MAGIC[seen]) {
          return false;
        }
        seen++;
      }
      return true;
    }
  }
}
