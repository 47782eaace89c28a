package dev.howdah.host.listen;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;

/** Gives gRPC's server, which takes one context for its life, a current one per connection. */
final class ReloadingSslContext extends SslContext {
  private final ReloadingTls tls;

  ReloadingSslContext(ReloadingTls tls) {
    this.tls = tls;
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator allocator) {
    return TlsProviders.withoutResumption(tls.forHandshake().newEngine(allocator));
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator allocator, String peerHost, int peerPort) {
    return TlsProviders.withoutResumption(
        tls.forHandshake().newEngine(allocator, peerHost, peerPort));
  }

  @Override
  public boolean isClient() {
    return false;
  }

  @Override
  public List<String> cipherSuites() {
    return tls.current().cipherSuites();
  }

  @Override
  public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
    return tls.current().applicationProtocolNegotiator();
  }

  @Override
  public SSLSessionContext sessionContext() {
    return tls.current().sessionContext();
  }
}
