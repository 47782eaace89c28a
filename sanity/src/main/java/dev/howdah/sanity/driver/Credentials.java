package dev.howdah.sanity.driver;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The certificate that a connection shows, or none. It is always shown when there is one, whatever
 * issuers the server says it accepts, so that one check alone speaks about that list.
 */
public final class Credentials {
  private static final String ALIAS = "client";

  private final List<X509Certificate> chain;
  private final @Nullable PrivateKey key;
  private volatile Principal[] acceptedIssuers = new Principal[0];

  private Credentials(List<X509Certificate> chain, @Nullable PrivateKey key) {
    this.chain = chain;
    this.key = key;
  }

  /** Shows no certificate. */
  public static Credentials none() {
    return new Credentials(List.of(), null);
  }

  /**
   * Reads certificate and key.
   *
   * @param cert PEM file, leaf first
   * @param key PEM file, PKCS#8, PKCS#1 or SEC1
   * @throws UndecidedException if either can't be read
   */
  public static Credentials of(Path cert, Path key) {
    return new Credentials(certificates(cert), privateKey(key));
  }

  /** A certificate that no authority of the target has signed. */
  public static Credentials stranger() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      X500Principal name = new X500Principal("CN=stranger");
      X509Certificate certificate =
          new JcaX509CertificateConverter()
              .getCertificate(
                  new JcaX509v3CertificateBuilder(
                          name,
                          BigInteger.valueOf(System.nanoTime()),
                          Date.from(Instant.now().minus(Duration.ofHours(1))),
                          Date.from(Instant.now().plus(Duration.ofDays(1))),
                          name,
                          pair.getPublic())
                      .build(
                          new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
      return new Credentials(List.of(certificate), pair.getPrivate());
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new UndecidedException("no certificate can be made here: " + e.getMessage());
    }
  }

  /**
   * Reads all certificates of a PEM file.
   *
   * @param file PEM file
   * @throws UndecidedException if it can't be read
   */
  public static List<X509Certificate> certificates(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      Collection<?> all = CertificateFactory.getInstance("X.509").generateCertificates(in);
      return all.stream().map(X509Certificate.class::cast).toList();
    } catch (IOException | GeneralSecurityException e) {
      throw new UndecidedException("certificates of " + file + " can't be read: " + e.getMessage());
    }
  }

  private static PrivateKey privateKey(Path file) {
    try (Reader reader = Files.newBufferedReader(file);
        PEMParser parser = new PEMParser(reader)) {
      Object found = parser.readObject();
      while (found != null) {
        if (found instanceof PEMKeyPair pair) {
          return new JcaPEMKeyConverter().getKeyPair(pair).getPrivate();
        }
        if (found instanceof PrivateKeyInfo info) {
          return new JcaPEMKeyConverter().getPrivateKey(info);
        }
        found = parser.readObject();
      }
      throw new UndecidedException("no private key in " + file);
    } catch (IOException e) {
      throw new UndecidedException("key " + file + " can't be read: " + e.getMessage());
    }
  }

  /** What is shown, leaf first; empty for none. */
  public List<X509Certificate> chain() {
    return chain;
  }

  /** Issuers that the server named when it last asked for a certificate. */
  public List<Principal> acceptedIssuers() {
    return List.of(acceptedIssuers);
  }

  X509ExtendedKeyManager keyManager() {
    return new X509ExtendedKeyManager() {
      @Override
      public @Nullable String chooseClientAlias(
          String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
        acceptedIssuers = issuers == null ? new Principal[0] : issuers.clone();
        return key == null ? null : ALIAS;
      }

      @Override
      public @Nullable String chooseEngineClientAlias(
          String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return chooseClientAlias(types, issuers, null);
      }

      @Override
      public X509Certificate[] getCertificateChain(String alias) {
        return chain.toArray(X509Certificate[]::new);
      }

      @Override
      public @Nullable PrivateKey getPrivateKey(String alias) {
        return key;
      }

      @Override
      public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
        return key == null ? null : new String[] {ALIAS};
      }

      @Override
      public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
        return null;
      }

      @Override
      public @Nullable String chooseServerAlias(
          String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
      }
    };
  }
}
