package dev.howdah.host.listen;

import io.netty.handler.ssl.SslContext;
import java.util.function.Supplier;

/** Where an HTTPS listener's certificate comes from. */
public sealed interface HttpsTls {

  /**
   * From files, which are read again when they change.
   *
   * @param files certificate and key; trusted clients only if clients have to show a certificate
   */
  record Files(TlsFiles files) implements HttpsTls {}

  /**
   * From somebody else, who keeps it current.
   *
   * @param contexts gives the context of each new connection; must not block
   */
  record Contexts(Supplier<SslContext> contexts) implements HttpsTls {}
}
