package dev.howdah.host.listen;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.Socket;
import java.security.KeyStore;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** TLS clients, as raw sockets and as gRPC channels. */
final class TlsClients {
  private TlsClients() {}

  static ManagedChannel channel(
      TestHost host, TestCertificate client, X509Certificate serverRoot, String serverName) {
    try {
      SslContextBuilder tls =
          GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
              .trustManager(serverRoot)
              .protocols("TLSv1.3")
              .keyManager(client.keys().getPrivate(), client.chain());
      return host.opened(
          NettyChannelBuilder.forAddress("127.0.0.1", host.port())
              .overrideAuthority(serverName)
              .sslContext(tls.build())
              .build());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static SSLContext context(@Nullable TestCertificate client, X509Certificate serverRoot) {
    try {
      KeyManager[] keys = client == null ? new KeyManager[0] : keyManagers(client);
      return context(keys, serverRoot);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  static SSLContext context(KeyManager[] keys, X509Certificate serverRoot) throws Exception {
    KeyStore roots = KeyStore.getInstance("PKCS12");
    roots.load(null, null);
    roots.setCertificateEntry("root", serverRoot);
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(roots);
    TrustManager[] trustManagers = trust.getTrustManagers();
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, trustManagers, null);
    return context;
  }

  static KeyManager[] keyManagers(TestCertificate client) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    keys.setKeyEntry("client", client.keys().getPrivate(), new char[0], client.chain());
    KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(keys, new char[0]);
    return factory.getKeyManagers();
  }

  static SSLSocket connect(SSLContext context, int port, String serverName) throws IOException {
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(serverName)));
    parameters.setApplicationProtocols(new String[] {"h2"});
    socket.setSSLParameters(parameters);
    socket.setSoTimeout(20_000);
    return socket;
  }

  /** Notes which issuers the server says it accepts. */
  static final class AskedIssuers extends X509ExtendedKeyManager {
    private final X509ExtendedKeyManager keys;
    volatile int asked = -1;

    AskedIssuers(X509ExtendedKeyManager keys) {
      this.keys = keys;
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      asked = issuers == null ? 0 : issuers.length;
      return keys.chooseClientAlias(types, issuers, socket);
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return keys.getClientAliases(type, issuers);
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return keys.getServerAliases(type, issuers);
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      return keys.chooseServerAlias(type, issuers, socket);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return keys.getCertificateChain(alias);
    }

    @Override
    public java.security.PrivateKey getPrivateKey(String alias) {
      return keys.getPrivateKey(alias);
    }
  }
}
