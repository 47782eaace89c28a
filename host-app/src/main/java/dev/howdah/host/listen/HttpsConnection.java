package dev.howdah.host.listen;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTPS connection after its handshake: takes one request after the other, each within its time
 * and size. All of it runs on the connection's event loop.
 */
final class HttpsConnection {
  private static final Logger LOG = LoggerFactory.getLogger(HttpsConnection.class);
  private static final int LONGEST_LINE = 4 * 1024;
  private static final int LONGEST_HEADERS = 16 * 1024;
  private static final int CHUNK = 64 * 1024;

  private enum State {
    /** Waits for a request's first byte. */
    IDLE,
    /** Waits for its last. */
    RECEIVING,
    /** The answer is being made. */
    ANSWERING
  }

  private final HttpsOptions options;
  private final HttpsExchange exchange;
  private final Channel channel;
  private State state = State.IDLE;
  private boolean closing;
  private io.netty.util.concurrent.@Nullable Future<?> alarm;

  HttpsConnection(HttpsOptions options, HttpsExchange exchange, Channel channel) {
    this.options = options;
    this.exchange = exchange;
    this.channel = channel;
  }

  /** Puts the steps of a request behind the TLS handler. */
  void addTo(ChannelPipeline pipeline) {
    pipeline
        .addLast(new FirstByte())
        .addLast(new HttpServerCodec(LONGEST_LINE, LONGEST_HEADERS, CHUNK))
        .addLast(new HttpServerKeepAliveHandler())
        .addLast(new HttpObjectAggregator(options.maxBodyBytes()))
        .addLast(new Answer());
  }

  /** The handshake is done. */
  void begin() {
    if (state == State.IDLE) {
      become(State.IDLE);
    }
  }

  /** Takes no further request; from any thread. */
  void close() {
    channel
        .eventLoop()
        .execute(
            () -> {
              closing = true;
              if (state == State.IDLE) {
                channel.close();
              }
            });
  }

  private void become(State next) {
    state = next;
    if (alarm != null) {
      alarm.cancel(false);
      alarm = null;
    }
    switch (next) {
      case IDLE -> closeAfter(options.idleTimeout());
      case RECEIVING -> closeAfter(options.requestTimeout());
      case ANSWERING -> {
        // Whoever makes the answer limits its time.
      }
    }
  }

  private void closeAfter(Duration limit) {
    alarm =
        channel
            .eventLoop()
            .schedule(() -> channel.close(), limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Sees plain bytes before they are a request. */
  private final class FirstByte extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (state == State.IDLE) {
        become(State.RECEIVING);
      }
      ctx.fireChannelRead(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (alarm != null) {
        alarm.cancel(false);
      }
      ctx.fireChannelInactive();
    }
  }

  /**
   * Has one request after the other answered. While it does nothing more is read, so that only what
   * had come already waits.
   */
  private final class Answer extends ChannelInboundHandlerAdapter {
    private final Queue<FullHttpRequest> waiting = new ArrayDeque<>();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (!(message instanceof FullHttpRequest request)) {
        ctx.fireChannelRead(message);
        return;
      }
      waiting.add(request);
      if (state != State.ANSWERING) {
        next(ctx);
      }
    }

    private void next(ChannelHandlerContext ctx) {
      FullHttpRequest request = waiting.poll();
      if (request == null) {
        become(State.IDLE);
        channel.config().setAutoRead(true);
        return;
      }
      channel.config().setAutoRead(false);
      become(State.ANSWERING);
      try {
        answer(ctx, request);
      } finally {
        request.release();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      waiting.forEach(FullHttpRequest::release);
      waiting.clear();
      ctx.fireChannelInactive();
    }

    private void answer(ChannelHandlerContext ctx, FullHttpRequest message) {
      if (!message.decoderResult().isSuccess()) {
        closing = true;
        send(ctx, HttpsExchange.Response.text(400, "This is not HTTP/1.1."));
        return;
      }
      CompletionStage<HttpsExchange.Response> answer;
      try {
        answer = exchange.answer(request(message));
      } catch (RuntimeException e) {
        failed(ctx, e);
        return;
      }
      var unused =
          answer.whenCompleteAsync(
              (response, failure) -> {
                if (failure == null) {
                  send(ctx, response);
                } else {
                  failed(ctx, failure);
                }
              },
              ctx.executor());
    }

    private void failed(ChannelHandlerContext ctx, Throwable failure) {
      LOG.atError().setCause(failure).log("A request over HTTPS could not be answered");
      send(ctx, HttpsExchange.Response.text(500, "The host's log has the details."));
    }

    private HttpsExchange.Request request(FullHttpRequest message) {
      String uri = message.uri();
      int mark = uri.indexOf('?');
      String contentType = message.headers().get(HttpHeaderNames.CONTENT_TYPE);
      return new HttpsExchange.Request(
          message.method().name(),
          mark < 0 ? uri : uri.substring(0, mark),
          mark < 0 ? "" : uri.substring(mark + 1),
          contentType == null ? "" : contentType,
          ByteBufUtil.getBytes(message.content()),
          client());
    }

    private void send(ChannelHandlerContext ctx, HttpsExchange.Response response) {
      FullHttpResponse message =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              HttpResponseStatus.valueOf(response.status()),
              Unpooled.wrappedBuffer(response.body()));
      message.headers().set(HttpHeaderNames.CONTENT_TYPE, response.contentType());
      message.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, response.body().length);
      response.headers().forEach(message.headers()::set);
      if (closing) {
        message.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
      }
      ctx.writeAndFlush(message)
          .addListener(
              (ChannelFutureListener)
                  sent -> {
                    if (!sent.isSuccess() || closing) {
                      sent.channel().close();
                    } else {
                      next(ctx);
                    }
                  });
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      LOG.atDebug().setCause(cause).log("An HTTPS connection broke");
      ctx.close();
    }
  }

  private String client() {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null && tls.engine().getNeedClientAuth()) {
      try {
        return tls.engine().getSession().getPeerPrincipal().getName();
      } catch (SSLPeerUnverifiedException e) {
        throw new IllegalStateException("A TLS connection has no verified client certificate.", e);
      }
    }
    return channel.remoteAddress() instanceof InetSocketAddress address
        ? address.getAddress().getHostAddress()
        : "unknown";
  }
}
