package dev.howdah.host.listen;

import dev.howdah.host.config.TlsEngine;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLException;

/** One consistent reading of the certificate files, ready for handshakes. Immutable. */
final class TlsMaterial {
  private final List<PemFile> files;
  private final X509Certificate server;
  private final List<X509Certificate> trusted;
  private final SslContext context;

  /** What connections carry, and whose TLS it is. */
  sealed interface Use {
    /** What names the files, for whoever has to correct them. */
    String files();

    /** gRPC: HTTP/2 by ALPN. */
    record Grpc(TlsEngine engine) implements Use {
      @Override
      public String files() {
        return "the files of --server-cert, --server-key and --client-cert (howdah.grpc.tls)";
      }
    }

    /** HTTP/1.1, over few connections: always the JDK's TLS. */
    record Https() implements Use {
      @Override
      public String files() {
        return "the files of howdah.admission.tls (those of howdah.grpc.tls if it names none)";
      }
    }
  }

  private TlsMaterial(
      List<PemFile> files,
      X509Certificate server,
      List<X509Certificate> trusted,
      SslContext context) {
    this.files = files;
    this.server = server;
    this.trusted = trusted;
    this.context = context;
  }

  /**
   * Reads the files: certificate, key, and trusted clients if clients have to show a certificate.
   *
   * @throws TlsFileException if one cannot be read
   */
  static List<PemFile> files(TlsFiles paths) throws TlsFileException {
    List<PemFile> files = new ArrayList<>();
    for (Path path : paths.paths()) {
      files.add(file(path));
    }
    return List.copyOf(files);
  }

  /**
   * Checks the files' content.
   *
   * @param files as from {@link #files}
   * @param use what connections carry
   * @throws TlsFileException if one is malformed, or they do not fit together
   */
  static TlsMaterial of(List<PemFile> files, Use use, InstantSource clock) throws TlsFileException {
    PemFile certificate = files.get(0);
    PemFile key = files.get(1);
    List<X509Certificate> chain = certificate.certificates();
    PrivateKey privateKey = key.privateKey();
    requirePair(certificate, chain.getFirst().getPublicKey(), key, privateKey);
    List<X509Certificate> trusted = files.size() > 2 ? files.get(2).certificates() : List.of();
    return new TlsMaterial(
        files,
        chain.getFirst(),
        List.copyOf(trusted),
        context(use, chain, privateKey, trusted, clock));
  }

  private static PemFile file(Path path) throws TlsFileException {
    try {
      return new PemFile(path, Files.readAllBytes(path));
    } catch (IOException e) {
      throw new TlsFileException("Cannot read " + path + ": " + reason(e), e);
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "there is no such file.";
      case AccessDeniedException _ -> "permission denied.";
      default -> e.getMessage() + ".";
    };
  }

  /** Of two files that are replaced one after the other, the first may be new and the other old. */
  private static void requirePair(
      PemFile certificate, PublicKey publicKey, PemFile key, PrivateKey privateKey)
      throws TlsFileException {
    byte[] sample = {1, 2, 3};
    try {
      Signature signature = Signature.getInstance(signatureAlgorithm(publicKey.getAlgorithm()));
      signature.initSign(privateKey);
      signature.update(sample);
      byte[] signed = signature.sign();
      signature.initVerify(publicKey);
      signature.update(sample);
      if (signature.verify(signed)) {
        return;
      }
    } catch (GeneralSecurityException e) {
      // A key of another kind than the certificate's cannot sign or verify: not a pair either.
    }
    throw new TlsFileException(
        "The private key in %s does not belong to the first certificate in %s."
            .formatted(key.path(), certificate.path()));
  }

  private static String signatureAlgorithm(String keyAlgorithm) {
    return switch (keyAlgorithm) {
      case "EC" -> "SHA256withECDSA";
      case "RSA" -> "SHA256withRSA";
      default -> keyAlgorithm;
    };
  }

  private static SslContext context(
      Use use,
      List<X509Certificate> chain,
      PrivateKey key,
      List<X509Certificate> trusted,
      InstantSource clock)
      throws TlsFileException {
    try {
      SslContextBuilder builder =
          SslContextBuilder.forServer(key, chain.toArray(new X509Certificate[0]));
      switch (use) {
        case Use.Grpc(TlsEngine engine) ->
            GrpcSslContexts.configure(builder, TlsProviders.of(engine, chain.getFirst(), trusted));
        case Use.Https() -> builder.sslProvider(SslProvider.JDK);
      }
      if (!trusted.isEmpty()) {
        builder.clientAuth(ClientAuth.REQUIRE).trustManager(new ClientTrust(trusted, clock));
      }
      return builder.protocols("TLSv1.3").build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new TlsFileException("The server's certificate and key cannot be used for TLS.", e);
    }
  }

  SslContext context() {
    return context;
  }

  X509Certificate server() {
    return server;
  }

  List<X509Certificate> trusted() {
    return trusted;
  }

  boolean isMadeOf(List<PemFile> others) {
    for (int i = 0; i < files.size(); i++) {
      if (!Arrays.equals(files.get(i).content(), others.get(i).content())) {
        return false;
      }
    }
    return true;
  }
}
