package dev.howdah.host.cli;

import io.netty.handler.ssl.NotSslRecordException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says in words why a connection failed and what to do about it. */
final class ConnectionProblem {

  private ConnectionProblem() {}

  static String explain(HostTarget target, Throwable failure) {
    List<Throwable> causes = causes(failure);
    return switch (target) {
      case HostTarget.Socket socket ->
          ("Nothing answers on %s (%s). A socket left behind by a host that was killed looks like "
                  + "this; start the host with `howdah serve`.")
              .formatted(socket.file(), text(causes));
      case HostTarget.Tcp tcp -> explainTcp(tcp, causes);
    };
  }

  private static String explainTcp(HostTarget.Tcp tcp, List<Throwable> causes) {
    if (has(causes, UnknownHostException.class)) {
      return "The name of %s isn't known (%s); check --address."
          .formatted(tcp.address(), text(causes));
    }
    if (has(causes, ConnectException.class)) {
      return ("Nothing listens on %s. Start the host with `howdah serve`, or name its address "
              + "with --address.")
          .formatted(tcp.address());
    }
    if (has(causes, NotSslRecordException.class)) {
      return "What listens on %s doesn't speak TLS; is that the gRPC port?"
          .formatted(tcp.address());
    }
    String text = text(causes);
    if (text.contains("subject alternative")) {
      return ("The certificate of %s doesn't name %s. Its DNS names must hold every plugin's name;"
              + " issue it anew, or give a name that it has with --server-name.")
          .formatted(tcp.address(), tcp.serverName());
    }
    if (has(causes, CertificateExpiredException.class)) {
      return "The certificate of %s has expired (%s).".formatted(tcp.address(), text);
    }
    if (has(causes, CertificateException.class)) {
      return ("The certificate of %s isn't one that %s trusts (%s). Is that this host's "
              + "certificate? See --home and --ca.")
          .formatted(tcp.address(), tcp.trusted(), text);
    }
    if (has(causes, SSLException.class)) {
      return "TLS with %s failed (%s). It may not accept the client certificate %s; see --cert."
          .formatted(tcp.address(), text, tcp.certificate());
    }
    return ("%s closed the connection before it was ready (%s). It may not accept the client "
            + "certificate %s, or not speak TLS 1.3; see --cert.")
        .formatted(tcp.address(), text, tcp.certificate());
  }

  private static boolean has(List<Throwable> causes, Class<? extends Throwable> type) {
    return causes.stream().anyMatch(type::isInstance);
  }

  private static String text(List<Throwable> causes) {
    String text = null;
    for (Throwable cause : causes) {
      text = cause.getMessage() == null ? text : cause.getMessage();
    }
    return text == null ? "no reason given" : text;
  }

  private static List<Throwable> causes(Throwable failure) {
    List<Throwable> causes = new ArrayList<>();
    for (@Nullable Throwable cause = failure;
        cause != null && !causes.contains(cause);
        cause = cause.getCause()) {
      causes.add(cause);
    }
    return causes;
  }
}
