package dev.howdah.sanity.driver;

import dev.howdah.sanity.Target;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

/**
 * What one bare TLS handshake showed.
 *
 * @param protocol the version agreed on, such as {@code TLSv1.3}
 * @param application the application protocol agreed on, empty for none
 * @param chain the server's certificates, leaf first
 * @param acceptedIssuers issuers that the server says it accepts from clients
 */
public record Handshake(
    String protocol,
    String application,
    List<X509Certificate> chain,
    List<Principal> acceptedIssuers) {
  private static final int TIMEOUT_MILLIS = 5_000;

  /** Keeps the lists from changing afterwards. */
  public Handshake {
    chain = List.copyOf(chain);
    acceptedIssuers = List.copyOf(acceptedIssuers);
  }

  /**
   * Shakes hands and hangs up.
   *
   * @param tcp where, and as whom
   * @param protocols TLS versions to offer
   * @throws IOException if the handshake fails
   */
  public static Handshake with(Target.Tcp tcp, String... protocols) throws IOException {
    Credentials credentials = Credentials.of(tcp.cert(), tcp.key());
    try (Socket plain = new Socket()) {
      plain.connect(new InetSocketAddress(tcp.host(), tcp.port()), TIMEOUT_MILLIS);
      plain.setSoTimeout(TIMEOUT_MILLIS);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          new KeyManager[] {credentials.keyManager()}, new TrustManager[] {new AnyServer()}, null);
      try (SSLSocket socket =
          (SSLSocket)
              context.getSocketFactory().createSocket(plain, tcp.serverName(), tcp.port(), true)) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setProtocols(protocols);
        parameters.setApplicationProtocols(new String[] {"h2"});
        if (!Endpoint.isAddress(tcp.serverName())) {
          parameters.setServerNames(List.of(new SNIHostName(tcp.serverName())));
        }
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        String application = socket.getApplicationProtocol();
        Certificate[] peer = socket.getSession().getPeerCertificates();
        return new Handshake(
            socket.getSession().getProtocol(),
            application == null ? "" : application,
            Arrays.stream(peer).map(X509Certificate.class::cast).toList(),
            credentials.acceptedIssuers());
      }
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }
}
